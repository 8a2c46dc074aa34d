#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Runs the test suites of real programs on event ports, linked with libportc and under portc-run,
# and on epoll, and compares them case by case.
#
#   conformance/programs/run.sh quick|full [PROGRAM...]       default: all of them
#
# Each program has a folder here with a recipe.sh, which builds and runs it (lib.sh says what it
# leaves behind); compare.py reads that. A recipe that fails does not end the run.
# Exit status: 0 nothing failed; 1 something failed; 3 a program's sources could not be reached.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

readonly HERE=conformance/programs
# Where the set is quick, those whose build and tests take a minute together.
readonly ALL=(libev ivykis libevent lighttpd nginx nng redis)
readonly QUICK=(libev ivykis redis)

main() {
  local set=${1-} program status number=0 unreachable=0 start failed=()
  if [[ $set != quick && $set != full ]]; then
    sed -n '3,/^set/{/^#/s/^# \?//p}' "${BASH_SOURCE[0]}" >&2
    exit 2
  fi
  shift
  if [[ ! -x ${O:-build/release}/bin/portc-run ]]; then
    echo 'run.sh: portc-run is not there: run make first' >&2
    exit 1
  fi
  if (($# == 0)); then
    if [[ $set == quick ]]; then set -- "${QUICK[@]}"; else set -- "${ALL[@]}"; fi
  fi
  for program in "$@"; do
    if [[ ! -x $HERE/$program/recipe.sh ]]; then
      echo "run.sh: there is no recipe for $program; there are: ${ALL[*]}" >&2
      exit 2
    fi
  done
  for program in "$@"; do
    number=$((number + 1)) start=$SECONDS status=0
    STEP="[$number/$# $program] " "$HERE/$program/recipe.sh" "$set" || status=$?
    printf '[%d/%d %s] ended after %d s\n' "$number" $# "$program" $((SECONDS - start))
    case $status in
      0) ;;
      3) unreachable=1 failed+=("$program") ;;
      130 | 143) exit "$status" ;;
      *) failed+=("$program") ;;
    esac
  done
  status=0
  /usr/bin/python3 -B "$HERE/compare.py" "$@" -- "${failed[@]}" || status=$?
  if ((unreachable)); then exit 3; fi
  exit "$status"
}

main "$@"
