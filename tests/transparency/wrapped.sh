#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Checks that every function we wrap is called by one of the programs that the suites run: a
# wrapper that no stranger reaches would go untested. To be run after all suites have fetched and
# built their programs.
#
#   tests/transparency/wrapped.sh
#
# Prints the names that nothing imports. Exit status: 0 there are none; 1 there are some.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

export LC_ALL=C # one order for sort and comm

# Programs linked with the C library of today cannot import these.
readonly OLD='__fxstat __fxstat64'

# The shared objects and programs of all suites.
programs() {
  printf '%s\n' build/transparency/glibc_rt/bin/*
  find build/transparency/*/root/usr/bin build/transparency/*/root/usr/lib -type f \
    \( -perm -u+x -o -name '*.so' -o -name '*.so.*' \)
}

# What they import, without the versions. nm complains of scripts.
imported() {
  programs | xargs -d '\n' nm -D --undefined-only 2>/dev/null | sed -n 's/.* U \([^@]*\).*/\1/p' |
    sort -u || true
}

main() {
  local names missing
  names=$(sed -n 's/^PORTC_SYM(\([^,]*\),.*/\1/p' interpose/symbols.def | sort -u)
  missing=$(comm -23 <(echo "$names") <({ imported && tr ' ' '\n' <<<"$OLD"; } | sort -u))
  if [[ -n $missing ]]; then
    printf '  wrapped, and called by no program of the suites: %s\n' "${missing//$'\n'/ }"
    return 1
  fi
  printf '  all %d functions that are wrapped are called by the programs of the suites, except %s\n' \
    "$(wc -l <<<"$names")" "$OLD"
}

main
