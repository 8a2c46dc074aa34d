#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# nng: its ctest suite, with the time limits that it has. Which poller a build has is decided by
# cmake; the thread that polls has the name of its poller, and nngcat is asked for it. At the end
# of a program nng closes the port under a thread that sleeps in port_getn, and waits until the
# thread ends.
#
#   conformance/programs/nng/recipe.sh quick|full      the same
#
# Exit status: 0 the tests ran, whatever they said; 3 the sources could not be reached; 1 it
# came to no end.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."
readonly PROGRAM=nng
source conformance/programs/lib.sh

WORK=$(mktemp -d)
readonly WORK
trap 'stop_suite; stop_nngcat; rm -rf "$WORK"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# cmake cannot link what is to be left undefined, so it is told about port_create, and about the
# linker's flags when it has looked at the system.
build() { # WAY
  local answer=ON
  if [[ $1 == epoll ]]; then answer=OFF; fi
  CC=gcc CXX=g++ CFLAGS=$(port_cppflags "$1") cmake -S . -B build -DCMAKE_BUILD_TYPE=Release \
    -DNNG_HAVE_PORT_CREATE=$answer
  cmake -B build -DCMAKE_EXE_LINKER_FLAGS="$(port_ldflags "$1")"
  make -j2 -C build
}

# Starts an nngcat that waits for a message which never comes, and prints the name of its thread
# that polls, as soon as there is one; nothing when nngcat ends before.
poller_of() { # WAY
  local comm name=
  # The launcher is words for a shell.
  bash -c "exec $(launcher "$1")$(printf %q "$DIR/$1/build/src/tools/nngcat/nngcat") \
    --pull --listen ipc://$WORK/socket --raw" >"$WORK/nngcat.log" 2>&1 </dev/null 9>&- &
  nngcat_pid=$!
  while [[ -z $name ]] && kill -0 "$nngcat_pid" 2>/dev/null; do
    for comm in /proc/"$nngcat_pid"/task/*/comm; do
      if grep -q '^nng:poll:' "$comm" 2>/dev/null; then name=$(<"$comm"); fi
    done
  done
  stop_nngcat
  echo "$name"
}

stop_nngcat() {
  if [[ -z ${nngcat_pid-} ]]; then return 0; fi
  kill -KILL "$nngcat_pid" 2>/dev/null || true
  wait "$nngcat_pid" 2>/dev/null || true
  nngcat_pid=
}

run_way() { # WAY POLLER
  local way=$1 log=$RESULTS/$1.log start=$SECONDS
  record_backend "$way" "$(poller_of "$way")" "$2"
  # The tests take port numbers from 38000 on, where the system's own choice for other programs may
  # lie, and fail or hang when it does; the number in this file is above that range.
  echo 61000 >"$WORK/ports"
  # ctest exits with 8 when a test has failed.
  run_suite 1800 "$log" ahead env -C "$DIR/$way/build" CTEST_OUTPUT_ON_FAILURE=1 NUTS_PORT_FILE="$WORK/ports" \
    bash -c "exec $(launcher "$way")ctest" || true
  if ! grep -q '^Total Test time' "$log"; then die "$way: ctest came to no end: see $log"; fi
  sed -nE 's/^ *[0-9]+\/[0-9]+ Test +#[0-9]+: ([^ ]+) .*   Passed .*/ok\t\1/p
    s/^ *[0-9]+\/[0-9]+ Test +#[0-9]+: ([^ ]+) .*\*\*\*(Skipped|Not Run).*/skipped\t\1/p
    s/^ *[0-9]+\/[0-9]+ Test +#[0-9]+: ([^ ]+) .*\*\*\*(Failed|Timeout|Exception).*/failed\t\1/p' \
    "$log" >"$RESULTS/$way.tsv"
  say "$way: $(outcome "$way") in $((SECONDS - start)) s"
}

main() {
  local way
  lock_program
  fetch_source nng
  for way in "${WAYS[@]}"; do build_way "$way" build; done
  begin_results
  run_way linked nng:poll:port
  run_way preloaded nng:poll:port
  run_way epoll nng:poll:epoll
}

main
