#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Runs glibc's own tests (Debian's glibc-source) without the preload object and with it: those of
# asynchronous I/O, timers, message queues, fork, exec, signals, polling, messages, cancellation
# and files. Writes the outcome of each into build/transparency/glibc_rt.{plain,preloaded}.
#
#   tests/transparency/glibc_rt.sh quick|full|TEST...       TEST as glibc names it: rt/tst-aio
#
# Exit status and output have to be the same. The outputs stay in build/transparency/glibc_rt/logs,
# TEST.diff is what differs.
# Exit status: 0 both ways are complete; 1 not so; 3 glibc's sources could not be reached.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
readonly SUITE=glibc_rt
source tests/transparency/lib.sh

readonly BIN=$TOP/$SUITE_DIR/bin
readonly LOG_DIR=$TOP/$SUITE_DIR/logs
readonly LIMIT=120
WORK=$(mktemp -d)
trap 'stop_tests; rm -rf "$WORK"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# What glibc's test driver multiplies its time limits by: it thinks of an idle machine.
export TIMEOUTFACTOR=3
# Where tests open shared objects that are theirs.
export LD_LIBRARY_PATH=$BIN
# debug/tst-fortify wants a locale of UTF-8, and does not mind which.
export LOCPATH=$WORK/locales

declare -A FLAGS=() # what tests.txt says of each test

read_tests() {
  local test flags
  while read -r test flags; do
    if [[ $test != '#'* ]]; then FLAGS[$test]=" $flags "; fi
  done <tests/transparency/glibc_rt/tests.txt
}

is() { [[ ${FLAGS[$2]} == *" $1 "* ]]; } # FLAG TEST

# A test with + for the slashes.
file_of() { printf '%s' "${1//\//+}"; }

# The arguments that glibc's Makefile gives a test, one a line: how to run it once more.
arguments_of() { # TEST PROGRAM
  if is again "$1"; then printf '%s\n' -- "$2"; fi
  if is program "$1"; then printf '%s\n' "$2"; fi
  if is command "$1"; then printf '%s\n' --command "exec $2"; fi
}

# Runs a test in a folder of its own, in which it finds a file that one of them opens and itself,
# because some copy themselves, and keeps what it printed and its exit status. --foreground leaves the test in the process group of the
# terminal, so that an interrupt reaches it.
run_one() { # KIND TEST
  local kind=$1 file dir status=0 program arguments
  file=$(file_of "$2")
  dir=$WORK/$file.$kind program=$WORK/$file.$kind/$file
  mapfile -t arguments < <(arguments_of "$2" "$program")
  mkdir -p "$dir"
  : >"$dir/Makefile"
  ln -s "$BIN/$file" "$program"
  (
    cd "$dir"
    close_others
    TMPDIR=$dir launch "$kind" timeout --foreground -k 5 "$LIMIT" "$program" "${arguments[@]}"
  ) >"$LOG_DIR/$file.$kind" 2>&1 </dev/null || status=$?
  echo "exit status $status" >>"$LOG_DIR/$file.$kind"
}

# Both runs at once: the machine is as busy in one as in the other.
run_both() { # TEST
  local start=$SECONDS file
  both_ways run_one "$1"
  [[ -d $WORK ]] || return 0 # the script has ended
  file=$(file_of "$1")
  diff -u <(normalized plain "$1") <(normalized preloaded "$1") >"$LOG_DIR/$file.diff" || true
  report plain "$1"
  report preloaded "$1"
  if [[ -s $LOG_DIR/$file.diff ]]; then
    say "  DIFFERS: $1 ($(status_of plain "$1"), $(status_of preloaded "$1") preloaded)"
  fi
  if ((SECONDS - start > 4)); then say "  $1: $((SECONDS - start)) s"; fi
}

status_of() { tail -n 1 "$LOG_DIR/$(file_of "$2").$1"; } # KIND TEST

report() { # KIND TEST
  local status outcome=failed
  status=$(status_of "$@")
  case $status in
    'exit status 0') outcome=ok ;;
    'exit status 77') outcome=skipped ;;
  esac
  result "$1" "$outcome" "$2" "$status, output $(normalized "$@" | md5sum | cut -c 1-8)"
}

# Takes out what changes from run to run: process ids, clock ids, times, names of files, and how
# often a loop has to wait.
normalized() { # KIND TEST
  local order=(cat)
  if is chance "$2"; then order=(tail -n 1); fi
  if is unordered "$2"; then order=(sort); fi
  if is repeating "$2"; then order=(sort -u); fi
  sed -E -e "s|$WORK/[^/ ]*|WORK|g" -e 's/(tst-[A-Za-z0-9_-]+\.)[A-Za-z0-9]{6}\>/\1XXXXXX/g' \
    -e 's/\<(PID |pid |pid = |new thread: )[0-9]+/\1N/g' -e 's/^[0-9]+ (for|with) /N \1 /' \
    -e 's/clock [0-9a-f]+/clock N/g' \
    -e 's/[0-9]+\.[0-9]+/N/g' -e 's/\{ [0-9]+, [0-9]+ \}/{ N, N }/g' -e '/^Sleeping\.\.\.$/d' \
    -e '/^(Termination time|Last write to standard output): /d' "$LOG_DIR/$(file_of "$2").$1" |
    "${order[@]}"
}

# Runs tests, at most COUNT at once, each of them both ways.
run_all() { # COUNT TEST...
  local count=$1 test
  shift
  for test in "$@"; do
    while (($(jobs -rp | wc -l) >= count)); do wait -n || true; done
    run_both "$test" &
  done
  wait
}

# Two rows side by side: those that measure a processor, and the others, which mostly sleep.
run_rows() { # TEST...
  local test busy=() others=()
  for test in "$@"; do
    if is busy "$test"; then busy+=("$test"); else others+=("$test"); fi
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

# The tests of a set, or those that were named, one a line.
tests_of() {
  local test
  for test in $(printf '%s\n' "${!FLAGS[@]}" | sort); do
    if [[ $1 == full ]] || ! is slow "$test"; then echo "$test"; fi
  done
}

main() {
  local tests=("$@") test
  (($# > 0)) || die "usage: glibc_rt.sh quick|full|TEST..."
  begin_results
  tests/transparency/glibc_rt/build.sh
  read_tests
  case $1 in quick | full) mapfile -t tests < <(tests_of "$1") ;; esac
  for test in "${tests[@]}"; do
    [[ -n ${FLAGS[$test]-} ]] || die "there is no test $test"
  done
  check_preload "$BIN/rt+tst-aio"
  rm -rf "$LOG_DIR"
  mkdir -p "$LOG_DIR" "$LOCPATH"
  ln -s /usr/lib/locale/C.utf8 "$LOCPATH/de_DE.UTF-8"
  say "running ${#tests[@]} of glibc's tests"
  run_rows "${tests[@]}"
  end_results
}

main "$@"
