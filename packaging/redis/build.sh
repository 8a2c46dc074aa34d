#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Builds Redis from Debian's sources, fetched by fetch.sh, once on event ports and once as it is
# (epoll). What is built is kept and used again until the sources, the header or this script
# change. Exit status as fetch.sh: 3 means that the sources could not be reached.
#
# The event-port build differs in two things. HAVE_EVPORT makes Redis choose the backend that it
# has for illumos; and the linker leaves the port functions undefined, bound when they are first
# called, so that whoever starts the program decides where they come from: portc-run does.
# Everything else, down to the bundled libraries, is the same in both builds.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source packaging/redis/lib.sh

readonly PROGRAMS='redis-server redis-cli redis-benchmark redis-check-aof redis-check-rdb'

# The header is named relative to build/redis/evport/src, where the compiler runs: an absolute
# path could hold a blank.
readonly EVPORT_FLAGS=(
  REDIS_CFLAGS='-DHAVE_EVPORT -I../../../../include'
  REDIS_LDFLAGS='-Wl,--unresolved-symbols=ignore-in-object-files -Wl,-z,lazy'
)

# Prints what the build of one kind depends on.
fingerprint() {
  sha256sum "$REDIS_DIR"/download/*.dsc packaging/redis/build.sh
  if [[ $1 == evport ]]; then sha256sum include/port.h; fi
}

# Runs make in the copy. The variables of the make that may have called us stay out of it: they
# are meant for libportc. gcc is named because Redis's own default is cc.
run_make() {
  local dir=$1
  shift
  # PROGRAMS is a list of words.
  # shellcheck disable=SC2086
  env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL -u CFLAGS -u CXXFLAGS -u CPPFLAGS -u LDFLAGS -u V -u O \
    make -C "$dir/src" -j2 CC=gcc MALLOC=libc BUILD_TLS=no USE_SYSTEMD=no "$@" $PROGRAMS
}

# Fails if a file that came with the sources is not what it was. The build only adds files.
check_untouched() {
  if ! diff -rq "$REDIS_DIR/source" "$1" >"$1.diff" && grep -v "^Only in $1" "$1.diff" >&2; then
    die "the build changed Redis's sources"
  fi
  rm -f "$1.diff"
}

build() {
  local kind=$1 title=$2 dir=$REDIS_DIR/$1 log=$REDIS_DIR/$1.log print
  shift 2
  print=$(fingerprint "$kind")
  if [[ -f $dir.done && $(<"$dir.done") == "$print" ]]; then
    say "redis $(redis_version) $title is already built"
    return 0
  fi
  say "building redis $(redis_version) $title (about 45 s)"
  rm -rf "$dir" "$dir.done"
  cp -a "$REDIS_DIR/source" "$dir"
  if ! run_make "$dir" "$@" >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    die "building redis failed: see $log"
  fi
  check_untouched "$dir"
  echo "$print" >"$dir.done"
}

main() {
  mkdir -p "$REDIS_DIR"
  # Two runs at once (make -j) must not build in the same folder.
  exec 9>"$REDIS_DIR/.lock"
  flock 9
  packaging/redis/fetch.sh 9>&-
  build evport 'on event ports' "${EVPORT_FLAGS[@]}"
  build epoll 'on epoll, for comparison'
}

main
