#!/usr/bin/env bash
#
# Runs the tests, and looks for what they leave behind.
# Sourced by the launcher, after setup.sh.

readonly TEST_PACKAGES=(
  libjemalloc2                                 # an allocator that discards memory often
  python3-flask                                # a server that users would bring
  python3-numpy                                # generators that a clone has to renew
  shellcheck
)

# Prints a line for each thing that a run must not leave behind.
census() { # RUN
  {
    left_processes "$1"
    awk '{ print "mount", $2, "(" $3 ")" }' /proc/mounts
    find /run/netns -mindepth 1 -printf 'network namespace %p\n' 2>/dev/null
    find /dev/shm /run /tmp -maxdepth 1 -name 'rekindle*' -printf 'file %p\n' 2>/dev/null
    find /sys/fs/cgroup -type d -name 'rekindle*' -printf 'cgroup %p\n' 2>/dev/null
  } | LC_ALL=C sort -u
}

# Processes of this run, by the mark in their environment or by their name, and
# all that descend from them: a sandbox may clean the environment. Another run's
# processes bear another mark. Zombies are their parent's affair.
left_processes() { # RUN
  local ours others
  ours=$(grep -lzsx "REKINDLE_TEST_RUN=$1" /proc/[0-9]*/environ || true)
  others=$(grep -lzs '^REKINDLE_TEST_RUN=' /proc/[0-9]*/environ || true)
  cat /proc/[0-9]*/stat 2>/dev/null | awk -v ours="$ours" -v others="$others" '
    function pids(files, into,   n, part, i) {
      n = split(files, part, "/")
      for (i = 3; i <= n; i += 3) into[part[i]] = 1
    }
    BEGIN { pids(ours, mine); pids(others, marked) }
    {
      pid = $1; name = $0; rest = $0
      sub(/^[0-9]+ \(/, "", name); sub(/\) [A-Za-z] [0-9]+ .*/, "", name)
      sub(/.*\) /, "", rest); split(rest, field, " ")
      if (field[1] == "Z") next
      parent[pid] = field[2]; comm[pid] = name
      if (name ~ /^(criu|rekindle-.*)$/ && !(pid in marked)) mine[pid] = 1
    }
    END {
      for (pid in comm)
        for (p = pid; p in comm; p = parent[p])
          if (p in mine) { print "process " pid " (" comm[pid] ")"; break }
    }'
}

# What is there now and was not before; the last processes get 5 s to end.
leftovers() { # RUN BEFORE
  local attempt new
  for attempt in {1..10}; do
    new=$(LC_ALL=C comm -13 <(printf '%s\n' "$2") <(census "$1"))
    [[ -n $new && $attempt != 10 ]] || break
    sleep 0.5
  done
  printf '%s' "$new"
}

# Reads the tests' reports: test by test, since a class that was run again counts
# only what was run again. WHAT is "counts" (passed, failed, skipped) or "flaky"
# (the tests that failed and then passed).
read_reports() { # WHAT
  shopt -s nullglob
  local reports=("$ROOT"{,/store}/*/target/{surefire,failsafe}-reports/TEST-*.xml)
  awk -v RS='>' -v what="$1" '
    function attribute(name) {
      if (!match($0, "[ \t\n]" name "=\"[^\"]*")) return ""
      return substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 3)
    }
    printed { printed = !/\]\]$/; next } # what a test printed may look like anything
    /<!\[CDATA\[/ { printed = !/\]\]$/; next }
    /<testcase[ \t\n]/ { tests++; test = attribute("classname") "." attribute("name") }
    /<(failure|error)([ \t\n]|$)/ && !bad[test]++ { failed++ }
    /<skipped([ \t\n\/]|$)/ { skipped++ }
    /<flaky(Failure|Error)[ \t\n]/ && !flaky[test]++ { if (what == "flaky") print "  " test }
    END {
      if (what == "counts") print tests - failed - skipped, failed + 0, skipped + 0
    }' "${reports[@]:-/dev/null}"
}

run_tests() { # MAVEN_ARGUMENT...
  local run=$$-$RANDOM before new flaky passed failed skipped maven_status=0 status=0
  set_up_machine
  install_if_missing "${TEST_PACKAGES[@]}"
  lock "$ROOT/pom.xml"
  rm -rf "$ROOT"{,/store}/*/target/{surefire,failsafe}-reports
  before=$(census "$run")
  # Once more, since they run real processes on machines that are busy with other things too.
  REKINDLE_TEST_RUN=$run maven --fail-at-end -Dsurefire.rerunFailingTestsCount=1 verify "$@" ||
    maven_status=$?
  echo                                         # Maven ends on colour codes, not on a line
  new=$(leftovers "$run" "$before")
  read -r passed failed skipped < <(read_reports counts)
  flaky=$(read_reports flaky)

  problem() { say "$@"; status=1; }
  if ((maven_status && !failed)); then problem "Maven failed outside of the tests: see its output above."; fi
  if ((failed)); then problem "Tests failed: see Maven's output above."; fi
  if ((skipped)); then problem "A test that skips itself tests nothing: mend the test or the machine."; fi
  if ((passed + failed == 0)); then problem "No tests ran."; fi
  if [[ -n $flaky ]]; then say "Failed once, passed when run again; mend these:"$'\n'"$flaky"; fi
  if [[ -n $new ]]; then problem "The tests left this behind:"$'\n'"$new"; fi
  if ((status == 0 && $# == 0)); then mark_built; fi
  unlock

  if ((skipped)); then skipped=", $skipped skipped"; else skipped=; fi
  printf '%s passed, %s failed%s\n' "$passed" "$failed" "$skipped"
  return "$status"
}
