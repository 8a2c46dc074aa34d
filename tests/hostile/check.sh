#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# check.sh HOSTILE: runs each case of the program HOSTILE; and again with each defect that is
# planted for it, when it must fail. A case is skipped if the system refuses what it needs, and says
# what that is. The closing line is "N passed, N failed"; the exit status is 0 when nothing failed.
set -euo pipefail

hostile=$1
# shellcheck source=tests/outcome.sh
source "$(dirname "${BASH_SOURCE[0]}")/../outcome.sh"

while read -r case defect; do
  status=0
  "$hostile" "$case" || status=$?
  if [[ $status == 77 ]]; then
    echo "skipped $case: see above"
    continue
  fi
  outcome "$case" $status
  [[ -n $defect ]] || continue
  status=0
  { "$hostile" "$case" "$defect" && status=1; } > /dev/null 2>&1
  outcome "planted: $defect" $status
done < <("$hostile" --list)

echo "$passed passed, $failed failed"
((failed == 0))
