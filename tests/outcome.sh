# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# What scripts that run many checks count with; sourced, never run. They print the closing line.
passed=0
failed=0

outcome() { # NAME STATUS
  if [[ $2 == 0 ]]; then
    passed=$((passed + 1))
    echo "ok      $1"
  else
    failed=$((failed + 1))
    echo "FAILED  $1"
  fi
}
