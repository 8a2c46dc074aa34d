#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Builds Redis from Debian's sources, in the ways that are named.
#
#   conformance/programs/redis/build.sh WAY...        linked, preloaded or epoll
#
# Exit status 3 means that the sources could not be reached.
#
# The event-port builds differ from Debian's in two things: HAVE_EVPORT makes Redis choose the
# backend that it has for illumos, and what the linker does about the port functions, which is in
# a file that gcc reads, link.flags. Since only the last step differs, the linked build is a copy
# of the preloaded one, linked again.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."
readonly PROGRAM=redis
source conformance/programs/lib.sh

readonly PROGRAMS=(redis-server redis-cli redis-benchmark redis-check-aof redis-check-rdb)

# Redis's own default is cc, and jemalloc, which would be another stranger in the comparison.
run_make() {
  make -C src -j2 CC=gcc MALLOC=libc BUILD_TLS=no USE_SYSTEMD=no "$@" "${PROGRAMS[@]}"
}

# The flags are read in src/; the path of this tree could hold a blank.
make_evport() {
  port_ldflags "$1" >link.flags
  run_make REDIS_CFLAGS='-DHAVE_EVPORT -I../../../../../include' REDIS_LDFLAGS=@../link.flags
}

make_epoll() { run_make; }

make_linked() {
  cp -a "$TOP/$DIR/preloaded/." .
  rm "${PROGRAMS[@]/#/src/}"
  make_evport linked
}

main() {
  local way
  lock_program
  fetch_source redis
  for way in "$@"; do
    case $way in
      preloaded) build_way preloaded make_evport ;;
      epoll) build_way epoll make_epoll ;;
      linked)
        build_way preloaded make_evport
        build_way linked make_linked
        ;;
      *) die "there is no way \"$way\"" ;;
    esac
  done
}

main "$@"
