#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Runs CPython's own tests (Debian's libpython3.11-testsuite) without the preload object and with
# it, and writes the outcome of each test method into build/transparency/cpython.{plain,preloaded}.
#
#   tests/transparency/cpython.sh quick|full|TEST...      TEST as CPython names it: test_os
#
# Both ways run at the same time, in the order given. The interpreter comes with the tests, so that
# they are of one version. What each test prints stays in build/transparency/cpython/logs.
# Exit status: 0 both ways are complete; 1 not so; 3 the packages could not be reached.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
readonly SUITE=cpython
source tests/transparency/lib.sh

readonly PACKAGES=(
  libpython3.11-minimal libpython3.11-stdlib libpython3.11-testsuite python3.11-minimal
)
readonly QUICK=(
  test_epoll test_fork1 test_openpty test_poll test_posix test_select
  test_wait3
)
readonly FULL=(
  test_posix test_os test_subprocess test_signal test_select test_selectors test_poll test_epoll
  test_fork1 test_asyncio test_multiprocessing_fork test_multiprocessing_forkserver
  test_multiprocessing_spawn test_multiprocessing_main_handling test_asynchat test_asyncore
  test_concurrent_futures test_eintr test_fcntl test_fileio test_io test_ioctl test_mmap
  test_openpty test_pipes test_popen test_pty test_socket test_socketserver test_tempfile
  test_threading test_threadsignals test_wait3 test_wait4
)
# Listens on a number that is one for the whole machine, so that two at once get into each other's
# way.
readonly IGNORED=(-i ThreadedVSOCKSocketStreamTest)
# Seconds. The longest, of multiprocessing, take three minutes on an idle processor.
readonly LIMIT=1200
readonly PYTHON=$TOP/$SUITE_DIR/root/usr/bin/python3.11
readonly LOG_DIR=$TOP/$SUITE_DIR/logs
WORK=$(mktemp -d)
trap 'stop_bounded; rm -rf "$WORK"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Exit status 2 says that a test method failed, which the report names.
run_test() { # KIND TEST
  local kind=$1 test=$2 status=0 home=$WORK/$1
  (cd "$home" && TMPDIR=$home HOME=$home PYTHONDONTWRITEBYTECODE=1 \
    launch_bounded "$kind" "$LIMIT" "$PYTHON" -m test -v "${IGNORED[@]}" --junit-xml "$home/$test.xml" "$test") \
    >"$LOG_DIR/$test.$kind" 2>&1 </dev/null || status=$?
  if ((status == 0 || status == 2)); then
    result "$kind" ok "ended: $test"
  else
    result "$kind" failed "ended: $test" "exit status $status"
  fi
  /usr/bin/python3 -B tests/transparency/junit.py "$home/$test.xml" >>"$SUITE_DIR/$kind.part"
}

run_tests() { # KIND TEST...
  local kind=$1 test start
  shift
  mkdir "$WORK/$kind"
  for test in "$@"; do
    start=$SECONDS
    run_test "$kind" "$test"
    say "  $(printf '%-10s %-36s %4d s' "$kind" "$test" $((SECONDS - start)))"
  done
}

main() {
  local tests
  case ${1-} in
    '') die "usage: cpython.sh quick|full|TEST..." ;;
    quick) tests=("${QUICK[@]}") ;;
    full) tests=("${FULL[@]}") ;;
    *) tests=("$@") ;;
  esac
  begin_results
  fetch_packages "${PACKAGES[@]}"
  check_preload "$PYTHON" -c ''
  rm -rf "$LOG_DIR"
  mkdir -p "$LOG_DIR"
  both_ways run_tests "${tests[@]}"
  end_results
}

main "$@"
