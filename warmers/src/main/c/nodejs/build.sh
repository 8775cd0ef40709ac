#!/bin/sh
# Compiles the addon of Node.js functions into the directory given. What it calls of Node and libuv
# is found in the running node, so it is linked with the C library alone.
set -eu
out=$1
here=$(dirname "$0")
command -v gcc >/dev/null || {
  echo "gcc is missing: install it with './rekindle setup' or 'apt-get install gcc libc6-dev'" >&2
  exit 1
}
mkdir -p "$out"
if [ -e "$out/instance.node" ] && [ -z "$(find "$here" -newer "$out/instance.node" -type f)" ]; then
  exit 0
fi
gcc -std=gnu17 -D_GNU_SOURCE -O2 -Wall -Wextra -Werror -fPIC -shared -fvisibility=hidden \
  "$here"/*.c -o "$out/instance.node.new"
mv "$out/instance.node.new" "$out/instance.node"
