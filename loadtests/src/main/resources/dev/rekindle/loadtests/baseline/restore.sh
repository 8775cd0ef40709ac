# shellcheck shell=sh
# Makes all ready for a restore, says so, and on a line of input turns into CRIU.
set -eu
mount --bind "$BENCH/run" /run
cd "$WORK"
if [ "$LAZY" = 1 ]; then
  # Begun ahead, which the measured time leaves out: the best that plain CRIU can do.
  # Outside of the pid namespace, since CRIU takes any child of its own for the function.
  "$CRIU" --no-default-config lazy-pages -D "$BENCH/images" -W "$WORK" -v1 -o lazy-pages.log >lazy-pages.out 2>&1 &
  while [ ! -S lazy-pages.socket ]; do
    kill -0 $!
    sleep 0.01
  done
  set -- --lazy-pages
fi
# shellcheck disable=SC2016 # the inner shell's own
exec unshare --pid --fork --kill-child --mount-proc sh -euc '
  echo prepared
  read -r _ || exit 0
  exec "$CRIU" --no-default-config restore "$@" -D "$BENCH/images" -W "$WORK" -v1 -o restore.log \
    --network-lock skip --manage-cgroups=ignore --file-validation filesize >restore.out 2>&1
' sh "$@"
