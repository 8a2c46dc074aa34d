#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Redis: runs its own test suite, runtest.
#
#   conformance/programs/redis/recipe.sh quick|full|UNIT...       UNIT as Redis names it: unit/type/list
#
# full is the complete runtest. The servers are configured with `repl-diskless-sync no`, all three
# ways: the event-port backend does not see the end of a diskless replication (known.txt). Tests
# that switch it on themselves and wait for that end are not run on event ports.
# Exit status: 0 the suite was run; 1 it could not be; 3 Redis's sources could not be reached.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."
readonly PROGRAM=redis
source conformance/programs/lib.sh
source conformance/programs/redis/server.sh

readonly QUICK=(unit/pubsub unit/multi unit/expire unit/type/list-2)
# The servers make Unix sockets some folders further down, and the path of one has to fit into
# 107 characters; where this tree lies, it may not.
WORK=$(mktemp -d)
trap 'stop_suite; kill_server; rm -rf "$WORK"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Prints the units of a set, or those that were named, one a line.
units_of() {
  case $1 in
    quick) printf '%s\n' "${QUICK[@]}" ;;
    full) (cd "$DIR/source" && ./runtest --list-tests) ;;
    *) printf '%s\n' "$@" ;;
  esac
}

# Lays out what runtest expects around itself. It runs src/redis-server, so that is a script that
# starts the real one; exec keeps the process id, which the tests rely on. The tests are copied
# because they write beside themselves.
make_tree() {
  local way=$1 tree=$WORK/$1 program
  mkdir -p "$tree/src"
  cp -a "$DIR/source"/{tests,runtest,redis.conf,utils} "$tree"
  for program in redis-server redis-cli redis-benchmark redis-check-aof redis-check-rdb; do
    printf '#!/bin/sh\nexec %s%q "$@"\n' "$(launcher "$way")" "$TOP/$DIR/$way/src/$program" \
      >"$tree/src/$program"
    chmod +x "$tree/src/$program"
  done
}

# The tests would pass just the same if the wrong backend ran.
check_backend() {
  local way=$1 seen
  start_server "$WORK/probe" $((20000 + RANDOM % 20000)) "$WORK/$way/src/redis-server"
  seen=$(server_backend)
  stop_server
  record_backend "$way" "$seen" "$(backend_of "$way")"
}

# Prints the names of a group of known.txt.
known() { # GROUP
  awk -v group="= $1" '/^= / { inside = $0 == group; next } inside && /^[^ #]/' \
    conformance/programs/redis/known.txt
}

run_units() {
  local way=$1 log=$RESULTS/$1.log unit start=$SECONDS options=()
  shift
  make_tree "$way"
  check_backend "$way"
  say "$way: redis $(redis_version) says multiplexing_api:$(<"$RESULTS/$way.backend"); running $# units"
  for unit in "$@"; do options+=(--single "$unit"); done
  # Others may be running these tests as well.
  options+=(--baseport $((20000 + RANDOM % 10000)) --portcount 2000)
  if [[ $way != epoll ]]; then
    known end-of-pipe >"$WORK/skipped"
    options+=(--skipfile "$WORK/skipped")
  fi
  # --durable: a server that dies fails its test and does not end the run.
  start_suite 1800 "$log" env -C "$WORK/$way" ./runtest --clients 2 --timeout 300 --durable \
    --dump-logs --config repl-diskless-sync no "${options[@]}"
  follow "$log" &
  wait_suite || true
  wait # for the follower
  /usr/bin/python3 -B conformance/programs/redis/outcomes.py "$@" <"$log" >"$RESULTS/$way.tsv"
  say "$way: ended after $((SECONDS - start)) s; log: $log"
}

# Shows which units are done, and what fails, while the tests run.
follow() {
  tail -n +1 -f -s 0.2 --pid="$suite_pid" "$1" | sed -u 's/\x1b\[[0-9;]*m//g' |
    grep --line-buffered -E '^\[ *[0-9]+/[0-9]+ done\]|^\[(err|exception|timeout)\]'
}

main() {
  local way units
  (($# > 0)) || die "usage: recipe.sh quick|full|UNIT..."
  conformance/programs/redis/build.sh "${WAYS[@]}"
  lock_program
  begin_results
  mapfile -t units < <(units_of "$@")
  for way in "${WAYS[@]}"; do run_units "$way" "${units[@]}"; done
}

main "$@"
