#!/bin/sh
# Archives the classes that every Java function loads, for the JVM to map at each cold start.
#
# The JVM takes an archive only if the class path is, to the letter, that of the run that made it,
# and the jars have the same size and time. So both runs give it relative to the function's
# directory, both see the jars in the same place relative to that, and BootstrapFiles sets the time.
set -eu
java=$1   # the bootstrap's files: jars and library; the archive goes beside them
hello=$2  # a function to rehearse with
jdk=$3
work=$4
archive=$java/bootstrap.jsa
if [ -e "$archive" ] && [ -z "$(find "$java" "$0" -name bootstrap.jsa -prune -o -type f -newer "$archive" -print)" ]; then
  exit 0
fi
rm -rf "$work"
mkdir -p "$work/var/task" "$work/rekindle/runtime"
cp -r "$java" "$work/rekindle/runtime/java"
rm -f "$work/rekindle/runtime/java/bootstrap.jsa"
find "$work/rekindle/runtime/java" -type f -exec touch -d @1767225600 {} +
(cd "$work/var/task" && "$jdk/bin/jar" --extract --file "$hello")
cd "$work/var/task"
r=../../rekindle/runtime/java
env -i PATH=/usr/bin:/bin LANG=C.UTF-8 TZ=UTC REKINDLE_SOCKET="$(mktemp -u -t rehearsal.XXXXXX)" \
  _HANDLER=hello.Hello LAMBDA_TASK_ROOT="$work/var/task" AWS_LAMBDA_FUNCTION_VERSION=1 \
  "$jdk/bin/java" -XX:ArchiveClassesAtExit="$work/bootstrap.jsa" -Xlog:cds=error -Xlog:cds+dynamic=error \
  -XX:-UsePerfData -XX:+UseSerialGC -Dfile.encoding=UTF-8 \
  -cp "$r/warmers-bootstrap.jar:$r/aws-lambda-java-core.jar:$r/aws-lambda-java-serialization.jar" \
  dev.rekindle.warmers.jvm.Rehearsal "$work/rekindle/runtime/java/librekindle.so" 3>/dev/null
sed -n 's/^JAVA_RUNTIME_VERSION="\(.*\)"$/\1/p' "$jdk/release" >"$java/bootstrap.jdk"
mv "$work/bootstrap.jsa" "$archive"
