#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Installs into a temporary folder and uses what lies there the way a stranger would: compile
# through pkg-config, run linked, run under portc-run, read the manual pages, uninstall.
#
# Called by `make test-install`, which sets MODE, O, VERSION and MAKE. The closing line is
# "N passed, N failed"; the exit status is 0 when nothing failed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
readonly ROOT=$WORK/root
readonly PREFIX=/opt/portc
readonly HERE=$ROOT$PREFIX
passed=0
failed=0

# Runs a test, which is a function or a command; its output matters only when it fails.
check() {
  local name=$1
  shift
  if (set -e; "$@") >"$WORK/out" 2>&1; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "FAIL $name"
    sed 's/^/  /' "$WORK/out"
  fi
}

run_make() {
  "${MAKE:-make}" --no-print-directory MODE="${MODE:-release}" O="${O:-build/release}" \
    DESTDIR="$ROOT" PREFIX=$PREFIX BINDIR=$PREFIX/bin LIBDIR=$PREFIX/lib \
    INCLUDEDIR=$PREFIX/include MANDIR=$PREFIX/share/man "$@"
}

expected_files() {
  local page
  printf '%s\n' bin/portc-run include/port.h lib/libportc.a lib/libportc.so lib/libportc.so.1 \
    lib/pkgconfig/portc.pc lib/portc/ld.so.1 lib/portc/libportc-illumos.so lib/portc/portc-preload.so
  for page in man/*.[137]; do echo "share/man/man${page##*.}/${page##*/}"; done
}

installs_the_files() {
  run_make install
  expected_files | LC_ALL=C sort >"$WORK/expected"
  (cd "$HERE" && find . ! -type d -printf '%P\n') | LC_ALL=C sort >"$WORK/found"
  diff "$WORK/expected" "$WORK/found"
  find "$ROOT" ! -path "$HERE*" ! -type d | diff /dev/null -
}

is_readable_by_everyone() {
  find "$HERE" -type f ! -perm -444 | diff /dev/null -
  find "$HERE" -type f -path '*/bin/*' ! -perm -111 | diff /dev/null -
}

# 0700 -> the sysroot's own prefix; pkg-config puts the temporary root in front of -I and -L.
pkg() { PKG_CONFIG_SYSROOT_DIR=$ROOT PKG_CONFIG_LIBDIR=$HERE/lib/pkgconfig pkg-config "$@" portc; }

pkg_config_knows_the_version() {
  [[ $(pkg --modversion) == "${VERSION:-$(<VERSION)}" ]]
  [[ $(pkg --variable=libdir) == "$ROOT$PREFIX/lib" || $(pkg --variable=libdir) == "$PREFIX/lib" ]]
}

write_program() {
  cat >"$WORK/program.c" <<'END'
#include <port.h>
#include <stdio.h>
int main(void) {
  port_event_t event;
  int port = port_create();
  if (port < 0 || port_send(port, 42, &port) != 0 || port_get(port, &event, NULL) != 0) return 1;
  printf("%d %d\n", event.portev_events, event.portev_source == PORT_SOURCE_USER);
  return 0;
}
END
}

compiles_and_runs_linked() {
  # Words of flags.
  # shellcheck disable=SC2046
  cc_ "$WORK/linked" $(pkg --cflags --libs)
  [[ $(LD_LIBRARY_PATH=$HERE/lib "$WORK/linked") == '42 1' ]]
}

# -E keeps the functions undefined for the loader; ld would make them 0 otherwise.
runs_under_portc_run() {
  # shellcheck disable=SC2046
  cc_ "$WORK/unlinked" $(pkg --cflags) -Wl,--unresolved-symbols=ignore-all -Wl,-E
  [[ $(env -u LD_LIBRARY_PATH "$HERE/bin/portc-run" "$WORK/unlinked") == '42 1' ]]
}

# One that needs the library to link, and would find none when it runs without portc-run.
runs_linked_under_portc_run() {
  [[ $(LD_LIBRARY_PATH=$HERE/lib "$HERE/bin/portc-run" "$WORK/linked") == '42 1' ]]
}

compiles_and_runs_static() {
  # shellcheck disable=SC2046
  cc_ "$WORK/static" $(pkg --cflags) "$HERE/lib/libportc.a"
  [[ $(env -u LD_LIBRARY_PATH "$WORK/static") == '42 1' ]]
}

# Compiles the program to $1; the other arguments follow the source.
cc_() {
  local output=$1
  shift
  "${CC:-gcc}" -std=c99 -Wall -Wextra -Werror -o "$output" "$WORK/program.c" "$@"
}

tells_its_version() { "$HERE/bin/portc-run" --version | grep -F "${VERSION:-$(<VERSION)}"; }

installs_again_over_itself() { run_make install && installs_the_files; }

uninstalls_everything() {
  touch "$HERE/lib/not-ours"
  run_make uninstall
  [[ $(cd "$HERE" && find . ! -type d) == ./lib/not-ours ]]
  [[ ! -e $HERE/lib/portc ]]
}

# A program that calls none of the functions itself, only its library does.
keeps_the_library_of_a_library() {
  # shellcheck disable=SC2046
  echo 'int main(void) { return 0; }' |
    "${CC:-gcc}" -x c -o "$WORK/outer" - -x none -Wl,--as-needed $(pkg --libs)
  readelf -d "$WORK/outer" | grep 'NEEDED.*libportc.so.1'
}

# Prints the commands of a step of the workflow.
step_of_workflow() {
  awk -v title="- name: $1" '
    { line = $0; sub(/^ */, "", line); indent = length($0) - length(line) }
    line == title { found = 1; next }
    found && inside && line != "" && indent <= depth { exit }
    found && !inside && line ~ /^run: / {
      depth = indent
      if (line != "run: |") { sub(/^run: /, "", line); print line; exit }
      inside = 1
      next
    }
    inside { print line }' examples/ci/event-ports.yml
}

# A project with the targets that the workflow uses, in a folder with this tree.
write_project() {
  mkdir "$WORK/project"
  ln -s "$PWD" "$WORK/project/libportc"
  printf '%s\n' 'your-program: program.c' $'\t$(CC) $(CPPFLAGS) $(LDFLAGS) -o $@ $< $(LDLIBS)' \
    'check: your-program' $'\ttest "$$(./your-program)" = "42 1"' \
    'clean:' $'\trm -f your-program' >"$WORK/project/Makefile"
  sed -e 's/main(void) {/main(int argc, char **argv) {/' \
    -e 's/^  port_event_t event;/  if (argc > 1) return printf("%s: event ports\\n", argv[1]) < 0;\n&/' \
    "$WORK/program.c" >"$WORK/project/program.c"
}

# The workflow of examples/ci with the project, installed under another prefix, and without the
# distribution's packages, which are there. The linked program finds the library as in the
# workflow, where ldconfig has been told.
follows_the_workflow() {
  local step prefix=$WORK/workflow
  write_project
  # Called by the steps.
  # shellcheck disable=SC2317
  apt-get() { :; }
  export -f apt-get
  for step in 'Install libportc' 'Build on event ports, linked with libportc' \
    'Has it chosen event ports?' Test 'Build on event ports, for portc-run' 'Test under portc-run'; do
    step_of_workflow "$step" >"$WORK/step"
    [[ -s $WORK/step ]]
    echo "--- $step"
    env -u MAKEFLAGS -C "$WORK/project" PREFIX="$prefix" PKG_CONFIG_LIBDIR="$prefix/lib/pkgconfig" \
      LD_LIBRARY_PATH="$prefix/lib" PATH="$prefix/bin:$PATH" MODE="${MODE:-release}" \
      O="${O:-build/release}" bash -e "$WORK/step"
  done
}

main() {
  local before after
  before=$(git status --porcelain 2>/dev/null || true)
  write_program
  check 'installs the files that it should, and no others' installs_the_files
  check 'everyone may read what is installed' is_readable_by_everyone
  check 'pkg-config tells version and folder' pkg_config_knows_the_version
  check 'a program compiles through pkg-config and runs' compiles_and_runs_linked
  check 'a program that is not linked runs under portc-run' runs_under_portc_run
  check 'a program that is linked runs under portc-run' runs_linked_under_portc_run
  check 'a program runs with the static library' compiles_and_runs_static
  check 'a library stays with a program that only its library calls' keeps_the_library_of_a_library
  check 'the workflow of examples/ci does what it says' follows_the_workflow
  check 'portc-run --version' tells_its_version
  check 'installing again changes nothing' installs_again_over_itself
  check 'uninstall removes what install brought, and no more' uninstalls_everything
  after=$(git status --porcelain 2>/dev/null || true)
  check 'the work tree is as clean as before' diff <(echo "$before") <(echo "$after")
  echo "$passed passed, $failed failed"
  ((failed == 0))
}

main
