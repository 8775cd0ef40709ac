#!/bin/sh
# Compiles the sandbox daemon into the directory given; static, so that it runs below any root.
set -eu
out=$1
here=$(dirname "$0")
command -v gcc >/dev/null || {
  echo "gcc is missing: install it with './rekindle setup' or 'apt-get install gcc libc6-dev'" >&2
  exit 1
}
mkdir -p "$out"
if [ -e "$out/rekindle-sandboxd" ] && [ -z "$(find "$here" -newer "$out/rekindle-sandboxd" -type f)" ]; then
  exit 0
fi
gcc -std=gnu17 -D_GNU_SOURCE -O2 -Wall -Wextra -Werror -static "$here"/*.c -o "$out/rekindle-sandboxd.new"
mv "$out/rekindle-sandboxd.new" "$out/rekindle-sandboxd"
