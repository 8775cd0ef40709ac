# shellcheck shell=sh
# For each line of input: runs a trivial program in fresh namespaces, then says so.
while read -r _; do
  unshare --pid --mount --ipc --uts --net --fork --mount-proc /bin/true && echo "done"
done
