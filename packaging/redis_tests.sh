#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Runs Redis's own tests on event ports, under portc-run, and then the same tests on epoll, and
# compares the outcome test by test.
#
#   packaging/redis_tests.sh quick|full|UNIT...       UNIT as Redis names it: unit/type/list
#
# A test counts as failed when it passes on epoll and not on event ports. One that fails on both
# says nothing about event ports; it is listed, and not counted. The same goes for those of
# redis/known.txt, which says why Redis's event-port backend cannot pass them. The logs stay in
# build/redis/tests; what the servers wrote is in them after a failure.
# Exit status: 0 nothing failed; 1 something failed; 3 Redis's sources could not be reached.
#
# The servers are configured with `repl-diskless-sync no`, for both backends: the event-port
# backend does not see the end of a diskless replication (redis/known.txt). Tests that are about
# diskless replication switch it on themselves.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source packaging/redis/lib.sh

readonly TOP=$PWD
readonly LOG_DIR=$REDIS_DIR/tests
readonly QUICK=(unit/pubsub unit/multi unit/expire unit/type/list-2)
# The servers make Unix sockets some folders further down, and the path of one has to fit into
# 107 characters; where this tree lies, it may not.
WORK=$(mktemp -d)
trap 'stop_tests; kill_server; rm -rf "$WORK"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Prints the units of a set, or those that were named, one a line. Files of unit/type that start
# no server are parts of others.
units_of() {
  case $1 in
    quick) printf '%s\n' "${QUICK[@]}" ;;
    full)
      (cd "$REDIS_DIR/source/tests" && grep -lE '^start_server' unit/type/*.tcl) | sed 's/\.tcl$//'
      printf '%s\n' unit/expire unit/multi unit/pubsub integration/aof integration/replication
      ;;
    *) printf '%s\n' "$@" ;;
  esac
}

# Lays out what runtest expects around itself. It runs src/redis-server, so on event ports that
# is a script that puts portc-run in front of the real one; exec keeps the process id, which the
# tests rely on. The tests are copied because they write beside themselves.
make_tree() {
  local kind=$1 tree=$WORK/$1 program launcher=
  mkdir -p "$tree/src"
  cp -a "$REDIS_DIR/source/tests" "$REDIS_DIR/source/runtest" "$REDIS_DIR/source/redis.conf" "$tree"
  if [[ $kind == evport ]]; then launcher=$(printf '%q ' "$(realpath "$PORTC_RUN")"); fi
  for program in redis-server redis-cli redis-benchmark redis-check-aof redis-check-rdb; do
    printf '#!/bin/sh\nexec %s%q "$@"\n' "$launcher" "$TOP/$REDIS_DIR/$kind/src/$program" \
      >"$tree/src/$program"
    chmod +x "$tree/src/$program"
  done
}

# The tests would pass just the same if the wrong backend ran.
check_backend() {
  local kind=$1 seen
  start_server "$WORK/probe" $((20000 + RANDOM % 20000)) "$WORK/$kind/src/redis-server"
  seen=$(server_backend)
  stop_server
  if [[ $seen != "$kind" ]]; then die "the server under test says multiplexing_api:$seen"; fi
  say "testing redis $(redis_version): INFO says multiplexing_api:$seen"
}

# Runs the units on one backend; compare.py reads the outcome from the log.
run_units() {
  local kind=$1 log=$LOG_DIR/$1.log unit start=$SECONDS options=()
  shift
  make_tree "$kind"
  check_backend "$kind"
  for unit in "$@"; do options+=(--single "$unit"); done
  # --durable: a server that dies fails its test and does not end the run.
  (cd "$WORK/$kind" && exec timeout -k 10 1800 ./runtest --clients 2 --timeout 300 --durable \
    --dump-logs --config repl-diskless-sync no "${options[@]}") >"$log" 2>&1 </dev/null &
  tests_pid=$!
  # In the background as well, because a signal ends `wait` and no other command of this script.
  follow "$log" &
  wait $! || true
  wait "$tests_pid" || true
  stop_tests
  say "ended after $((SECONDS - start)) s; log: $log"
}

# Shows which units are done, and what fails, while the tests run.
follow() {
  tail -n +1 -f -s 0.2 --pid="$tests_pid" "$1" | sed -u 's/\x1b\[[0-9;]*m//g' |
    grep --line-buffered -E '^\[ *[0-9]+/[0-9]+ done\]|^\[(err|exception|timeout)\]'
}

# timeout makes a process group of the tests and the servers that they start. A server asked to
# end would first save its data, into a folder that is about to vanish, and stay when it cannot.
stop_tests() {
  if [[ -z ${tests_pid-} ]]; then return 0; fi
  kill -KILL -- "-$tests_pid" 2>/dev/null || kill -KILL "$tests_pid" 2>/dev/null || true
  wait "$tests_pid" 2>/dev/null || true
  tests_pid=
}

main() {
  local kind units
  (($# > 0)) || die "usage: redis_tests.sh quick|full|UNIT..."
  [[ -x $PORTC_RUN ]] || die "$PORTC_RUN is not there: run make first"
  packaging/redis/build.sh
  mkdir -p "$LOG_DIR"
  mapfile -t units < <(units_of "$@")
  for kind in evport epoll; do run_units "$kind" "${units[@]}"; done
  /usr/bin/python3 -B packaging/redis/compare.py packaging/redis/known.txt \
    "$LOG_DIR/evport.log" "$LOG_DIR/epoll.log" "${units[@]}"
}

main "$@"
