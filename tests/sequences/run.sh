#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Plays random sequences of calls linked with the library and preloaded, and compares them with
# the model; then with each planted defect, which has to be found.
#
#   tests/sequences/run.sh BUILD COUNT SEED
#
# BUILD is where the programs were built, such as build/release. COUNT sequences each way, the
# first of which has the seed SEED. C programs that show differences are written to
# BUILD/sequences. The closing line is "N passed, N failed", of sequences and defects; the exit
# status is 0 when nothing failed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

BUILD=$1
COUNT=$2
SEED=$3
# A defect that this many sequences do not find is not found.
MOST_FOR_DEFECT=5000
PYTHON=${PYTHON:-/usr/bin/python3}
passed=0
failed=0

# Adds what a run of check.py has counted; shows what it said.
count() { # OUTPUT
  printf '%s\n' "$1"
  local -r line=${1##*$'\n'}
  if [[ $line =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed$ ]]; then
    passed=$((passed + BASH_REMATCH[1]))
    failed=$((failed + BASH_REMATCH[2]))
  else
    failed=$((failed + 1))
  fi
}

check() { # check.py's arguments
  "$PYTHON" -B tests/sequences/check.py --folder "$BUILD/sequences" "$@" || true
}

defect() { # NAME
  local title
  title=$(sed -n '2s/^# //p' "tests/sequences/planted/$1.sed")
  printf 'planted: %s\n' "$title"
  count "$(LD_LIBRARY_PATH="$PWD/$BUILD/tests/sequences/planted/$1" \
    check --planted "$BUILD/tests/sequences/player" "$MOST_FOR_DEFECT" "$SEED")"
}

main() {
  local file
  mkdir -p "$BUILD/sequences"
  echo 'linked'
  count "$(check "$BUILD/tests/sequences/player" "$COUNT" "$SEED")"
  echo 'preloaded'
  count "$(check --runner "$BUILD/bin/portc-run" "$BUILD/tests/sequences/player-preloaded" \
    "$COUNT" "$SEED")"
  for file in tests/sequences/planted/*.sed; do defect "$(basename "$file" .sed)"; done
  echo "$passed passed, $failed failed"
  ((failed == 0))
}

main
