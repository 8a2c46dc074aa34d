#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Runs Debian's PostgreSQL without the preload object and with it: checks of our own (timeouts,
# cancelling, killed backends, parallel workers, copying, replication, restarts), pgbench, and
# PostgreSQL's own regression and isolation tests. Writes the outcome of each into
# build/transparency/postgresql.{plain,preloaded}.
#
#   tests/transparency/postgresql.sh quick|full
#
# The server and the clients of one way run both with the preload object or both without it. A
# server refuses to be run by root, who runs it as nobody; everything it needs is copied into a
# temporary folder, where that user can read it. What was printed stays in
# build/transparency/postgresql/logs.
# Exit status: 0 both ways are complete; 1 not so; 3 the packages could not be reached.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
readonly SUITE=postgresql
source tests/transparency/lib.sh

readonly PACKAGES=(postgresql-15 postgresql-client-15 postgresql-server-dev-15)
# Regression tests without which the others have no tables, and those about several processes,
# signals, files and time.
readonly QUICK='test_setup boolean int4 text copydml insert create_index
  create_aggregate create_view transactions aggregates write_parallel
  vacuum_parallel portals prepare async advisory_lock'
readonly QUICK_ISOLATION='async-notify timeouts deadlock-simple nowait skip-locked
  temp-schema-cleanup'
# Seconds. The regression tests take two minutes on an idle processor, the isolation tests three.
readonly LIMIT=1200
readonly LOG_DIR=$TOP/$SUITE_DIR/logs
WORK=$(mktemp -d)
readonly PG=$WORK/usr/lib/postgresql/15
readonly PGXS=$PG/lib/pgxs/src/test
trap 'stop_servers; rm -rf "$WORK"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
export LC_ALL=C LD_LIBRARY_PATH=$WORK/usr/lib/x86_64-linux-gnu PGUSER=tester PGDATABASE=postgres
export PGCONNECT_TIMEOUT=60

# Runs one of PostgreSQL's programs, within reach of the server of its kind.
pg() { # KIND PROGRAM ARGUMENT...
  local home=$WORK/$1
  (
    cd "$home"
    PGHOST=$home PGPORT=${PORT[$1]} HOME=$home TMPDIR=$home launch "$1" timeout -k 10 "$LIMIT" "${@:2}"
  )
}

sql() { pg "$1" "$PG/bin/psql" -XqAt -v ON_ERROR_STOP=1 -c "$2"; } # KIND STATEMENTS

# --- the server ------------------------------------------------------------------------
declare -A PORT=([plain]=$((20000 + RANDOM % 10000)) [preloaded]=$((30000 + RANDOM % 2700)))

# What the regression tests have in C.
build_regress() {
  gcc -O2 -w -shared -fPIC -I"$SUITE_DIR/source/src/test/regress" \
    -I"$WORK/usr/include/postgresql/15/server" -o "$WORK/regress.so" \
    "$SUITE_DIR/source/src/test/regress/regress.c"
}

initialize() { # KIND
  local home=$WORK/$1
  mkdir -p "$home/regress" "$home/isolation"
  cp -r "$SUITE_DIR/source/src/test" "$home/test"
  user_folder "$home"
  pg "$1" "$PG/bin/initdb" -D data -U "$PGUSER" -A trust -E UTF8 --no-locale --no-sync
  cat >>"$home/data/postgresql.conf" <<END
unix_socket_directories = '$home'
listen_addresses = '127.0.0.1'
port = ${PORT[$1]}
fsync = off
max_prepared_transactions = 10
log_line_prefix = '%m [%p] '
log_min_messages = warning
END
}

start_server() { # KIND [FOLDER]
  pg "$1" "$PG/bin/pg_ctl" -D "${2:-data}" -w -t 120 -l "log.${2:-data}" start >/dev/null
}

stop_server() { # KIND [FOLDER]
  pg "$1" "$PG/bin/pg_ctl" -D "${2:-data}" -w -t 120 -m fast stop >/dev/null
}

stop_servers() {
  local pid
  for pid in "$WORK"/*/*/postmaster.pid; do
    if [[ -f $pid ]]; then kill -QUIT "$(head -n 1 "$pid")" 2>/dev/null || true; fi
  done
}

postmaster_of() { head -n 1 "$WORK/$1/${2:-data}/postmaster.pid"; } # KIND [FOLDER]

# The server, and a process that it made, are what the suite says they are. The session that is
# looked at is over when it has been.
check_server() { # KIND
  local kind=$1 pid backend
  sql "$kind" 'SELECT pg_sleep(600)' >/dev/null 2>&1 &
  backend=$(wait_for_backend "$kind")
  for pid in "$(postmaster_of "$kind")" "$backend"; do
    if has_preload "$pid" && [[ $kind == plain ]]; then die "the plain server has the preload object"; fi
    if ! has_preload "$pid" && [[ $kind == preloaded ]]; then die "the server lacks the preload object"; fi
  done
  sql "$kind" "SELECT pg_terminate_backend($backend)" >/dev/null
  wait $! || true
}

# Waits for a session that sleeps and prints its process id.
wait_for_backend() { # KIND
  local sleeping="SELECT pid FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
  wait_until test_output "$1" "$sleeping" >&2 && sql "$1" "$sleeping"
}

test_output() { [[ -n $(sql "$1" "$2") ]]; } # KIND STATEMENTS

# Runs a command until it succeeds, for at most a minute.
wait_until() { # COMMAND...
  local end=$((SECONDS + 60))
  until "$@"; do
    if ((SECONDS >= end)); then return 1; fi
  done
}

# --- checks of our own -----------------------------------------------------------------
# Each of them is a case, succeeds or fails, and prints only to its log.

# The output of a statement is what it has to be.
gives() { # KIND EXPECTED STATEMENTS
  local seen
  seen=$(sql "$1" "$3") || return 1
  if [[ $seen != "$2" ]]; then
    echo "expected: $2; seen: $seen"
    return 1
  fi
}

# A statement fails, and says so.
fails_with() { # KIND MESSAGE STATEMENTS
  local seen
  if seen=$(sql "$1" "$3" 2>&1); then return 1; fi
  echo "$seen"
  [[ $seen == *"$2"* ]]
}

check_tables() {
  sql "$1" "CREATE TABLE numbers AS SELECT n, md5(n::text) AS sum FROM generate_series(1, 50000) AS n;
    ANALYZE numbers" && gives "$1" 50000 'SELECT count(DISTINCT sum) FROM numbers'
}

check_statement_timeout() {
  fails_with "$1" 'statement timeout' "SET statement_timeout = 200; SELECT pg_sleep(600)"
}

check_lock_timeout() {
  sql "$1" 'BEGIN; LOCK TABLE numbers; SELECT pg_sleep(600)' >/dev/null 2>&1 &
  local backend
  backend=$(wait_for_backend "$1")
  fails_with "$1" 'lock timeout' "SET lock_timeout = 200; SELECT * FROM numbers LIMIT 1" || return 1
  gives "$1" t "SELECT pg_terminate_backend($backend, 60000)"
}

check_cancel() {
  local backend status=0
  sql "$1" 'SELECT pg_sleep(601)' 2>"$WORK/$1/cancelled" &
  backend=$(wait_for_backend "$1")
  gives "$1" t "SELECT pg_cancel_backend($backend)" || return 1
  wait $! || status=$?
  [[ $status == 1 ]] && grep 'due to user request' "$WORK/$1/cancelled"
}

check_terminate() {
  local backend status=0
  sql "$1" 'SELECT pg_sleep(602)' 2>"$WORK/$1/terminated" &
  backend=$(wait_for_backend "$1")
  gives "$1" t "SELECT pg_terminate_backend($backend, 60000)" || return 1
  wait $! || status=$?
  [[ $status == 2 ]] && grep 'administrator command' "$WORK/$1/terminated"
}

# A backend that is killed takes all others with it, and the server comes back.
check_killed_backend() {
  local backend status=0
  sql "$1" 'SELECT pg_sleep(603)' >/dev/null 2>&1 &
  backend=$(wait_for_backend "$1")
  kill -KILL "$backend"
  wait $! || status=$?
  [[ $status == 2 ]] || return 1
  wait_until sql "$1" 'SELECT 1' || return 1
  gives "$1" 50000 'SELECT count(*) FROM numbers'
}

check_parallel() {
  local forced='SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0;
    SET min_parallel_table_scan_size = 0; SET max_parallel_workers_per_gather = 2;'
  gives "$1" 1250025000 "$forced SELECT sum(n) FROM numbers" &&
    sql "$1" "$forced EXPLAIN (ANALYZE) SELECT sum(n) FROM numbers" | grep 'Workers Launched: [12]'
}

check_copy() {
  sql "$1" 'CREATE TABLE copied (LIKE numbers)' &&
    sql "$1" 'COPY numbers TO STDOUT' | pg "$1" "$PG/bin/psql" -XqAt -c 'COPY copied FROM STDIN' &&
    gives "$1" 0 'SELECT count(*) FROM (SELECT * FROM numbers EXCEPT SELECT * FROM copied) AS missing'
}

# The server starts a shell, reads what it writes and waits for it.
check_copy_program() {
  sql "$1" "CREATE TABLE lines (line text); COPY lines FROM PROGRAM 'seq 1000; exit 0'" &&
    gives "$1" 1000 'SELECT count(*) FROM lines' &&
    fails_with "$1" 'exit code 3' "COPY lines FROM PROGRAM 'exit 3'"
}

check_notify() {
  sql "$1" "LISTEN news; NOTIFY news, 'first'; SELECT pg_notify('news', 'second')" |
    grep -c 'Asynchronous notification "news"' | grep -x 2
}

check_pgbench() {
  pg "$1" "$PG/bin/pgbench" -q -i -s 2 && pg "$1" "$PG/bin/pgbench" -n -c 8 -j 2 -t 100 &&
    gives "$1" t 'SELECT (SELECT sum(abalance) FROM pgbench_accounts) =
      (SELECT sum(delta) FROM pgbench_history) AND (SELECT count(*) FROM pgbench_history) = 800'
}

check_pgbench_tcp() {
  pg "$1" "$PG/bin/pgbench" -h 127.0.0.1 -n -S -M prepared -c 8 -j 2 -t 500 |
    grep 'actually processed: 4000/4000'
}

check_pgbench_reconnect() {
  pg "$1" "$PG/bin/pgbench" -n -S -C -c 4 -j 2 -t 50 | grep 'actually processed: 200/200'
}

check_dump() {
  pg "$1" "$PG/bin/createdb" restored && pg "$1" "$PG/bin/pg_dump" postgres -j 2 -F d -f dumped &&
    pg "$1" "$PG/bin/pg_restore" -j 2 -d restored dumped &&
    PGDATABASE=restored gives "$1" 50000 'SELECT count(*) FROM numbers'
}

check_reload() {
  echo 'work_mem = 5MB' >>"$WORK/$1/data/postgresql.conf" &&
    pg "$1" "$PG/bin/pg_ctl" -D data reload && wait_until gives "$1" 5MB 'SHOW work_mem'
}

check_restart() {
  local before
  before=$(postmaster_of "$1")
  pg "$1" "$PG/bin/pg_ctl" -D data -w -t 120 -l log.data restart >/dev/null &&
    [[ $(postmaster_of "$1") != "$before" ]] && gives "$1" 50000 'SELECT count(*) FROM numbers'
}

check_immediate_stop() {
  pg "$1" "$PG/bin/pg_ctl" -D data -w -t 120 -m immediate stop && start_server "$1" &&
    gives "$1" 50000 'SELECT count(*) FROM numbers'
}

# A standby follows, and becomes a server of its own.
check_standby() {
  local port=$((PORT[$1] + 1))
  pg "$1" "$PG/bin/pg_basebackup" -D standby -R -X stream -c fast --no-sync || return 1
  echo "port = $port" >>"$WORK/$1/standby/postgresql.conf"
  start_server "$1" standby || return 1
  sql "$1" 'CREATE TABLE followed AS SELECT * FROM generate_series(1, 1000)' || return 1
  (
    PORT[$1]=$port
    wait_until gives "$1" 1000 'SELECT count(*) FROM followed' &&
      gives "$1" t 'SELECT pg_promote()' && sql "$1" 'INSERT INTO followed VALUES (0)'
  ) && stop_server "$1" standby
}

readonly CHECKS=(
  tables statement_timeout lock_timeout cancel terminate notify parallel copy copy_program
  pgbench pgbench_tcp pgbench_reconnect killed_backend dump reload restart immediate_stop standby
)

run_checks() { # KIND
  local check log
  for check in "${CHECKS[@]}"; do
    log=$LOG_DIR/$check.$1
    result_of "$1" "check: $check" "check_$check" "$1" >"$log" 2>&1 </dev/null
  done
}

# --- PostgreSQL's own tests ------------------------------------------------------------
# What pg_regress prints of each test becomes a case: "test int4 ... ok", or without "test" when
# several run at once.
regress_results() { # KIND LOG PREFIX
  local line
  while read -r line; do
    case ${line#* } in
      ok) result "$1" ok "$3: ${line%% *}" ;;
      *) result "$1" failed "$3: ${line%% *}" ;;
    esac
  done < <(sed -nE 's/^(test)? +([a-z0-9_-]+) +\.\.\. (ok|FAILED|failed).*/\2 \3/p' "$2")
}

run_regress() { # KIND PART
  local kind=$1 log=$LOG_DIR/regress.$1 words=(--schedule=test/regress/parallel_schedule)
  # QUICK is a list of words.
  # shellcheck disable=SC2206
  if [[ $2 == quick ]]; then words=($QUICK); fi
  pg "$kind" "$PGXS/regress/pg_regress" --inputdir=test/regress --outputdir=regress \
    --bindir="$PG/bin" --dlpath="$WORK" --max-concurrent-tests=20 \
    "${words[@]}" >"$log" 2>&1 </dev/null || true
  cp "$WORK/$kind/regress/regression.diffs" "$log.diffs" 2>/dev/null || true
  regress_results "$kind" "$log" regress
}

run_isolation() { # KIND PART
  local kind=$1 log=$LOG_DIR/isolation.$1 words=(--schedule=test/isolation/isolation_schedule)
  # shellcheck disable=SC2206
  if [[ $2 == quick ]]; then words=($QUICK_ISOLATION); fi
  pg "$kind" "$PGXS/isolation/pg_isolation_regress" --inputdir=test/isolation \
    --outputdir=isolation --bindir="$PG/bin" "${words[@]}" \
    >"$log" 2>&1 </dev/null || true
  cp "$WORK/$kind/isolation/regression.diffs" "$log.diffs" 2>/dev/null || true
  regress_results "$kind" "$log" isolation
}

# --- both ways -------------------------------------------------------------------------
run_kind() { # KIND PART
  local start=$SECONDS
  initialize "$1" >"$LOG_DIR/initdb.$1" 2>&1
  start_server "$1"
  check_server "$1"
  run_checks "$1"
  say "  $1: checks, $((SECONDS - start)) s"
  run_regress "$@"
  say "  $1: regression tests, $((SECONDS - start)) s"
  run_isolation "$@"
  say "  $1: isolation tests, $((SECONDS - start)) s"
  result_of "$1" 'check: stop' stop_server "$1"
  cp "$WORK/$1"/log.* "$LOG_DIR"
}

main() {
  case ${1-} in quick | full) ;; *) die "usage: postgresql.sh quick|full" ;; esac
  begin_results
  DEPENDENCIES=yes fetch_packages "${PACKAGES[@]}"
  fetch_source postgresql-15 src/test/regress src/test/isolation
  rm -rf "$LOG_DIR"
  mkdir -p "$LOG_DIR"
  stage
  build_regress
  check_preload "$PG/bin/postgres" --version
  both_ways run_kind "$1"
  end_results
}

main "$@"
