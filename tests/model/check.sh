#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Checks the models of this folder with spin: as they are, without an error, and with each defect
# that they can plant (-DBREAK=n), which has to be found.
#
#   tests/model/check.sh
#
# MODEL_FLAGS in the environment makes the search without a defect larger, such as
# '-DSLEEPERS=4 -DSENDS=2 -DWRITES=2 -DTOGETHER'; MODEL_SECONDS is the most that one may take.
#
# The closing line is "N passed, N failed"; the exit status is 0 when nothing failed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
passed=0
failed=0

# Searches every state there is; prints spin's verdict.
search() { # MODEL BREAK
  local -a flags=()
  [[ $2 != 0 ]] || read -ra flags <<<"${MODEL_FLAGS:-}"
  (
    cd "$WORK"
    spin -a -DBREAK="$2" "${flags[@]}" "$OLDPWD/$1" >/dev/null
    gcc -O0 -w -DSAFETY -DCOLLAPSE -o pan pan.c
    timeout "${MODEL_SECONDS:-300}" ./pan -m100000 -n
  )
}

# A search that was cut short proves nothing. A defect is found as a violated assertion, and not
# as an end state that the model has not foreseen.
check() { # MODEL BREAK
  local output verdict states
  output=$(search "$1" "$2") || true
  states=$(sed -n 's/^ *\([0-9]*\) states, stored.*/\1/p' <<<"$output")
  verdict=$(grep -oE '^pan:1: assertion violated|errors: [0-9]+' <<<"$output" | head -n 1 || true)
  if grep -qE 'max search depth too small|out of memory|Search not completed' <<<"$output"; then
    [[ $2 != 0 ]] || verdict='the search was cut short'
  fi
  if [[ $2 == 0 && $verdict == 'errors: 0' || $2 != 0 && $verdict == *violated ]]; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    verdict="FAILS: $verdict"
  fi
  echo "$1, $(title "$1" "$2"): $verdict, ${states:-no} states"
}

# What a defect is, in the model's own words.
title() { # MODEL BREAK
  if [[ $2 == 0 ]]; then echo 'as it is'; else sed -n "s/^ \*   $2  /planted: /p" "$1"; fi
}

main() {
  local model defect
  for model in *.pml; do
    for defect in 0 $(sed -n 's/^ \*   \([0-9]\)  .*/\1/p' "$model"); do
      check "$model" "$defect"
    done
  done
  echo "$passed passed, $failed failed"
  ((failed == 0))
}

main
