#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Runs the test suites of real programs on event ports, linked with libportc and under portc-run,
# and on epoll, and compares them case by case.
#
#   conformance/programs/run.sh quick|full [PROGRAM...]       default: all of them
#
# Each program has a folder here with a recipe.sh, which builds and runs it (lib.sh says what it
# leaves behind); compare.py reads that. Two run at a time, since most of what a suite does is
# wait. A recipe that fails does not end the run.
# Exit status: 0 nothing failed; 1 something failed; 3 a program's sources could not be reached.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

readonly HERE=conformance/programs
# The longest first.
readonly ALL=(redis nginx libevent lighttpd nng ivykis libev)
# Where the set is quick, those whose build and tests take a minute together.
readonly QUICK=(redis ivykis libev)
readonly AT_ONCE=2
# How each recipe ended, in a file of its name.
ENDED=$(mktemp -d)
trap 'rm -rf "$ENDED"' EXIT
trap 'stop_all; exit 130' INT
trap 'stop_all; exit 143' TERM

usage() { sed -n '3,/^set/{/^#/s/^# \?//p}' "${BASH_SOURCE[0]}" >&2; }

# In the background, so that a signal ends the wait; the recipe then ends what it has started.
run_recipe() { # SET PROGRAM STEP
  local start=$SECONDS status=0
  STEP="[$3 $2] " "$HERE/$2/recipe.sh" "$1" &
  trap 'kill $!; wait; exit 143' TERM
  wait $! || status=$?
  echo "$status" >"$ENDED/$2"
  printf '[%s %s] ended after %d s\n' "$3" "$2" $((SECONDS - start))
}

stop_all() {
  local pids
  mapfile -t pids < <(jobs -p)
  if ((${#pids[@]} > 0)); then kill "${pids[@]}" 2>/dev/null || true; fi
  wait
}

run_recipes() { # SET PROGRAM...
  local set=$1 program number=0
  shift
  for program in "$@"; do
    number=$((number + 1))
    while (($(jobs -rp | wc -l) >= AT_ONCE)); do wait -n || true; done
    run_recipe "$set" "$program" "$number/$#" &
  done
  wait
}

# Prints those that did not come to their end.
broken() { # PROGRAM...
  local program
  for program in "$@"; do
    if [[ ! -f $ENDED/$program || $(<"$ENDED/$program") != 0 ]]; then echo "$program"; fi
  done
}

check_arguments() { # SET PROGRAM...
  local program
  if [[ ${1-} != quick && ${1-} != full ]]; then
    usage
    exit 2
  fi
  for program in "${@:2}"; do
    if [[ ! -x $HERE/$program/recipe.sh ]]; then
      echo "run.sh: there is no recipe for $program; there are: ${ALL[*]}" >&2
      exit 2
    fi
  done
  if [[ ! -x ${O:-build/release}/bin/portc-run ]]; then
    echo 'run.sh: portc-run is not there: run make first' >&2
    exit 1
  fi
}

main() {
  local set=${1-} status=0 failed
  check_arguments "$@"
  shift
  if (($# == 0)); then
    if [[ $set == quick ]]; then set -- "${QUICK[@]}"; else set -- "${ALL[@]}"; fi
  fi
  run_recipes "$set" "$@"
  mapfile -t failed < <(broken "$@")
  /usr/bin/python3 -B "$HERE/compare.py" "$@" -- "${failed[@]}" || status=$?
  if grep -qx 3 "$ENDED"/*; then exit 3; fi
  exit "$status"
}

main "$@"
