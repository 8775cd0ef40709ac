#!/bin/sh
# Builds each folder here into NAME.zip as its author would: classes, and the jars it needs in lib.
set -eu
out=$1       # where the zips go
libraries=$2 # jars: those in a folder NAME go into NAME.zip, those in 'provided' into none
jdk=$3
work=$4
here=$(dirname "$0")
mkdir -p "$out"
for folder in "$here"/*/; do
  name=$(basename "$folder")
  if [ -e "$out/$name.zip" ] && [ -z "$(find "$folder" "$here/build.sh" -newer "$out/$name.zip" -type f)" ]; then
    continue
  fi
  rm -rf "${work:?}/$name"
  mkdir -p "$work/$name" "$libraries/$name"
  "$jdk/bin/javac" --release 17 -parameters -Xlint:all -Werror -d "$work/$name" \
    -cp "$(find "$libraries/provided" "$libraries/$name" -name '*.jar' | paste -sd:)" "$folder"*.java
  if [ -n "$(ls "$libraries/$name")" ]; then
    mkdir "$work/$name/lib"
    cp "$libraries/$name"/*.jar "$work/$name/lib"
  fi
  "$jdk/bin/jar" --create --no-manifest --file "$work/$name.zip" -C "$work/$name" .
  mv "$work/$name.zip" "$out/$name.zip"
done
