#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# check.sh BUILD MODE RUNTIME: does the sanitizer of this MODE (asan, tsan) see the bugs that the
# canaries have, inside the library, and nothing in their clean forms? Linked programs are
# instrumented themselves; preloaded ones are not, and RUNTIME is preloaded with the library.
set -euo pipefail
build=$1 mode=$2 runtime=$3
programs=$build/tests/sanitizer
preload=$runtime:$build/lib/portc/portc-preload.so
where=libportc/ # the report's stack goes through the library's sources
passed=0 failed=0

export ASAN_OPTIONS=detect_leaks=0
export UBSAN_OPTIONS=print_stacktrace=1
export TSAN_OPTIONS=exitcode=66

# outcome NAME STATUS: counts it; shows the program's output if the status is not 0.
outcome() {
  if [ "$2" -eq 0 ]; then
    passed=$((passed + 1))
    printf 'ok      %s\n' "$1"
  else
    failed=$((failed + 1))
    printf 'FAILED  %s\n%s\n' "$1" "$output"
  fi
}

# start FORM CANARY WORD...: sets output and status.
start() {
  local form=$1 canary=$2
  shift 2
  status=0
  case $form in
    linked) output=$("$programs/$canary" "$@" 2>&1) || status=$? ;;
    preloaded) output=$(LD_PRELOAD=$preload "$programs/preloaded/$canary" "$@" 2>&1) || status=$? ;;
  esac
}

# seen FORM CANARY REPORT PLACE WORD...: the run fails with this report, and with this place in it.
seen() {
  local name="$1 $2${5:+ $5}: reported" report=$3 place=$4 wrong=0
  start "$1" "$2" "${@:5}"
  [ "$status" -ne 0 ] && [ "$status" -ne 2 ] || wrong=1
  grep -qF -- "$report" <<< "$output" || wrong=1
  grep -qF -- "$place" <<< "$output" || wrong=1
  outcome "$name" $wrong
}

# silent FORM CANARY WORD...: the run succeeds and prints nothing.
silent() {
  local wrong=0
  start "$@"
  [ "$status" -eq 0 ] && [ -z "$output" ] || wrong=1
  outcome "$*: nothing to report" $wrong
}

for form in linked preloaded; do
  case $mode in
    asan)
      seen $form canary_address 'AddressSanitizer: heap-buffer-overflow' $where
      seen $form canary_undefined 'misaligned address' $where
      silent $form canary_address clean
      silent $form canary_undefined clean
      ;;
    tsan)
      seen $form canary_race 'ThreadSanitizer: data race' $where
      silent $form canary_race clean
      ;;
  esac
done
if [ "$mode" = tsan ]; then # in the program's own memory: only an instrumented program shows it
  seen linked canary_handover 'ThreadSanitizer: data race' canary_handover.c race
  silent linked canary_handover
fi

printf '%d passed, %d failed\n' $passed $failed
[ $failed -eq 0 ]
