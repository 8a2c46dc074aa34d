#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The public header in every language and data model it promises, with and without feature
# macros, alone and after the headers and macros that programs put before it.
set -uo pipefail
cd "$(dirname "$0")/../.."

passed=0 failed=0
try() { # description, command...
  local what=$1
  shift
  if "$@" > /dev/null 2> /tmp/portc-headers.$$; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "FAIL: $what" && head -5 /tmp/portc-headers.$$
  fi
  rm -f /tmp/portc-headers.$$
}

strict=(-Wall -Wextra -Werror -pedantic -Iinclude -fsyntax-only)
for model in -m64 -m32; do
  try "layout $model" gcc $model -std=c99 -D_GNU_SOURCE "${strict[@]}" tests/headers/layout.c
  for std in c89 c99 c11; do
    try "$std $model" gcc $model -std=$std "${strict[@]}" -x c include/port.h
  done
  for std in c++98 c++11 c++20; do
    try "$std $model" g++ $model -std=$std "${strict[@]}" -x c++ include/port.h
  done
done
try "feature macros" gcc -std=c99 -D_POSIX_C_SOURCE=200809L "${strict[@]}" -x c include/port.h
try "uint_t is a macro" gcc -std=c99 "-Duint_t=unsigned int" "-Dushort_t=unsigned short" \
  "${strict[@]}" -x c include/port.h
try "twice, after signal.h" bash -c 'printf "#include <signal.h>\n#include <port.h>\n#include <port.h>\nint x = SIGEV_PORT;\n" | gcc -Iinclude -Wall -Wextra -Werror -fsyntax-only -x c -'

echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
