#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Runs glibc's own tests of asynchronous I/O, timers and message queues without the preload
# object and with it, and compares exit status and output, test by test.
#
#   packaging/glibc_rt_tests.sh [TEST...]       TEST as glibc names it: rt/tst-aio
#
# A test counts as passed when both runs gave the same. One that fails in both says nothing about
# the preload object; it is listed. The outputs stay in build/glibc/tests.
# Exit status: 0 nothing failed; 1 something failed; 3 glibc's sources could not be reached.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source packaging/glibc_rt/lib.sh

readonly TOP=$PWD
readonly LOG_DIR=$GLIBC_DIR/tests
readonly LIMIT=120
WORK=$(mktemp -d)
trap 'stop_tests; rm -rf "$WORK"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# What glibc's test driver multiplies its time limits by: it thinks of an idle machine.
export TIMEOUTFACTOR=3

# These keep a processor busy, and measure it; one of them at a time. The others mostly sleep.
readonly BUSY=(rt/tst-cpuclock2 rt/tst-cputimer1 rt/tst-cputimer2 rt/tst-cputimer3)

# What it prints is one line for each time that one of its timers expires, in no particular order
# and as often as that happens while it runs.
readonly REPEATING=(sysdeps/pthread/tst-timer)

# Is the first word one of the others?
is_among() { [[ " ${*:2} " == *" $1 "* ]]; }

# The one that glibc's Makefile gives arguments: how to run it once more.
arguments_of() {
  if [[ $1 == rt/tst-mqueue7 ]]; then printf '%s\n' -- "$2"; fi
}

# Runs a test in a folder of its own, in which it finds a file that one of them opens, and keeps
# what it printed and its exit status. --foreground leaves the test in the process group of the
# terminal, so that an interrupt reaches it.
run_one() {
  local kind=$1 test=$2 log=$LOG_DIR/${2//\//+}.$1 program=$TOP/$GLIBC_DIR/bin/${2//\//+}
  local dir=$WORK/${2//\//+}.$1 status=0 launcher=() arguments
  if [[ $kind == preloaded ]]; then launcher=("$(realpath "$PORTC_RUN")"); fi
  mapfile -t arguments < <(arguments_of "$test" "$program")
  mkdir -p "$dir"
  : >"$dir/Makefile"
  (cd "$dir" && TMPDIR=$dir exec env -u LD_PRELOAD timeout --foreground -k 5 "$LIMIT" \
    "${launcher[@]}" "$program" "${arguments[@]}") >"$log" 2>&1 </dev/null || status=$?
  echo "exit status $status" >>"$log"
}

# Both runs at once: the machine is as busy in one as in the other. Some tests count on a tenth of
# a second being enough for the next call; one that fails without the preload object, where there
# is nothing to test, gets a second and a third chance.
run_both() {
  local start=$SECONDS plain chance
  for chance in 1 2 3; do
    run_one plain "$1" &
    plain=$!
    run_one preloaded "$1"
    wait "$plain"
    [[ -d $WORK ]] || return 0 # the script has ended
    if [[ $(status_of "$1") == 'exit status 0' ]]; then break; fi
  done
  report "$1" $((SECONDS - start)) "$chance"
}

# How the run without the preload object ended.
status_of() { tail -n 1 "$LOG_DIR/${1//\//+}.plain"; }

# Takes out what changes from run to run: process ids, clock ids, times, names of files, and how
# often a loop has to wait.
normalized() {
  local order=(cat)
  if is_among "$2" "${REPEATING[@]}"; then order=(sort -u); fi
  sed -E -e "s|$WORK/[^/ ]*/|WORK/|g" -e 's/PID [0-9]+/PID N/g' -e 's/clock [0-9a-f]+/clock N/g' \
    -e 's/[0-9]+\.[0-9]+/N/g' -e 's/\{ [0-9]+, [0-9]+ \}/{ N, N }/g' -e '/^Sleeping\.\.\.$/d' \
    -e '/^(Termination time|Last write to standard output): /d' "$LOG_DIR/${2//\//+}.$1" |
    "${order[@]}"
}

# One line for the reader; the file in WORK is what the closing lines are made from.
report() {
  local test=$1 seconds=$2 chance=$3 status verdict=same
  status=$(status_of "$test")
  if ! diff -u <(normalized plain "$test") <(normalized preloaded "$test") \
    >"$LOG_DIR/${test//\//+}.diff"; then
    verdict=DIFFERS
  fi
  echo "$verdict $test $status" >>"$WORK/verdicts"
  if ((chance > 1)); then status+=" (run $chance times)"; fi
  say "$(printf '%-8s %-40s %s, %d s' "$verdict" "$test" "$status" "$seconds")"
}

# Everything would be the same if the preload object were not there, or were there both times.
# grep reads to the end: what is cut short by its exit would count as failed.
check_preload() {
  if ! "$PORTC_RUN" cat /proc/self/maps | grep '/portc-preload\.so$' >/dev/null; then
    die "the preload object is not loaded by $PORTC_RUN"
  fi
  if env -u LD_PRELOAD cat /proc/self/maps | grep '/portc-preload\.so$' >/dev/null; then
    die "the preload object is loaded into every program"
  fi
}

# Runs tests, at most COUNT at once, each of them twice.
run_all() {
  local count=$1 test
  shift
  for test in "$@"; do
    while (($(jobs -rp | wc -l) >= count)); do wait -n || true; done
    run_both "$test" &
  done
  wait
}

# Two rows side by side.
run_rows() {
  local test busy=() others=()
  for test in "$@"; do
    if is_among "$test" "${BUSY[@]}"; then busy+=("$test"); else others+=("$test"); fi
  done
  run_all 1 "${busy[@]}" &
  run_all 3 "${others[@]}" &
  wait
}

# Tests that run then come to their own end; they have no longer than the driver's time limit.
stop_tests() {
  local pids
  mapfile -t pids < <(jobs -rp)
  if ((${#pids[@]} > 0)); then kill "${pids[@]}" 2>/dev/null || true; fi
}

summarize() {
  local wanted=$1 verdict test status same=0
  while read -r verdict test status; do
    if [[ $verdict == same ]]; then same=$((same + 1)); fi
    if [[ $verdict == same && $status != 'exit status 0' ]]; then
      say "  the same both ways, but not a success ($status): $test"
    elif [[ $verdict != same ]]; then
      say "  FAILS to be the same: $test"
      cat "$LOG_DIR/${test//\//+}.diff"
    fi
  done <"$WORK/verdicts"
  say "$same passed, $((wanted - same)) failed"
  ((same == wanted))
}

main() {
  local name names
  [[ -x $PORTC_RUN ]] || die "$PORTC_RUN is not there: run make first"
  packaging/glibc_rt/build.sh
  check_preload
  if (($# > 0)); then names=("$@"); else mapfile -t names < <(tests); fi
  for name in "${names[@]}"; do
    [[ -x $GLIBC_DIR/bin/${name//\//+} ]] || die "there is no test $name"
  done
  rm -rf "$LOG_DIR"
  mkdir -p "$LOG_DIR"
  : >"$WORK/verdicts"
  say "running ${#names[@]} of glibc's tests, without the preload object and with it"
  run_rows "${names[@]}"
  summarize "${#names[@]}"
}

main "$@"
