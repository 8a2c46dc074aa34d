#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Runs the programs of this folder, linked and preloaded, and breaks the runtime in ways that they
# have to show.
#
#   tests/threads/check.sh BUILD [RUNTIME]
#
# RUNTIME is the sanitizer's, if BUILD has one: it is preloaded first. STEPS in the environment: how
# many instructions from one signal handler to the next. The closing line is "N passed, N failed";
# the exit status is 0 when nothing failed.
set -euo pipefail

build=$1
runtime=${2:-}
programs=$build/tests/threads
preload=${runtime:+$runtime:}$build/lib/portc/portc-preload.so
passed=0
failed=0
output=
status=0

# Leaks cannot be told in a forked child. TSan gives up after a fork with threads unless told not to.
export ASAN_OPTIONS=detect_leaks=0
export TSAN_OPTIONS=die_after_fork=0:exitcode=66

outcome() { # NAME WRONG: shows the program's output if WRONG is not 0
  if [[ $2 == 0 ]]; then
    passed=$((passed + 1))
    echo "ok      $1"
  else
    failed=$((failed + 1))
    echo "FAILED  $1 (status $status)"
    tail -n 20 <<<"$output"
  fi
}

start() { # FORM PROGRAM WORD...: sets output and status
  status=0
  case $1 in
    linked) output=$("$programs/$2" "${@:3}" 2>&1) || status=$? ;;
    preloaded) output=$(LD_PRELOAD=$preload "$programs/preloaded/$2" "${@:3}" 2>&1) || status=$? ;;
  esac
}

run_case() { # FORM PROGRAM CASE
  start "$@"
  local wrong=0
  [[ $status == 0 && $output == EXIT-SUCCESS ]] || wrong=1
  outcome "$1 $2 $3" $wrong
}

# What a sanitizer cannot run: TSan ends a child of several threads that starts one itself, lets no
# handler run while a thread waits in a system call that it does not know of, and reports a close and a
# dup of one descriptor as a race of the program's, which is what copied_and_closed is about.
is_possible() { # CASE
  [[ $runtime == *libtsan* ]] || return 0
  case $1 in
    forks | generations | exit_in_handler | jump_out_of_two | jump_out_of_suspend | \
      jump_out_of_list | copied_and_closed) return 1 ;;
  esac
}

# In the background, since they are slow or hang: OUTPUT and OUTPUT.status.
begin() { # NAME COMMAND...
  {
    local status=0
    "${@:2}" >"$outputs/$1" 2>&1 || status=$?
    echo "$status" >"$outputs/$1.status"
  } &
}

ended() { # NAME: sets output and status
  output=$(<"$outputs/$1")
  status=$(<"$outputs/$1.status")
}

begin_steps() { # FORM STEPS
  local command=("$programs/interrupted")
  [[ $1 == linked ]] || command=(env "LD_PRELOAD=$preload" "$programs/preloaded/interrupted")
  begin "$1-steps" "${command[@]}" --steps "$2"
}

end_steps() { # FORM: every scene counts
  ended "$1-steps"
  local scene
  while read -r scene; do outcome "$1 interrupted: ${scene#* }" 0; done < <(sed -n 's/^ok *//p' <<<"$output")
  outcome "$1 interrupted" "$status"
}

# SECONDS is all it gets: longer than it needs, if it is to report.
begin_canary() { # DEFECT SECONDS PROGRAM WORD...
  begin "$1" env "PORTC_PLANTED=$1" timeout -s KILL "$2" "$programs/planted/$3" "${@:4}"
}

# The program must have failed and said this; or, with no REPORT, crashed or not come to an end.
end_canary() { # DEFECT [REPORT]
  local wrong=0
  ended "$1"
  if [[ -n ${2:-} ]]; then
    [[ $status != 0 ]] && grep -qE -- "$2" <<<"$output" || wrong=1
  else
    ((status >= 128)) || wrong=1
  fi
  outcome "planted: $1" $wrong
}

begin_all() {
  # The code is the same: the preloaded one is what the wrappers do.
  begin_steps linked "$STEPS"
  begin_steps preloaded $((2 * STEPS))
  begin_canary no-drain 60 interrupted --steps 97 port_send
  begin_canary no-abandon 6 cancelled jump_out_of_handler
  begin_canary no-interrupt 6 cancelled wakes_the_cancelled
  begin_canary no-closing-mark 60 crowd closed_under_them
  begin_canary no-second-life 10 crowd copied_and_closed
  begin_canary no-follower 6 crowd one_process
  begin_canary child-locked 6 forking forks
}

end_all() {
  wait
  for form in linked preloaded; do end_steps $form; done
  end_canary no-drain 'arrived 0 times'
  end_canary no-abandon
  end_canary no-interrupt
  end_canary no-closing-mark 'not so: errno == EBADF'
  end_canary no-second-life
  end_canary no-follower
  end_canary child-locked
}

outputs=$(mktemp -d)
trap 'rm -rf "$outputs"' EXIT
# Neither is for an instrumented library.
[[ -n $runtime ]] || begin_all
for form in linked preloaded; do
  for program in cancelled crowd forking; do
    for name in $("$programs/$program" --list); do
      if is_possible "$name"; then run_case $form $program "$name"; fi
    done
  done
done
[[ -n $runtime ]] || end_all

echo "$passed passed, $failed failed"
((failed == 0))
