# shellcheck shell=sh
# Runs the function (the arguments, followed by its socket) as pid $FUNCTION_PID of a fresh pid namespace and, told to, dumps it.
set -eu
mount --bind "$BENCH/run" /run # CRIU caches what it finds out about the kernel here
echo $((FUNCTION_PID - 1)) >/proc/sys/kernel/ns_last_pid
cd "$BENCH/code"
setsid "$@" "$BENCH/function.sock" </dev/null >"$BENCH/function.log" 2>&1 &
function=$!
[ "$function" = "$FUNCTION_PID" ]
read -r _ || exit 0
"$CRIU" --no-default-config dump -t "$function" -D "$BENCH/images" -W "$BENCH" -v1 -o dump.log \
  --network-lock skip --manage-cgroups=ignore >/dev/null
