#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Runs Redis, built from Debian's sources, on its own event-port backend under portc-run, puts it
# under load, and measures the same Redis on epoll beside it. `make demo` calls this after it has
# installed the packages and built libportc.
#
# When Debian's sources cannot be reached, the bundled echo server takes Redis's place; with the
# argument `echo` it does so at once. Exit status 0 says that everything that was started worked
# and ended as it should.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
readonly PROGRAM=redis
source conformance/programs/lib.sh
source conformance/programs/redis/server.sh

readonly REQUESTS=20000 # times the pipeline length: a fraction of a second each
WORK=$(mktemp -d)
trap 'kill_server; rm -rf "$WORK"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Measures the server that runs; prints a line "test pipeline requests/s p50 p99" for each pair.
measure() {
  local test pipeline
  for pipeline in 1 16; do
    for test in ping_mbulk set get; do
      timeout 120 "$DIR/epoll/src/redis-benchmark" -h 127.0.0.1 -p "$server_port" -c 50 \
        -t "$test" -P "$pipeline" -n $((REQUESTS * pipeline)) --csv 2>"$WORK/benchmark.err" |
        awk -F'","' -v name="${test%_mbulk}" -v pipeline="$pipeline" \
          'NR > 1 { print name, pipeline, $2, $5, $7; seen = 1 } END { exit !seen }' ||
        { cat "$WORK/benchmark.err" >&2; return 1; }
    done
  done
}

# Puts the two results of measure side by side.
print_table() {
  printf '\n  %-6s %8s   %21s   %21s\n' '' '' 'event ports' epoll
  printf '  %-6s %8s   %12s %8s   %12s %8s\n' test pipeline requests/s p99/ms requests/s p99/ms
  paste -d ' ' "$1" "$2" | awk '{ printf "  %-6s %8d   %12.0f %8.2f   %12.0f %8.2f\n",
                                  $1, $2, $3, $5, $8, $10 }'
  echo
}

# Runs one server through the load: $1 the backend that must show, $2... its command. The result
# of the measurement goes to $WORK/BACKEND.
run_server() {
  local backend=$1 seen
  shift
  start_server "$WORK/$backend.dir" $((20000 + RANDOM % 20000)) "$@"
  seen=$(server_backend)
  say "redis-server is up, pid $server_pid, 127.0.0.1:$server_port: INFO says multiplexing_api:$seen"
  if [[ $seen != "$backend" ]]; then die "expected multiplexing_api:$backend"; fi
  say "redis-benchmark: 50 connections, ping, set and get"
  measure >"$WORK/$backend"
  stop_server
  if ((server_status != 0)); then
    tail -n 20 "$WORK/$backend.dir/log" >&2
    die "redis-server ended with status $server_status after SIGTERM"
  fi
  say "SIGTERM: redis-server ended with status 0"
}

demo_redis() {
  STEP='[4/5] '
  run_server evport "$PORTC_RUN" "$DIR/preloaded/src/redis-server"
  STEP='[5/5] '
  run_server epoll "$DIR/epoll/src/redis-server"
  print_table "$WORK/evport" "$WORK/epoll"
}

# The bundled server instead, linked with libportc.
demo_echo() {
  local port result
  STEP='[4/5] '
  say "echo_server on event ports"
  "$OUT/demo/echo_server" >"$WORK/echo.log" 2>&1 </dev/null &
  server_pid=$!
  wait_until 10 "$server_pid" grep -q '^listening' "$WORK/echo.log" ||
    { cat "$WORK/echo.log" >&2; die "echo_server did not start"; }
  port=$(sed -n 's/^listening on .*://p' "$WORK/echo.log")
  STEP='[5/5] '
  say "echo_load: 50 connections to 127.0.0.1:$port"
  result=$(timeout 120 "$OUT/demo/echo_load" "$port" 50 200000)
  stop_server
  if ((server_status != 0)); then die "echo_server ended with status $server_status"; fi
  say "SIGTERM: echo_server ended with status 0, $(tail -n 1 "$WORK/echo.log")"
  say "$result"
}

main() {
  local status=0
  if [[ ! -x $PORTC_RUN ]]; then die "$PORTC_RUN is not there: run make first"; fi
  if [[ ${1-} == echo ]]; then
    demo_echo
    return
  fi
  STEP='[3/5] '
  packaging/deps.sh demo || status=3
  if ((status == 0)); then STEP=$STEP conformance/programs/redis/build.sh preloaded epoll || status=$?; fi
  case $status in
    0) demo_redis ;;
    3)
      say "Redis cannot be had now; the bundled echo server takes its place"
      demo_echo
      ;;
    *) return "$status" ;;
  esac
}

main "$@"
