# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034
#
# What the glibc scripts share; sourced, never run. The caller has set -euo pipefail and stands
# at the top of the tree.
#
# Everything that concerns glibc's tests is kept in build/glibc, whatever the MODE of libportc,
# because they meet libportc only when they run:
#   apt/      package lists and configuration of our own
#   source/   the parts of glibc's source that are needed, never changed
#   bin/      the test programs
#   tests/    what they wrote in the last run
readonly GLIBC_DIR=build/glibc
readonly OUT=${O:-build/release}
readonly PORTC_RUN=$OUT/bin/portc-run

say() { printf '%s\n' "$*"; }

die() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

# The tests that are built and run, as glibc's source calls them. Left out of rt/ are: the copies
# named *-time64, which are for machines with a 32-bit time_t; the two about shared memory; and
# rt/tst-timer, which only fails, to say that sysdeps/pthread has the real one.
# Those of the other folders are about the same functions, about cancelling calls, or about what
# a program does with descriptors that are none of ours.
tests() {
  (cd "$GLIBC_DIR/source" && ls rt/tst-*.c) | sed 's/\.c$//' |
    grep -vE -e '-time64$' -e '^rt/tst-shm' -e '^rt/tst-timer$'
  printf '%s\n' "${OTHER_TESTS[@]}"
}

readonly OTHER_TESTS=(
  io/tst-fcntl
  misc/tst-pselect
  nptl/tst-cancel17
  sysdeps/pthread/tst-cancel4
  sysdeps/pthread/tst-cancel28
  sysdeps/pthread/tst-timer
  sysdeps/unix/sysv/linux/tst-timerfd
  time/tst-clock_nanosleep
  time/tst-cpuclock1
  time/tst-itimer
)
