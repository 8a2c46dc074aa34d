#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Runs Debian's redis-server, on epoll as it is packaged, without the preload object and with it:
# checks of our own (load, pipelining, publishing, saving, replication, threads, restarts), and in
# the full part Redis's own tests. Writes the outcome of each into
# build/transparency/redis.{plain,preloaded}.
#
#   tests/transparency/redis.sh quick|full|UNIT...       UNIT as Redis names it: unit/type/list
#
# Servers and clients of one way run both with the preload object or both without it. Redis's
# tests come from its source package, the programs that they test from the binary one. What was
# printed stays in build/transparency/redis/logs.
# Exit status: 0 both ways are complete; 1 not so; 3 the packages could not be reached.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
readonly SUITE=redis
source tests/transparency/lib.sh

readonly PACKAGES=(redis-server redis-tools)
# Those without tests that choose what they do by chance, and name themselves by it (psync2).
readonly FULL=(
  unit/aofrw unit/expire unit/introspection unit/multi unit/networking unit/oom-score-adj
  unit/pubsub unit/querybuf unit/type/list unit/type/list-2 unit/type/stream
  integration/aof integration/aof-multi-part integration/logging
  integration/rdb integration/redis-benchmark integration/redis-cli integration/replication
  integration/shutdown
)
readonly LOG_DIR=$TOP/$SUITE_DIR/logs
readonly BIN=$TOP/$SUITE_DIR/root/usr/bin
# Unix sockets lie some folders further down, and the path of one has to fit into 107 characters.
WORK=$(mktemp -d)
trap 'stop_all; rm -rf "$WORK"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
export LC_ALL=C LD_LIBRARY_PATH=$TOP/$SUITE_DIR/root/usr/lib/x86_64-linux-gnu

# The two ways run at the same time, and must not meet. Redis's tests take up to a thousand ports
# from the one that they are given.
declare -A PORT=([plain]=$((20000 + RANDOM % 5000)) [preloaded]=$((26000 + RANDOM % 5000)))

# --- servers ---------------------------------------------------------------------------
readonly OPTIONS=(--bind 127.0.0.1 --daemonize yes --logfile log --pidfile pid --save ''
  --unixsocket socket --repl-diskless-sync yes --repl-diskless-sync-delay 0)

cli() { launch "$1" timeout 60 "$BIN/redis-cli" -p "${PORT[$1]}" "${@:2}"; } # KIND ARGUMENT...

# Runs a command until it succeeds, for at most a minute.
wait_until() { # COMMAND...
  local end=$((SECONDS + 60))
  until "$@"; do
    if ((SECONDS >= end)); then return 1; fi
  done
}

says() { # KIND PATTERN ARGUMENT...: an answer has a line that matches
  local answer
  answer=$(cli "$1" "${@:3}" 2>&1 | tr -d '\r')
  if ! grep -qxE "$2" <<<"$answer"; then
    echo "expected: $2; seen: $answer"
    return 1
  fi
}

start_server() { # KIND FOLDER OPTION...
  local dir=$WORK/$1/$2
  mkdir -p "$dir"
  (cd "$dir" && launch "$1" "$BIN/redis-server" --port "${PORT[$1]}" "${OPTIONS[@]}" "${@:3}") &&
    wait_until says "$1" PONG PING
}

# The server is what the suite says it is.
check_server() { # KIND
  local pid
  says "$1" 'multiplexing_api:epoll' INFO server || die "the server does not use epoll"
  pid=$(<"$WORK/$1/main/pid")
  if has_preload "$pid" && [[ $1 == plain ]]; then die "the plain server has the preload object"; fi
  if ! has_preload "$pid" && [[ $1 == preloaded ]]; then die "the server lacks the preload object"; fi
}

stop_all() {
  local file
  for file in "$WORK"/*/*/pid; do
    if [[ -f $file ]]; then kill -KILL "$(<"$file")" 2>/dev/null || true; fi
  done
  for file in "$WORK"/*/tests.pid; do
    if [[ -f $file ]]; then kill -KILL -- "-$(<"$file")" 2>/dev/null || true; fi
  done
}

# --- checks of our own -----------------------------------------------------------------
benchmark() { # KIND ARGUMENT...
  launch "$1" timeout 120 "$BIN/redis-benchmark" -p "${PORT[$1]}" -q "${@:2}"
}

check_load() {
  benchmark "$1" -n 2000 -c 50 -t set,get,incr,lpush,rpush,lpop,sadd,hset,zadd,mset &&
    says "$1" 2000 GET counter:__rand_int__
}

check_pipelined_load() {
  benchmark "$1" -n 20000 -c 50 -P 16 -t set,get --threads 2 -r 1000 && says "$1" '[1-9][0-9]*' DBSIZE
}

check_large_values() {
  benchmark "$1" -n 200 -c 10 -d 300000 -t set,get && says "$1" 300000 STRLEN key:__rand_int__
}

check_new_connections() { benchmark "$1" -n 500 -c 20 -k 0 -t ping_mbulk; }

# redis-cli waits for the echo of the last of all these commands.
check_pipe() {
  seq 1 20000 | sed 's/.*/SET piped:& &/' | cli "$1" --pipe | grep 'errors: 0, replies: 20000' &&
    says "$1" 20000 GET piped:20000
}

check_unix_socket() {
  launch "$1" timeout 60 "$BIN/redis-cli" -s "$WORK/$1/main/socket" PING | grep -x PONG
}

check_publish() {
  cli "$1" SUBSCRIBE news >"$WORK/$1/news" &
  wait_until says "$1" 1 PUBLISH news first && says "$1" '1' PUBLISH news second &&
    wait_until grep -qx second "$WORK/$1/news"
  says "$1" 1 CLIENT KILL TYPE pubsub
  kill $! 2>/dev/null || true
  wait $! || true
}

check_blocked_client() {
  cli "$1" BLPOP queue 60 >"$WORK/$1/blocked" &
  wait_until says "$1" 'blocked_clients:1' INFO clients && says "$1" 1 RPUSH queue item &&
    wait $! && grep -x item "$WORK/$1/blocked"
}

check_expiry() {
  says "$1" OK SET short lived PX 50 && wait_until says "$1" 0 EXISTS short &&
    says "$1" 'expired_keys:[1-9][0-9]*' INFO stats
}

check_script() {
  says "$1" 50005000 EVAL 'local n = 0 for i = 1, 10000 do n = n + i end return n' 0
}

# A child writes the file; the server learns of its end from a pipe and from a signal.
check_background_save() {
  says "$1" 'Background saving started' BGSAVE &&
    wait_until says "$1" 'rdb_bgsave_in_progress:0' INFO persistence &&
    says "$1" 'rdb_last_bgsave_status:ok' INFO persistence &&
    launch "$1" "$BIN/redis-check-rdb" "$WORK/$1/main/dump.rdb" | grep 'RDB looks OK'
}

check_append_only_file() {
  says "$1" OK CONFIG SET appendonly yes && says "$1" OK CONFIG SET appendfsync always &&
    wait_until says "$1" 'aof_rewrite_in_progress:0' INFO persistence &&
    benchmark "$1" -n 1000 -c 20 -t incr && says "$1" 'Background append only.*' BGREWRITEAOF &&
    wait_until says "$1" 'aof_rewrite_in_progress:0' INFO persistence &&
    says "$1" 'aof_last_bgrewrite_status:ok' INFO persistence
}

check_reload() { says "$1" OK DEBUG RELOAD && says "$1" 20000 GET piped:20000; }

# A second server, which has threads of its own for reading and writing, follows the first.
check_replica() {
  local status=0 main=${PORT[$1]}
  PORT[$1]=$((main + 1))
  start_server "$1" replica --replicaof 127.0.0.1 "$main" --io-threads 2 --io-threads-do-reads yes &&
    wait_until says "$1" 'master_link_status:up' INFO replication &&
    wait_until says "$1" 20000 GET piped:20000 && benchmark "$1" -n 500 -c 20 -t get &&
    says "$1" OK REPLICAOF NO ONE && says "$1" OK SET own yes || status=$?
  cli "$1" SHUTDOWN NOSAVE
  PORT[$1]=$main
  return "$status"
}

check_restart() {
  says "$1" OK SET before restart && cli "$1" SHUTDOWN NOSAVE &&
    start_server "$1" main --appendonly yes && says "$1" restart GET before
}

check_killed_server() {
  says "$1" OK SET before kill && kill -KILL "$(<"$WORK/$1/main/pid")" &&
    start_server "$1" main --appendonly yes && says "$1" kill GET before
}

check_shutdown() {
  kill -TERM "$(<"$WORK/$1/main/pid")" && wait_until test ! -e "$WORK/$1/main/pid" &&
    grep 'ready to exit' "$WORK/$1/main/log"
}

readonly CHECKS=(
  load pipelined_load large_values new_connections pipe unix_socket publish blocked_client expiry
  script background_save reload append_only_file replica restart killed_server shutdown
)

run_checks() { # KIND
  local check
  start_server "$1" main --enable-debug-command yes >"$LOG_DIR/start.$1" 2>&1 || return 1
  check_server "$1"
  for check in "${CHECKS[@]}"; do
    result_of "$1" "check: $check" "check_$check" "$1" >"$LOG_DIR/$check.$1" 2>&1 </dev/null
  done
}

# --- Redis's own tests -----------------------------------------------------------------
# Lays out what runtest expects around itself. exec keeps the process id, which the tests rely on.
# The tests are copied because they write beside themselves.
make_tree() { # KIND
  local tree=$WORK/$1/tree program before=
  mkdir -p "$tree/src"
  cp -a "$SUITE_DIR"/source/{tests,runtest,redis.conf} "$tree"
  if [[ $1 == preloaded ]]; then before=$(printf '%q ' "$LAUNCHER"); fi
  for program in redis-server redis-cli redis-benchmark redis-check-aof redis-check-rdb; do
    printf '#!/bin/sh\nexec %s%q "$@"\n' "$before" "$BIN/$program" >"$tree/src/$program"
    chmod +x "$tree/src/$program"
  done
}

# Each test that runtest reports becomes a case, and each unit that it should finish.
# --durable: a server that dies fails its test and does not end the run.
run_units() { # KIND UNIT...
  local kind=$1 log=$LOG_DIR/runtest.$1 unit options=()
  make_tree "$kind"
  for unit in "${@:2}"; do options+=(--single "$unit"); done
  (
    cd "$WORK/$kind/tree"
    echo "$BASHPID" >"$WORK/$kind/tests.pid"
    exec env -u LD_PRELOAD timeout -k 10 1800 ./runtest --clients 2 --timeout 300 --durable \
      --dump-logs --baseport "${PORT[$kind]}" --portcount 1000 "${options[@]}" 8>&-
  ) >"$log" 2>&1 </dev/null || true
  sed -i -E 's/\x1b\[[0-9;]*m//g' "$log"
  sed -nE \
    -e 's/^\[ok\]: (.*) \([0-9]+ ms\)$/ok\t\1/p' \
    -e 's/^\[(err|exception|timeout)\]: (.*) in tests.*$/failed\t\2/p' "$log" >>"$SUITE_DIR/$kind.part"
  for unit in "${@:2}"; do
    result_of "$kind" "finished: $unit" grep -q "^\[[ 0-9]*/[0-9]* done\]: $unit " "$log"
  done
}

# --- both ways -------------------------------------------------------------------------
run_kind() { # KIND UNIT...
  local start=$SECONDS
  mkdir -p "$WORK/$1"
  run_checks "$1"
  say "  $1: checks, $((SECONDS - start)) s"
  if (($# > 1)); then
    run_units "$@"
    say "  $1: Redis's own tests, $((SECONDS - start)) s"
  fi
}

main() {
  local units=("$@")
  case ${1-} in
    '') die "usage: redis.sh quick|full|UNIT..." ;;
    quick) units=() ;;
    full) units=("${FULL[@]}") ;;
  esac
  begin_results
  DEPENDENCIES=yes fetch_packages "${PACKAGES[@]}"
  if ((${#units[@]} > 0)); then fetch_source redis tests runtest redis.conf; fi
  check_preload "$BIN/redis-server" --version
  rm -rf "$LOG_DIR"
  mkdir -p "$LOG_DIR"
  both_ways run_kind "${units[@]}"
  end_results
}

main "$@"
