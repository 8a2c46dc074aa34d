# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034
#
# Starting, asking and ending a redis-server; sourced, never run, after conformance/programs/lib.sh
# with PROGRAM=redis.

redis_version() { sed -n 's/^#define REDIS_VERSION "\(.*\)"$/\1/p' "$DIR/source/src/version.h"; }

# The redis-cli of the epoll build: what looks at the server is no test of libportc.
redis_cli() { timeout 10 "$DIR/epoll/src/redis-cli" -p "$server_port" "$@"; }

# Runs a command until it succeeds, for at most SECONDS. Fails as soon as process PID is gone.
wait_until() {
  local seconds=$1 pid=$2 end
  shift 2
  end=$((SECONDS + seconds))
  until "$@" >/dev/null 2>&1; do
    if ! kill -0 "$pid" 2>/dev/null || ((SECONDS >= end)); then return 1; fi
    sleep 0.05
  done
}

# Another program may hold the port and answer in the server's place, so the answer must name
# the process that was started.
is_listening() { redis_cli info server | tr -d '\r' | grep -qx "process_id:$server_pid"; }

# Starts a server on an unused port of the loopback interface; sets server_pid and server_port.
#   $1  directory for its files and for what it prints
#   $2  the port to try first
#   $3  the command, and more words of it
start_server() {
  local dir=$1 tries
  server_port=$2
  shift 2
  mkdir -p "$dir"
  for tries in {1..10}; do
    "$@" --bind 127.0.0.1 --port "$server_port" --dir "$dir" --save '' --appendonly no \
      --daemonize no --logfile '' >"$dir/log" 2>&1 </dev/null &
    server_pid=$!
    if wait_until 10 "$server_pid" is_listening; then return 0; fi
    kill_server
    grep -q 'Address already in use' "$dir/log" || break
    server_port=$((server_port + tries * 7))
  done
  cat "$dir/log" >&2
  die "redis-server did not start"
}

server_backend() { redis_cli info server | tr -d '\r' | sed -n 's/^multiplexing_api://p'; }

# What INFO says of a server that was built one way.
backend_of() { if [[ $1 == epoll ]]; then echo epoll; else echo evport; fi; }

# Asks the server to end, as an init system would; sets server_status to its exit status.
stop_server() {
  local end=$((SECONDS + 10))
  server_status=0
  kill -TERM "$server_pid"
  while kill -0 "$server_pid" 2>/dev/null; do
    if ((SECONDS >= end)); then
      kill_server
      die "redis-server did not end within 10 s of SIGTERM"
    fi
    sleep 0.05
  done
  wait "$server_pid" || server_status=$?
  server_pid=
}

# Ends the server, if one is running, come what may.
kill_server() {
  if [[ -z ${server_pid-} ]]; then return 0; fi
  kill -KILL "$server_pid" 2>/dev/null || true
  wait "$server_pid" 2>/dev/null || true
  server_pid=
}
