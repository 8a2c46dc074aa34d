#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# fuzz.sh FOLDER SECONDS: each harness in FOLDER for so long, from another seed each time. What it
# finds of interest is kept in FOLDER/corpus, what it finds wrong in FOLDER/found-*. Exit status: 0
# if nothing is wrong. To take what is new into the tree:
#   FOLDER/NAME -set_cover_merge=1 NEW FOLDER/corpus/NAME; tests/fuzz/corpus.py pack NAME NEW
set -euo pipefail
cd "$(dirname "$0")/../.."

folder=$1
seconds=$2
failed=0
export ASAN_OPTIONS=detect_leaks=0

for case in segment bags calls guest; do
  /usr/bin/python3 -B tests/fuzz/corpus.py unpack "$case" "$folder/corpus/$case"
  printf '%s, %d s\n' "$case" "$seconds"
  "$folder/$case" -max_total_time="$seconds" -timeout=20 -max_len=640 -len_control=0 \
    -print_funcs=0 -print_final_stats=1 \
    -artifact_prefix="$folder/found-$case-" "$folder/corpus/$case" \
    > "$folder/$case.log" 2>&1 || { tail -40 "$folder/$case.log"; failed=1; }
  grep -E 'number_of_executed_units|new_units_added' "$folder/$case.log" || true
done
exit "$failed"
