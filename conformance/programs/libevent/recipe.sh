#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# libevent: its test/test.sh, which runs the sample tests and all of regress, and regress again in
# debug mode, on one backend. configure finds port.h; libevent takes the backend that the
# environment leaves it (EVENT_NOEPOLL and so on, which test.sh sets), and says which one it is
# where EVENT_SHOW_METHOD is set.
#
#   conformance/programs/libevent/recipe.sh quick|full      the same
#
# Exit status: 0 the tests ran, whatever they said; 3 the sources could not be reached; 1 it
# came to no end.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."
readonly PROGRAM=libevent
source conformance/programs/lib.sh
readonly HERE=$TOP/conformance/programs/libevent

WORK=$(mktemp -d)
readonly WORK
trap 'stop_suite; rm -rf "$WORK"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# configure cannot link what is to be left undefined, so it is told about port_create, and the
# linker's flags go to make. Debian patches Makefile.am; what the autotools would make of that
# anew does not concern the tests, so nobody needs them; nor is the code that comes generated
# with the sources generated again.
build() { # WAY
  CC=gcc CPPFLAGS=$(port_cppflags "$1") ./configure --disable-static --disable-samples \
    --disable-dependency-tracking \
    ac_cv_func_port_create="$([[ $1 == epoll ]] && echo no || echo yes)"
  touch test/rpcgen-attempted
  make -j2 LDFLAGS="$(port_ldflags "$1")" ACLOCAL=: AUTOCONF=: AUTOHEADER=: AUTOMAKE=:
}

# What libevent says when test.sh has left it one backend; the samples all ask it in the same way.
backend_of() { # WAY BACKEND
  local name disabled=()
  for name in EVPORT KQUEUE EPOLL DEVPOLL POLL SELECT WIN32; do
    if [[ $name != "$2" ]]; then disabled+=("EVENT_NO$name=yes"); fi
  done
  # The launcher is words for a shell.
  env "${disabled[@]}" EVENT_SHOW_METHOD=1 \
    bash -c "$(launcher "$1")$(printf %q "$DIR/$1/test/test-init")" 2>&1 |
    sed -n 's/^.*libevent using: //p'
}

# test.sh prints a line for each sample test, and writes what the tests print into a file.
run_way() { # WAY BACKEND WORDS
  local way=$1 log=$RESULTS/$1.log output=$TOP/$RESULTS/$1.output start=$SECONDS
  record_backend "$way" "$(backend_of "$way" "$2")" "$3"
  # test.sh exits with 1 when a test has failed.
  run_suite 1500 "$log" ahead env -C "$DIR/$way" PATH="$WORK:$PATH" TEST_OUTPUT_FILE="$output" \
    bash -c "exec $(launcher "$way")sh test/test.sh -b $2" || true
  /usr/bin/python3 -B "$HERE/results.py" "$log" "$output" >"$RESULTS/$way.tsv" ||
    die "$way: the tests came to no end: see $log and $output"
  say "$way: $(outcome "$way") in $((SECONDS - start)) s"
}

main() {
  local way
  lock_program
  fetch_source libevent
  for way in "${WAYS[@]}"; do build_way "$way" build; done
  begin_results
  # test.sh has the output of one test checked by a Python program, if it finds `python`.
  ln -s /usr/bin/python3 "$WORK/python"
  run_way linked EVPORT evport
  run_way preloaded EVPORT evport
  run_way epoll EPOLL epoll
}

main
