#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Kills processes that share ports, and breaks the runtime in ways that this has to show.
#
#   tests/storm/check.sh STORM SECONDS [SEED]
#
# STORM is the program, SECONDS how long the storm lasts, SEED that of one to repeat. The closing
# line is "N passed, N failed"; the exit status is 0 when nothing failed.
set -euo pipefail

storm=$1
seconds=$2
seed=${3:-$(date +%s)}
# shellcheck source=tests/outcome.sh
source "$(dirname "${BASH_SOURCE[0]}")/../outcome.sh"

# The program must fail, and say this.
canary() { # DEFECT REPORT ARGUMENT...
  local output wrong=0
  output=$("$storm" --seconds 60 --seed "$seed" --patience 4 --defect "$1" "${@:3}" 2>&1) && wrong=1
  grep -qE -- "$2" <<<"$output" || wrong=1
  [[ $wrong == 0 ]] || tail -n 20 <<<"$output"
  outcome "planted: $1" $wrong
}

run() { # NAME ARGUMENT...
  local status=0
  "$storm" --seed "$seed" "${@:2}" || status=1
  outcome "$1" $status
}

canary not-robust 'nothing moves|do not end' --kind everyone
canary no-repair 'FAILS' --kind everyone
canary no-ring 'nobody has rung' --kind senders
canary no-commit 'FAILS' --kind everyone
canary box-twice 'arrived twice' --kind everyone --point box.queued
canary no-vigil 'the sleeper does not get its event' --sweep
run 'each point of each call, with one asleep' --sweep
run "the storm, seed $seed" --seconds "$seconds"

echo "$passed passed, $failed failed"
((failed == 0))
