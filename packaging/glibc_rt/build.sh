#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Builds glibc's tests against the C library that is installed, from the sources that fetch.sh
# fetches. What is built is kept and used again until the sources or the files of this folder
# change. Exit status as fetch.sh: 3 means that the sources could not be reached.
#
# glibc itself is not built. Its tests use a library of its own (support/), of which the part
# they need is compiled here; what both take from glibc's inside is in this folder. Headers of
# glibc's source that have the name of an installed one must not be found: programs mix with the
# installed library, and the layouts behind both need not be the same.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source packaging/glibc_rt/lib.sh

readonly SUPPORT=(
  check oom_error support-open-dev-null-range support_create_timer support_record_failure
  support_test_compare_failure support_test_main support_test_verify_impl temp_file timespec
  timespec-add timespec-sub write_message xasprintf xcalloc xchdir xclose xfopen xfork xmalloc
  xmmap xopen xpipe xpthread_barrier_init xpthread_barrier_wait xpthread_cancel
  xpthread_check_return xrealloc xsigaction xsignal xwaitpid
)

readonly SRC=$GLIBC_DIR/source OBJ=$GLIBC_DIR/obj BIN=$GLIBC_DIR/bin
export SRC OBJ BIN
readonly LOG=$GLIBC_DIR/build.log
readonly JOBS=2

# Warnings are glibc's affair.
export COMPILE="gcc -O2 -w -D_GNU_SOURCE -include packaging/glibc_rt/config.h -Ipackaging/glibc_rt
  -I$SRC -I$SRC/support -I$GLIBC_DIR/include"

fingerprint() { sha256sum "$GLIBC_DIR"/download/*.deb packaging/glibc_rt/*; }

# Three headers of glibc's include/ that no installed one is shadowed by.
copy_headers() {
  mkdir -p "$GLIBC_DIR/include"
  cp "$SRC"/include/{array_length,intprops,libc-diag}.h "$GLIBC_DIR/include"
}

build_support() {
  # COMPILE is a list of words.
  # shellcheck disable=SC2016
  printf '%s\n' "${SUPPORT[@]/#/$SRC/support/}" packaging/glibc_rt/paths |
    xargs -P "$JOBS" -I{} sh -c '$COMPILE -c -o "$OBJ/$(basename "{}").o" "{}.c"' &&
    ar rc "$OBJ/libsupport.a" "$OBJ"/*.o
}

# A test's program is named like its source, with + for the slashes.
build_tests() {
  # shellcheck disable=SC2016
  tests | xargs -P "$JOBS" -I{} sh -c \
    '$COMPILE -o "$BIN/$(echo "{}" | tr / +)" "$SRC/{}.c" "$OBJ/libsupport.a"'
}

main() {
  local print
  mkdir -p "$GLIBC_DIR"
  # Two runs at once must not build in the same folder.
  exec 9>"$GLIBC_DIR/.lock"
  flock 9
  packaging/glibc_rt/fetch.sh 9>&-
  print=$(fingerprint)
  if [[ -f $BIN.done && $(<"$BIN.done") == "$print" ]]; then
    say "glibc's tests are already built"
    return 0
  fi
  say "building glibc's tests (about 10 s)"
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
