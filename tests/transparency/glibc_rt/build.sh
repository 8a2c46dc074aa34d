#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Fetches Debian's package glibc-source and builds the tests of tests.txt from it, against the C
# library that is installed. What is built is kept and used again until the sources or the files
# of this folder change. Exit status: 0 they are there; 3 no package source could be reached;
# 1 anything else.
#
# glibc itself is not built. Its tests use a library of its own (support/), of which the part
# they need is compiled here; what both take from glibc's inside is in this folder. Headers of
# glibc's source that have the name of an installed one must not be found: programs mix with the
# installed library, and the layouts behind both need not be the same.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."
readonly SUITE=glibc_rt
source tests/transparency/lib.sh

# Those of support/ that are programs, tests of itself, included by others, or about glibc's
# inside.
readonly NO_SUPPORT='/(README|tst-|test-|.*-container|links-dso|support_(paths|path_support_time64|quote_blob_main|test_compare_string_main|small_stack_thread_attribute))'

readonly SRC=$SUITE_DIR/source OBJ=$SUITE_DIR/obj BIN=$SUITE_DIR/bin
readonly HERE=tests/transparency/glibc_rt
export SRC OBJ BIN
readonly LOG=$SUITE_DIR/build.log
readonly JOBS=2

# Warnings are glibc's affair.
export COMPILE="gcc -O2 -w -D_GNU_SOURCE -include $HERE/config.h -I$HERE -I$SRC -I$SRC/support
  -I$SUITE_DIR/include -I$SRC/sysdeps/pthread"

tests() { sed -E '/^#/d; s/ .*//' "$HERE/tests.txt"; }

# Those of them that have a flag.
tests_with() { sed -nE "/^#/d; s/^([^ ]+) .*\<$1\>.*/\1/p" "$HERE/tests.txt"; }

# The folder takes its final name when it is complete. What tests include of each other lies
# beside them.
unpack() {
  local archive dir=$SUITE_DIR/unpacked patterns
  if [[ -d $SRC ]]; then return 0; fi
  archive=$(echo "$SUITE_DIR"/root/usr/src/glibc/glibc-*.tar.xz)
  rm -rf "$dir"
  mkdir "$dir"
  mapfile -t patterns < <(tests | sed 's|^|glibc-*/|; s|/[^/]*$||' | sort -u)
  tar -xJf "$archive" -C "$dir" --strip-components=1 --wildcards --no-wildcards-match-slash \
    'glibc-*/test-skeleton.c' 'glibc-*/support/*.[ch]' 'glibc-*/malloc/dynarray*' \
    'glibc-*/include/array_length.h' 'glibc-*/include/intprops.h' 'glibc-*/include/libc-diag.h' \
    'glibc-*/include/scratch_buffer.h' \
    'glibc-*/sysdeps/unix/sysv/linux/'{socket-constants-time64,arch-fd_to_filename}.h \
    "${patterns[@]/%//tst-*.[ch]}"
  mv "$dir" "$SRC"
}

fingerprint() {
  sha256sum "$SUITE_DIR"/root/usr/src/glibc/glibc-*.tar.xz "$HERE"/*
}

# The headers of glibc's include/ and of its Linux folder that no installed one is shadowed by.
copy_headers() {
  mkdir -p "$SUITE_DIR/include"
  cp "$SRC"/include/*.h "$SRC"/sysdeps/unix/sysv/linux/{socket-constants-time64,arch-fd_to_filename}.h \
    "$SUITE_DIR/include"
}

build_support() {
  # COMPILE is a list of words.
  # shellcheck disable=SC2016
  (printf '%s\n' "$SRC"/support/*.c | grep -vE "$NO_SUPPORT" && echo "$HERE/paths.c") | sed 's/\.c$//' |
    xargs -P "$JOBS" -I{} sh -c '$COMPILE -c -o "$OBJ/$(basename "{}").o" "{}.c"' &&
    ar rc "$OBJ/libsupport.a" "$OBJ"/*.o
}

# Compiles sources NAME.c of those that it reads into programs that are named like them, with +
# for the slashes.
compile() { # SUFFIX FLAG...
  # shellcheck disable=SC2016
  SUFFIX=$1 FLAGS="${*:2}" xargs -P "$JOBS" -I{} sh -c \
    '$COMPILE $FLAGS -o "$BIN/$(echo "{}" | tr / +)$SUFFIX" "$SRC/{}.c" "$OBJ/libsupport.a"'
}

# A module has the name that its test opens.
build_modules() {
  local test
  for test in $(tests_with module); do
    $COMPILE -shared -fPIC -o "$BIN/${test##*/}mod.so" "$SRC/${test}mod.c" || return 1
  done
}

build_tests() {
  tests | grep -vxF "$(tests_with fortify)" | compile '' &&
    tests_with fortify | compile '' -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 && build_modules
}

main() {
  local print
  mkdir -p "$SUITE_DIR"
  # Two runs at once must not build in the same folder.
  exec 9>"$SUITE_DIR/.lock"
  flock 9
  fetch_packages glibc-source 9>&-
  unpack
  print=$(fingerprint)
  if [[ -f $BIN.done && $(<"$BIN.done") == "$print" ]]; then
    say "glibc's tests are already built"
    return 0
  fi
  say "building glibc's tests (about 40 s)"
  rm -rf "$OBJ" "$BIN" "$BIN.done"
  mkdir -p "$OBJ" "$BIN"
  copy_headers
  if ! (build_support && build_tests) >"$LOG" 2>&1; then
    tail -n 20 "$LOG" >&2
    die "building glibc's tests failed: see $LOG"
  fi
  echo "$print" >"$BIN.done"
}

main
