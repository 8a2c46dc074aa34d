#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Runs programs of ivykis's beside each other, and prints "case ok PROGRAM" or "case failed
# PROGRAM" for each, after what it printed.
#
#   others.sh FOLDER LAUNCHER PROGRAM...
#
# LAUNCHER is words for a shell that the programs are started with. A program that has not ended
# after a minute never will; none takes more than 15 seconds. Exit status: 0, whatever they said.
set -euo pipefail
FOLDER=$1
LAUNCHER=$2
readonly FOLDER LAUNCHER
shift 2
WORK=$(mktemp -d)
readonly WORK
trap 'rm -rf "$WORK"' EXIT

main() {
  local program pids=() outcome
  for program in "$@"; do
    bash -c "exec timeout --foreground -k 1 60 $LAUNCHER$(printf %q "$FOLDER/$program")" >"$WORK/${program##*/}" 2>&1 &
    pids+=($!)
  done
  for program in "$@"; do
    outcome=ok
    wait "${pids[0]}" || outcome=failed
    pids=("${pids[@]:1}")
    sed 's/^/  /' "$WORK/${program##*/}"
    echo "case $outcome ${program##*/}"
  done
}

main "$@"
