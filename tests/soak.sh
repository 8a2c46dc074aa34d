#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# `make soak`: the storm of killed processes and the random sequences, side by side, for as long as
# is wanted.
#
#   tests/soak.sh BUILD SECONDS [SEED]      default seed: the time of day
#
# A line for each round of sequences, alternately linked and preloaded; then the storm's own account.
# The closing line is "N passed, N failed", of the storm's rounds and the sequences; the exit status
# is 0 when nothing failed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly BUILD=$1 LENGTH=$2
readonly SEED=${3:-$(date +%s)}
readonly ROUND=2000 # sequences
readonly PYTHON=${PYTHON:-/usr/bin/python3}
WORK=$(mktemp -d)
readonly WORK
storm=
trap 'if [[ -n $storm ]]; then kill "$storm" 2>/dev/null || true; fi; rm -rf "$WORK"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
passed=0
failed=0

# Adds the closing line of a file's output.
count() { # FILE
  local line
  line=$(tail -n 1 "$1")
  if [[ $line =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed$ ]]; then
    passed=$((passed + BASH_REMATCH[1]))
    failed=$((failed + BASH_REMATCH[2]))
  else
    failed=$((failed + 1))
  fi
}

sequences() { # SEED WAY
  local -a player=("$BUILD/tests/sequences/player")
  if [[ $2 == preloaded ]]; then
    player=(--runner "$BUILD/bin/portc-run" "$BUILD/tests/sequences/player-preloaded")
  fi
  "$PYTHON" -B tests/sequences/check.py --folder "$BUILD/sequences" "${player[@]}" "$ROUND" "$1" \
    >"$WORK/sequences" 2>&1 || tail -n 40 "$WORK/sequences"
  count "$WORK/sequences"
}

main() {
  local seed=$SEED way=linked
  mkdir -p "$BUILD/sequences"
  echo "storm and sequences for $LENGTH s, from seed $SEED"
  "$BUILD/storm/bin/storm" --seconds "$LENGTH" --seed "$SEED" --points >"$WORK/storm" 2>&1 &
  storm=$!
  while ((SECONDS < LENGTH)); do
    sequences "$seed" "$way"
    echo "$SECONDS s: $way, seeds $seed to $((seed + ROUND - 1)): $passed sequences passed so far, $failed failed"
    seed=$((seed + ROUND))
    if [[ $way == linked ]]; then way=preloaded; else way=linked; fi
  done
  wait "$storm" || true
  storm=
  cat "$WORK/storm"
  count "$WORK/storm"
  echo "$passed passed, $failed failed"
  ((failed == 0))
}

main
