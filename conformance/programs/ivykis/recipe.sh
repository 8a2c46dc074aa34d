#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# ivykis: `make check`, and those of its other test programs that end by themselves. It takes
# event ports first where configure found port_create; IV_EXCLUDE_POLL_METHOD is the list of
# methods that it must not choose, and iv_poll_method_name() says which one it did. The tests run
# twice: "timer", where the time at which ivykis wants to wake up is that of a kernel timer
# (port-timer: a timer that notifies the port; epoll-timerfd), and "timeout", where it is an
# argument of the wait (port; epoll). Threads wake each other by port_send, or eventfd.
#
#   conformance/programs/ivykis/recipe.sh quick|full      quick: `make check` alone
#
# Exit status: 0 the tests ran, whatever they said; 3 the sources could not be reached; 1 it
# came to no end.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."
readonly PROGRAM=ivykis
source conformance/programs/lib.sh
readonly HERE=$TOP/conformance/programs/ivykis

# Programs that are not part of `make check`, and that end when all that they wait for has come:
# five seconds of events to itself, children, signals, work in other threads.
readonly OTHERS=(
  test/iv_event_raw_bench_signal test/iv_event_raw_bench_timer test/iv_popen_test
  test/iv_signal_bench_signal test/iv_signal_bench_timer
  test.mt/iv_event_bench_signal test.mt/iv_event_bench_timer test.mt/iv_thread_test
  test.mt/iv_wait_test test.mt/iv_work_test
)

trap stop_suite EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# configure cannot link what is to be left undefined, so it is told about port_create, and the
# linker's flags go to make. The sources include one header that illumos alone has.
build() { # WAY
  local flags cppflags folder
  flags=$(port_ldflags "$1")
  cppflags=$(port_cppflags "$1")
  if [[ -n $cppflags ]]; then cppflags+=" -I$HERE/include"; fi
  CC=gcc CPPFLAGS=$cppflags ./configure --disable-static --disable-dependency-tracking \
    ac_cv_func_port_create="$([[ $1 == epoll ]] && echo no || echo yes)"
  for folder in src test test.mt; do make -j2 -C "$folder" LDFLAGS="$flags"; done
  # The flags are a list of words.
  # shellcheck disable=SC2086
  gcc -Isrc/include -o method "$HERE/method.c" -Lsrc/.libs -Wl,-rpath,"$PWD/src/.libs" -livykis $flags
}

# The methods that leave the one that is wanted as the first of those that are allowed.
excluded() { # METHOD
  case $1 in
    port-timer | epoll-timerfd) ;;
    port) echo port-timer ;;
    epoll) echo epoll-timerfd ;;
  esac
}

# Runs `make check` with one method; the cases are named after the clock, "avl (timer)".
check() { # WAY CLOCK
  local log=$RESULTS/$1.$2.log
  run_suite 600 "$log" env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL -u V -u O \
    make -k -C "$DIR/$1/test" check LOG_COMPILER="$(launcher "$1")" || true
  if ! grep -q '^# TOTAL:' "$log"; then die "$1: make check came to no end: see $log"; fi
  sed -nE "s/^PASS: (.*)/ok\t\1 ($2)/p; s/^(FAIL|ERROR): (.*)/failed\t\2 ($2)/p;
    s/^SKIP: (.*)/skipped\t\1 ($2)/p" "$log" >>"$RESULTS/$1.tsv"
}

# Runs the other programs, all at once: most of them wait most of the time.
run_others() { # WAY CLOCK
  local log=$RESULTS/$1.$2.others.log
  run_suite 120 "$log" "$HERE/others.sh" "$DIR/$1" "$(launcher "$1")" "${OTHERS[@]}" ||
    die "$1: the other programs came to no end: see $log"
  sed -nE "s/^case (ok|failed) (.*)/\1\t\2 ($2)/p" "$log" >>"$RESULTS/$1.tsv"
}

run_method() { # SET WAY CLOCK METHOD
  local said
  IV_EXCLUDE_POLL_METHOD=$(excluded "$4")
  export IV_EXCLUDE_POLL_METHOD
  # The launcher is words for a shell.
  said=$(bash -c "$(launcher "$2")$(printf %q "$DIR/$2/method")")
  if [[ $said != "$4" ]]; then die "$2: expected method \"$4\", ivykis says \"$said\""; fi
  check "$2" "$3"
  if [[ $1 == full ]]; then run_others "$2" "$3"; fi
  methods+=("$said")
}

run_way() { # SET WAY METHOD-WITH-TIMER METHOD-WITH-TIMEOUT
  local start=$SECONDS methods=()
  run_method "$1" "$2" timer "$3"
  run_method "$1" "$2" timeout "$4"
  record_backend "$2" "${methods[*]}" "$3 $4"
  say "$2: $(outcome "$2") in $((SECONDS - start)) s"
}

main() {
  local set=${1-quick} way
  lock_program
  fetch_source ivykis
  for way in "${WAYS[@]}"; do build_way "$way" build; done
  begin_results
  run_way "$set" linked port-timer port
  run_way "$set" preloaded port-timer port
  run_way "$set" epoll epoll-timerfd epoll
}

main "$@"
