#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# check.sh FOLDER [RUNS]: the harnesses in FOLDER over their corpora and RUNS inputs made from them
# (default 6000), from a fixed seed; then those with a planted defect, which must be found. Exit
# status: 0 if nothing but the planted defects was found.
set -euo pipefail
cd "$(dirname "$0")/../.."

folder=$1
runs=${2:-6000}
cases=(segment bags calls guest)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
passed=0 failed=0

# Leaks are looked for at the end of a process, and the runtime keeps its tables for ever; the
# harnesses count descriptors themselves.
export ASAN_OPTIONS=detect_leaks=0:abort_on_error=0

# A program for illumos with all its tables takes more than the others' inputs.
longest() { if [[ $1 == guest ]]; then echo 640; else echo 512; fi; }

# run PROGRAM CORPUS: its output is in $scratch/log.
run() {
  mkdir "$scratch/new-$1"
  timeout -s KILL 300 "$folder/$1" -seed=1 -runs="$runs" -timeout=20 -max_len="$(longest "$2")" \
    -len_control=0 -print_funcs=0 -artifact_prefix="$scratch/found-$1-" "$scratch/new-$1" \
    "$scratch/$2" > "$scratch/log" 2>&1
}

note() {
  printf '%s: %s\n' "$1" "$2"
  if [ "$3" = ok ]; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
}

for case in "${cases[@]}"; do
  /usr/bin/python3 -B tests/fuzz/corpus.py unpack "$case" "$scratch/$case"
  if run "$case" "$case"; then
    note "$case" "$(grep -E '^Done' "$scratch/log" | tail -1)" ok
  else
    tail -60 "$scratch/log"
    note "$case" "FAILED; input: $(base64 -w0 "$scratch/found-$case-"* 2> /dev/null)" failed
  fi
  if run "planted-$case" "$case"; then
    note "planted-$case" "the defect was not found" failed
  else
    note "planted-$case" "found: $(grep -E '^SUMMARY|not so' "$scratch/log" | head -1)" ok
  fi
done

printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
