#!/bin/sh
# Compiles the JVM bootstrap's native calls into the directory given, against the JDK given.
set -eu
out=$1
jdk=$2
here=$(dirname "$0")
command -v gcc >/dev/null || {
  echo "gcc is missing: install it with './rekindle setup' or 'apt-get install gcc libc6-dev'" >&2
  exit 1
}
[ -e "$jdk/include/jvmti.h" ] || {
  echo "$jdk has no include/jvmti.h: install a JDK, 'apt-get install openjdk-17-jdk-headless'" >&2
  exit 1
}
mkdir -p "$out"
if [ -e "$out/librekindle.so" ] && [ -z "$(find "$here" -newer "$out/librekindle.so" -type f)" ]; then
  exit 0
fi
gcc -std=gnu17 -D_GNU_SOURCE -O2 -fPIC -shared -Wall -Wextra -Werror \
  -I"$jdk/include" -I"$jdk/include/linux" "$here"/*.c -o "$out/librekindle.so.new"
mv "$out/librekindle.so.new" "$out/librekindle.so"
