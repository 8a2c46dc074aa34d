#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# libev, which has no tests of its own: the driver in this folder is linked with it and runs its
# cases. configure finds port.h and port_create; LIBEV_FLAGS chooses among the backends that a
# libev has, and ev_backend() says which one it is.
#
#   conformance/programs/libev/recipe.sh quick|full       the same
#
# Exit status: 0 the tests ran, whatever they said; 3 the sources could not be reached; 1 it
# came to no end.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."
readonly PROGRAM=libev
source conformance/programs/lib.sh
readonly HERE=$TOP/conformance/programs/libev

trap stop_suite EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# configure cannot link what is to be left undefined, so it is told about port_create, and the
# linker's flags go to make.
build() { # WAY
  local flags
  flags=$(port_ldflags "$1")
  CC=gcc CPPFLAGS=$(port_cppflags "$1") ./configure --disable-static --disable-dependency-tracking \
    ac_cv_func_port_create="$([[ $1 == epoll ]] && echo no || echo yes)"
  make -j2 LDFLAGS="$flags"
  # The flags are a list of words.
  # shellcheck disable=SC2086
  gcc -std=c99 -D_GNU_SOURCE -O2 -g -Wall -Wextra -pthread -isystem . \
    -o driver "$HERE"/*.c -L.libs -Wl,-rpath,"$PWD/.libs" -lev $flags -lm
}

# LIBEV_FLAGS is the number of the backend, as ev.h has it.
run_way() { # WAY FLAGS BACKEND
  local way=$1 log=$RESULTS/$1.log status=0 start=$SECONDS
  # The launcher is words for a shell.
  run_suite 300 "$log" bash -c "LIBEV_FLAGS=$2 exec $(launcher "$way")$(printf %q "$DIR/$way/driver")" || status=$?
  if ((status > 1)); then die "$way: the driver ended with status $status: see $log"; fi
  record_backend "$way" "$(sed -n 's/^backend //p' "$log")" "$3"
  sed -nE 's/^(ok|failed) /\1\t/p' "$log" >"$RESULTS/$way.tsv"
  say "$way: $(outcome "$way") in $((SECONDS - start)) s"
}

main() {
  local way
  lock_program
  fetch_source libev
  for way in "${WAYS[@]}"; do build_way "$way" build; done
  begin_results
  run_way linked 32 EVBACKEND_PORT
  run_way preloaded 32 EVBACKEND_PORT
  run_way epoll 4 EVBACKEND_EPOLL
}

main
