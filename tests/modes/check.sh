#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Runs suites in every mode of arming descriptors again (PORTC_REARM, portc(7)), and plants a defect
# in what each mode alone does, which the tests have to report in that mode and in no other.
#
#   tests/modes/check.sh BUILD full|quick
#
# BUILD is where the programs were built, such as build/release. full: the unit tests, the
# conformance tests, the wrappers, 800 random sequences each way and 20 seconds of the storm, in
# each mode. quick: the conformance tests and 200 sequences, linked, and the tests of arming again,
# all modes at the same time. The closing line is "N passed, N failed"; the exit status is 0 when
# nothing failed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

readonly BUILD=$1 EXTENT=$2
readonly MODES=(level oneshot shared exact)
readonly PYTHON=${PYTHON:-/usr/bin/python3}
# A defect and the mode whose it is. "auto" is no mode that is forced.
readonly DEFECTS=(level-late:level oneshot-new:oneshot shared-new:shared exact-asleep:exact)
# The cases that a defect may show in: with others in the way of each mode, and quick.
readonly TELLING=(again late mode late-polled polled polled-raw polled-beside-sleeper others-in-the-way)
WORK=$(mktemp -d)
readonly WORK
trap 'rm -rf "$WORK"' EXIT
passed=0
failed=0

# Leaves the output in WORK/LOG, and beside it the name, the status, and the seconds it took.
run() { # MODE LOG NAME COMMAND...
  local status=0
  local -r start=$SECONDS
  PORTC_REARM=$1 "${@:4}" >"$WORK/$2" 2>&1 || status=1
  printf '%s\n' "$1: $3" $status $((SECONDS - start)) >"$WORK/$2.end"
}

report() { # LOG
  local -a end
  mapfile -t end <"$WORK/$1.end"
  if [[ ${end[1]} == 0 ]]; then
    passed=$((passed + 1))
    echo "ok      ${end[0]}, ${end[2]} s"
  else
    failed=$((failed + 1))
    tail -n 40 "$WORK/$1"
    echo "FAILED  ${end[0]}, ${end[2]} s"
  fi
}

step() { # MODE NAME COMMAND...
  run "$1" step "${@:2}"
  report step
}

conformance() { # PYTEST'S -k EXPRESSION, the empty one for all
  PORTC_BUILD=$BUILD PORTC_REPORT=$WORK/$BASHPID.json "$PYTHON" -B -m pytest -q \
    -p no:cacheprovider ${1:+-k "$1"} conformance/run.py
}

wrappers() {
  PORTC_BUILD=$BUILD "$PYTHON" -B -m pytest -q -p no:cacheprovider -k 'not scribbled' \
    tests/interpose/test_interpose.py
}

sequences() { # COUNT PLAYER CHECK.PY'S ARGUMENTS...
  "$PYTHON" -B tests/sequences/check.py --folder "$WORK" "${@:3}" "$BUILD/tests/sequences/$2" "$1" 1
}

# The cases close everything, and compare what is open before and after: nothing that the caller
# had may be among it.
only_standard_descriptors() {
  local fd
  for fd in /proc/self/fd/*; do
    fd=${fd##*/}
    if ((fd > 2 && fd != 255)); then eval "exec $fd>&-"; fi
  done
}

# The tests of arming again: every case, or those that are named.
level() ( # PROGRAM CASE...
  cases=("${@:2}")
  only_standard_descriptors
  ((${#cases[@]} > 0)) || mapfile -t cases < <("$1" --list)
  for each in "${cases[@]}"; do
    echo "$each"
    "$1" "$each" || exit
  done
)

full_mode() { # MODE
  step "$1" 'unit tests' "$BUILD/tests/unit" -j2
  step "$1" 'conformance, linked and preloaded' conformance ''
  step "$1" 'wrappers' wrappers
  step "$1" '800 random sequences, linked' sequences 800 player
  step "$1" '800 random sequences, preloaded' \
    sequences 800 player-preloaded --runner "$BUILD/bin/portc-run"
  step "$1" 'the storm, 20 s' "$BUILD/storm/bin/storm" --seconds 20
}

quick_mode() { # MODE
  run "$1" "$1.1" 'arming again' level "$BUILD/tests/interpose/level"
  run "$1" "$1.2" 'conformance, linked' conformance linked
  run "$1" "$1.3" '200 random sequences, linked' sequences 200 player
}

quick() {
  local mode log
  for mode in "${MODES[@]}"; do quick_mode "$mode" & done
  wait
  for mode in "${MODES[@]}"; do
    for log in "$mode".{1,2,3}; do report "$log"; done
  done
}

# Its own mode's run reports it, and no other's.
defect() { # DEFECT MODE
  local mode reported
  for mode in auto "${MODES[@]}"; do
    reported=1
    PORTC_PLANTED=$1 PORTC_REARM=$mode level "$BUILD/tests/modes/level" "${TELLING[@]}" \
      >"$WORK/planted" 2>&1 && reported=0
    if [[ $reported != $([[ $mode == "$2" ]] && echo 1 || echo 0) ]]; then
      cat "$WORK/planted"
      echo "planted $1, run in mode $mode: reported is $reported"
      return 1
    fi
  done
}

main() {
  local each
  if [[ $EXTENT == quick ]]; then
    quick
  else
    for each in "${MODES[@]}"; do full_mode "$each"; done
  fi
  for each in "${DEFECTS[@]}"; do
    step auto "planted: ${each%:*}" defect "${each%:*}" "${each#*:}"
  done
  echo "$passed passed, $failed failed"
  ((failed == 0))
}

main
