#!/usr/bin/env bash
#
# Brings the machine to a working state: checks it, installs packages, gets CRIU.
# Sourced by the launcher, which has say, fail, run_child, lock and WORK.

readonly PREFIX=/opt/rekindle
readonly OWN_CRIU=$PREFIX/criu/sbin/criu
readonly VERIFIED=$PREFIX/verified             # see verification_of
readonly LOG=/var/log/rekindle-setup.log
readonly RUNTIME_PACKAGES=(gcc libc6-dev python3)

# Older CRIUs know nothing of memory that the kernel may drop (MAP_DROPPABLE). They
# would restore the random state that C libraries keep there into every clone.
readonly CRIU_OLDEST=4.2
# Where to look for CRIU's source when the distribution's package is too old.
readonly CRIU_SUITES=(sid forky)
readonly CRIU_BUILD_PACKAGES=(
  xz-utils gcc libc6-dev make pkg-config
  libprotobuf-dev protobuf-compiler libprotobuf-c-dev protobuf-c-compiler
  libcap-dev libnet1-dev libnl-3-dev uuid-dev
)

CRIU=   # the CRIU to use
JAVA=   # the JDK's real path
NODE=   # the node to use
ELSEWHERE=() # options that turn apt to an index of our own

# Ends with the log's last lines and a sentence: the network's fault, or WHAT.
fail_with_log() { # WHAT
  tail -n 20 "$LOG" >&2
  if tail -n 200 "$LOG" | grep -qE 'Temporary failure resolving|Could not (resolve|connect)|Cannot initiate|Connection (failed|refused|timed out)|Network is unreachable'; then
    fail "$1: no network, this machine cannot reach its package mirrors. Full output: $LOG"
  fi
  fail "$1. Full output: $LOG"
}

# run_child with the output in the log: one line at the start, one at the end.
run_step() { # WHAT SECONDS COMMAND...
  local what=$1 expected=$2 began=$SECONDS
  shift 2
  say "$what (about $expected s) ..."
  printf '\n== %s: %s\n' "$what" "$*" >>"$LOG"
  run_child "$@" >>"$LOG" 2>&1 || return
  say "... done in $((SECONDS - began)) s"
}

# ---------------------------------------------------------------- what must be there

check_machine() {
  [[ $(uname -s) == Linux ]] || fail "Rekindle needs Linux; this is $(uname -s)."
  [[ $EUID == 0 ]] || fail "Rekindle needs root: it makes namespaces and runs CRIU. Try sudo."
  type -P apt-get >/dev/null || fail "Rekindle's setup needs Debian's apt-get, which is not here."
  [[ -e /proc/sys/kernel/ns_last_pid ]] ||
    fail "This kernel ($(uname -r)) was built without checkpoint/restore (CONFIG_CHECKPOINT_RESTORE)."
  [[ -e /proc/sys/vm/unprivileged_userfaultfd ]] ||
    fail "This kernel ($(uname -r)) was built without userfaultfd (CONFIG_USERFAULTFD)."
  find_java
  type -P mvn >/dev/null || fail "Maven is missing: apt-get install maven"
}

# Functions run under their own users: a program below /root is no use to them.
runs_for_everyone() { # PROGRAM
  setpriv --reuid=65534 --regid=65534 --clear-groups test -x "$1"
}

java_major() { # JAVA_HOME; from its release file, since asking Java costs 0.1 s
  sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release" 2>/dev/null || true
}

find_java() {
  local home on_path major seen=
  on_path=$(readlink -f "$(type -P javac)" || true)
  for home in "${JAVA_HOME:-}" "${on_path%/bin/javac}" /usr/lib/jvm/*; do
    [[ -n $home && -x $home/bin/javac ]] || continue
    JAVA=$(readlink -f "$home")
    major=$(java_major "$JAVA")
    if ((${major:-0} >= 17)) && runs_for_everyone "$JAVA/bin/java"; then
      export JAVA_HOME=$JAVA
      return
    fi
    [[ $seen == *"$JAVA ("* ]] || seen="$seen $JAVA (${major:-unknown})"
  done
  fail "A JDK of Java 17 or newer that every user may run is missing${seen:+, found only$seen}: apt-get install openjdk-17-jdk-headless"
}

# One that functions find in their sandboxes, which show these directories.
find_node() {
  local candidate
  for candidate in $(type -aP node nodejs) /usr/bin/node; do
    NODE=$(readlink -f "$candidate")
    if [[ $NODE == /usr/* || $NODE == /opt/* ]] && runs_for_everyone "$NODE"; then return 0; fi
  done
  NODE=
}

# ---------------------------------------------------------------- packages

missing_packages() { # PACKAGE...
  local installed package
  # shellcheck disable=SC2016 # dpkg's own variables
  installed=$(dpkg-query -W -f '${Package}=${db:Status-Status}\n' "$@" 2>/dev/null || true)
  for package; do
    [[ $'\n'$installed$'\n' == *$'\n'"$package=installed"$'\n'* ]] || printf '%s\n' "$package"
  done
}

# Once in a run. Its status does not count: a dead third-party source fails it,
# and whether what we need can be had shows in the next step.
INDEX_IS_FRESH=
refresh_index() {
  [[ -z $INDEX_IS_FRESH ]] || return 0
  INDEX_IS_FRESH=yes
  run_step "Reading the package index" 10 apt-get update -q || true
}

install_packages() { # PACKAGE...
  refresh_index
  DEBIAN_FRONTEND=noninteractive run_step "Installing $*" 60 \
    apt-get -o DPkg::Lock::Timeout=300 install -y -q --no-install-recommends "$@" ||
    fail_with_log "Cannot install $*"
}

install_if_missing() { # PACKAGE...
  local wanted
  mapfile -t wanted < <(missing_packages "$@")
  ((${#wanted[@]} == 0)) || install_packages "${wanted[@]}"
}

install_runtimes() {
  local wanted
  mapfile -t wanted < <(missing_packages "${RUNTIME_PACKAGES[@]}")
  find_node
  [[ -n $NODE ]] || wanted+=(nodejs)
  ((${#wanted[@]})) || return 0
  install_packages "${wanted[@]}"
  find_node
}

# ---------------------------------------------------------------- CRIU

# Without the machine's configuration: a line that this CRIU does not know would end it.
criu_version() { # CRIU; nothing if it does not run
  "$1" --no-default-config --version 2>/dev/null | sed -n 's/^Version: *//p' || true
}

is_new_enough() { # VERSION
  [[ -n $1 ]] && dpkg --compare-versions "$1" ge "$CRIU_OLDEST"
}

# What `criu check` depends on: this CRIU, the kernel since its boot, and what
# we are allowed to do.
verification_of() { # CRIU
  printf '%s\n' "$1" "$(criu_version "$1")" "$(uname -r)" \
    "$(</proc/sys/kernel/random/boot_id)" "$(grep CapEff /proc/self/status)"
}

is_verified() {
  [[ -r $VERIFIED ]] || return
  CRIU=$(head -n 1 "$VERIFIED")
  [[ -x $CRIU && $(verification_of "$CRIU") == "$(<"$VERIFIED")" ]]
}

# Lazy restores also need userfaultfd to tell of forks and moved memory, and
# only a real call shows whether this kernel lets us.
passes_check() { # CRIU
  printf '\n== %s check\n' "$1" >>"$LOG"
  "$1" --no-default-config check >>"$LOG" 2>&1 &&
    "$1" --no-default-config check --feature uffd-noncoop >>"$LOG" 2>&1
}

use_if_good() { # CRIU
  [[ -x $1 ]] && is_new_enough "$(criu_version "$1")" && passes_check "$1" || return
  CRIU=$1
  verification_of "$CRIU" >"$VERIFIED.new"
  mv "$VERIFIED.new" "$VERIFIED"
}

install_criu() {
  local suite
  if use_if_good "$OWN_CRIU" || use_if_good "$(type -P criu)" || install_criu_package; then
    return
  fi
  for suite in "${CRIU_SUITES[@]}"; do
    if build_criu "$suite" && use_if_good "$OWN_CRIU"; then return; fi
    say "CRIU from Debian $suite did not work out"
  done
  fail_with_log "Cannot get CRIU $CRIU_OLDEST or newer"
}

install_criu_package() {
  local offered
  refresh_index
  offered=$(LC_ALL=C apt-cache policy criu | sed -n 's/^ *Candidate: *\([0-9].*\)/\1/p')
  is_new_enough "$offered" || return
  install_packages criu
  use_if_good "$(type -P criu)"
}

# Runs as a condition, where set -e is off: hence the chains.
build_criu() { # SUITE
  local wanted address file _ checksum version
  install_if_missing "${CRIU_BUILD_PACKAGES[@]}"

  new_work_directory && read_source_index "$1" || return
  read -r address file _ checksum < <(criu_source) || return
  version=${file#criu_}
  version=${version%.orig.tar.*}
  is_new_enough "$version" && [[ $checksum == SHA256:* ]] || return
  [[ $version != "$(criu_version "$OWN_CRIU")" ]] || fail_for_kernel "$version"

  run_step "Fetching the source of CRIU $version" 5 \
    /usr/lib/apt/apt-helper download-file "$address" "$WORK/$file" "$checksum" &&
    tar -C "$WORK/criu" --strip-components=1 -xf "$WORK/$file" &&
    compile_criu "$version" || return
  passes_check "$WORK/criu/criu/criu" || fail_for_kernel "$version"
  place_criu "$version"
}

fail_for_kernel() { # VERSION
  fail_with_log "This kernel ($(uname -r)) cannot checkpoint and restore here: CRIU $1 runs, but criu check fails"
}

new_work_directory() {
  [[ -z $WORK ]] || rm -rf "$WORK"
  WORK=$(mktemp -d -t rekindle-setup.XXXXXX) &&
    mkdir -p "$WORK/sources" "$WORK/lists/partial" "$WORK/criu" &&
    chmod -R a+rX "$WORK"                      # apt fetches as a user of its own
  # An index of our own: the machine's sources, lists and caches stay as they are.
  ELSEWHERE=(
    -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts="$WORK/sources"
    -o Dir::State::lists="$WORK/lists" -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache=
  )
}

# The archive this machine takes Debian from, in a newer suite, sources only.
# An old keyring may lack the newer suite's keys: then the machine's own archive
# has a newer one, signed with keys it trusts. The check itself is never off.
read_source_index() { # SUITE
  local archive
  # shellcheck disable=SC2016 # apt's own variable
  archive=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' \
    'Origin: Debian' 'Label: Debian' 'Component: main' | sed -n 1p)
  [[ -n $archive ]] ||
    fail_with_log "Found no Debian archive among this machine's package sources to build CRIU $CRIU_OLDEST or newer from"
  printf '%s\n' 'Types: deb-src' "URIs: $archive" "Suites: $1" 'Components: main' \
    'Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg' >"$WORK/sources/newer.sources"
  fetch_source_index "$1" || { install_packages debian-archive-keyring && fetch_source_index "$1"; }
}

fetch_source_index() { # SUITE
  run_step "Reading the source index of Debian $1" 10 \
    apt-get "${ELSEWHERE[@]}" -q -o APT::Update::Error-Mode=any update
}

# Prints address, file name, size and checksum of CRIU's source archive, as the
# signed index states them. Only that archive: mirrors may lack the other files.
criu_source() {
  apt-get "${ELSEWHERE[@]}" source --print-uris criu 2>>"$LOG" | tr -d "'" | grep -F .orig.tar.
}

# Static and without the optional libraries (firewall rules, TLS, security
# labels: nothing we use), since every restore starts a CRIU: 0.4 ms to start
# instead of 3.4 (measured). GMONLDOPT is the one variable that only the final
# link sees: LDFLAGS also reaches CRIU's parasite code, which must not be static.
# The empty environment keeps the caller's compiler flags out.
compile_criu() { # VERSION
  run_step "Compiling CRIU $1" 60 \
    env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin TMPDIR="$WORK" make -C "$WORK/criu" -j"$(nproc)" \
    NO_GNUTLS=1 PKG_CONFIG=false USERCFLAGS=-I/usr/include/libnl3 GMONLDOPT=-static criu
}

# Each step is a rename, so whoever runs CRIU meanwhile sees the old or the new.
place_criu() { # VERSION
  local directory=$PREFIX/criu-$1/sbin
  mkdir -p "$directory" &&
    install -s -m 755 "$WORK/criu/criu/criu" "$directory/criu.new" &&
    mv "$directory/criu.new" "$directory/criu" &&
    ln -sfn "criu-$1" "$PREFIX/criu.new" &&
    mv -T "$PREFIX/criu.new" "$PREFIX/criu"
}

# ---------------------------------------------------------------- all of it

machine_is_ready() {
  find_node
  [[ -n $NODE && -z $(missing_packages "${RUNTIME_PACKAGES[@]}") ]] && is_verified
}

set_up_machine() {
  check_machine
  if ! machine_is_ready; then
    mkdir -p "$PREFIX"
    lock "$PREFIX"
    : >"$LOG"
    install_runtimes
    is_verified || install_criu
    unlock
  fi
  export REKINDLE_CRIU=$CRIU REKINDLE_JAVA=$JAVA REKINDLE_NODE=$NODE REKINDLE_PYTHON=/usr/bin/python3
}
