#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Runs programs that have nothing to do with event ports without the preload object and with it,
# and compares what came of each of their tests.
#
#   tests/transparency/run.sh [quick|full] [SUITE...]
#
# Without arguments: full, all suites. A case counts as failed when it differs. What the suites
# wrote stays in build/transparency; compare.py says how it is compared, and known.txt which
# cases are left out and why.
# Exit status: 0 nothing differs; 1 something does, a suite was not complete, or all suites
# together do not call all functions that we wrap; 3 a suite's packages could not be
# reached.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

readonly SUITES=(glibc_rt cpython redis postgresql stress_ng)

main() {
  local part=full suite status=0 start unreachable=no uncovered=0 suites=("${SUITES[@]}")
  case ${1-} in quick | full)
    part=$1
    shift
    ;;
  esac
  if (($# > 0)); then suites=("$@"); fi
  for suite in "${suites[@]}"; do
    if [[ ! -x tests/transparency/$suite.sh || $suite == run ]]; then
      echo "run.sh: there is no suite $suite; there are ${SUITES[*]}" >&2
      return 1
    fi
  done
  mkdir -p build/transparency
  for suite in "${suites[@]}"; do
    start=$SECONDS status=0
    echo "$suite ($part), without the preload object and with it"
    "tests/transparency/$suite.sh" "$part" || status=$?
    if ((status == 3)); then unreachable=yes; fi
    echo "$suite: $((SECONDS - start)) s"
  done
  if [[ ${suites[*]} == "${SUITES[*]}" ]]; then tests/transparency/wrapped.sh || uncovered=1; fi
  status=0
  /usr/bin/python3 -B tests/transparency/compare.py tests/transparency/known.txt build/transparency \
    "${suites[@]}" || status=$?
  if [[ $unreachable == yes ]]; then status=3; fi
  if ((uncovered > 0 && status == 0)); then status=1; fi
  return "$status"
}

main "$@"
