# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034
#
# What the recipes share; sourced, never run. The caller has set -euo pipefail, stands at the top
# of the tree and has set PROGRAM, the name of its folder.
#
# Everything that concerns a program is kept in build/programs/PROGRAM, whatever the MODE of
# libportc, because the two meet only when the program is linked or runs:
#   source/    Debian's source package, unpacked and patched by dpkg-source, never changed
#   WAY/       a copy that was built that way: linked, preloaded or epoll
#   WAY.log    what the build printed
#   results/   what the tests said: WAY.tsv, one line "outcome<TAB>case" for each case, the
#              outcome being ok, failed or skipped; WAY.backend, the program's own words about
#              the backend that it chose; and the logs they were made from
#
# The three ways: linked, on event ports with -lportc; preloaded, on event ports with the port
# functions left undefined, under portc-run; epoll, as Debian's users have it, for comparison.
readonly PROGRAMS_DIR=build/programs
readonly DIR=$PROGRAMS_DIR/$PROGRAM
readonly RESULTS=$DIR/results
readonly TOP=$PWD
OUT=$(realpath -m "${O:-build/release}")
readonly OUT
readonly PORTC_RUN=$OUT/bin/portc-run
readonly WAYS=(linked preloaded epoll)

APT_DIR=$TOP/$PROGRAMS_DIR/apt
source packaging/debian/apt.sh

# The caller's $STEP is where a longer run has its step numbers: "[3/6] ".
say() { printf '%s%s\n' "${STEP-}" "$*"; }

die() {
  printf '%s: %s\n' "${PROGRAM-${0##*/}}" "$*" >&2
  exit 1
}

# --- sources ---------------------------------------------------------------------------

# Fetches Debian's source package, once; exit status 3 if no package source could be reached.
# dpkg-source adds a remark that it cannot check the maintainer's own signature; that takes the
# debian-keyring package and would prove less, since a maintainer's key signs the upload, the
# archive's what is published.
fetch_source() { # SOURCE-PACKAGE
  if [[ -d $DIR/source ]]; then return 0; fi
  say "fetching Debian's source package of $1 (apt checks its signature)"
  mkdir -p "$PROGRAMS_DIR"
  rm -rf "$DIR/download"
  mkdir -p "$DIR/download"
  (
    flock 8
    apt_prepare deb-src
    cd "$DIR/download"
    apt_source "$1"
  ) 8>"$PROGRAMS_DIR/.apt.lock" || exit $?
  unpack_source "$1"
}

# The folder takes its final name when it is complete.
unpack_source() { # SOURCE-PACKAGE
  local dsc
  dsc=$(echo "$DIR"/download/"$1"_*.dsc)
  if [[ ! -f $dsc ]]; then die "apt left no source package: see $APT_DIR/log"; fi
  dpkg-source -x "$dsc" "$DIR/download/source" >"$DIR/unpack.log" 2>&1 ||
    die "dpkg-source failed: see $DIR/unpack.log"
  mv "$DIR/download/source" "$DIR/source"
}

# --- builds ----------------------------------------------------------------------------

# Two runs at once (make -j) must not work in the same folder.
lock_program() {
  mkdir -p "$DIR"
  exec 9>"$DIR/.lock"
  flock 9
}

# What the compiler and the linker are told, way by way. Debian's gcc links with --as-needed, and
# a program whose port calls all lie in one of its libraries would lose libportc, and with it the
# wrappers. What prevents it is one word, because libtool moves a -l of its own to another place.
# A program that is to be preloaded has the functions left undefined, bound when they are first
# called, so that whoever starts it decides where they come from. -E makes ld leave them to the
# dynamic linker: without it, a program that calls them itself is built and does not start.
port_cppflags() { # WAY
  if [[ $1 != epoll ]]; then printf '%s' "-I$TOP/include"; fi
}
port_ldflags() { # WAY
  case $1 in
    linked) printf '%s' "-L$OUT/lib -Wl,-rpath,$OUT/lib -Wl,--no-as-needed,-lportc,--as-needed" ;;
    preloaded) printf '%s' '-Wl,--unresolved-symbols=ignore-all -Wl,-E -Wl,-z,lazy' ;;
  esac
}

# Builds a copy of the sources one way, once: until the sources, the header, or a file of the
# recipe change. The function gets the way, and runs in the copy, its output in a log.
build_way() { # WAY FUNCTION
  local way=$1 function=$2 dir=$DIR/$1 log=$DIR/$1.log print
  print=$(fingerprint "$way")
  if [[ -f $dir.done && $(<"$dir.done") == "$print" ]]; then return 0; fi
  say "building $PROGRAM for $way (log: $log)"
  rm -rf "$dir" "$dir.done"
  cp -a "$DIR/source" "$dir"
  # The variables of the make that may have called us stay out of it: they are for libportc.
  # `if !` would switch off -e in the function.
  (
    unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES CFLAGS CXXFLAGS CPPFLAGS LDFLAGS V O
    cd "$dir" || exit
    "$function" "$way"
  ) >"$log" 2>&1 9>&- &
  if ! wait $!; then
    tail -n 20 "$log" >&2
    die "building failed: see $log"
  fi
  check_untouched "$dir"
  echo "$print" >"$dir.done"
}

# Prints what the build of one way depends on.
fingerprint() { # WAY
  sha256sum "$DIR"/download/*.dsc conformance/programs/lib.sh
  find "conformance/programs/$PROGRAM" -type f ! -name known.txt ! -name '*.py' \
    -exec sha256sum {} + | sort
  if [[ $1 != epoll ]]; then sha256sum include/port.h; fi
  if [[ $1 == linked ]]; then echo "$OUT"; fi
}

# Fails if a file that came with the sources is not what it was. A build only adds files.
check_untouched() { # FOLDER
  if ! diff -rq --no-dereference "$DIR/source" "$1" >"$1.diff" && grep -v "^Only in $1" "$1.diff" >&2; then
    die "the build changed the sources"
  fi
  rm -f "$1.diff"
}

# --- runs ------------------------------------------------------------------------------

# Prints, as shell words, what a program that was built one way is started with.
launcher() { # WAY
  if [[ $1 == preloaded ]]; then printf '%q ' "$PORTC_RUN"; fi
}

# Runs a command with the output in a file. It runs in the background, so that a signal ends the
# wait, and in a process group of its own, which ends with it. The seconds are a last resort, for a
# suite that hangs: well above what it needs.
run_suite() { # SECONDS LOG [ahead] COMMAND...
  start_suite "$@"
  wait_suite
}

# As the first word of the command: before everybody else, where that is allowed. For a suite that
# allows itself some milliseconds, beside another one that keeps all processors busy.
start_suite() { # SECONDS LOG [ahead] COMMAND...
  local seconds=$1 log=$2
  shift 2
  if [[ $1 == ahead ]]; then set -- nice -n -15 "${@:2}"; fi
  setsid timeout -k 10 "$seconds" "$@" >"$log" 2>&1 </dev/null 9>&- &
  suite_pid=$!
}

wait_suite() {
  local status=0
  wait "$suite_pid" || status=$?
  stop_suite
  return "$status"
}

stop_suite() {
  if [[ -z ${suite_pid-} ]]; then return 0; fi
  kill -KILL -- "-$suite_pid" 2>/dev/null || true
  wait "$suite_pid" 2>/dev/null || true
  suite_pid=
}

# Empties the results of the run before.
begin_results() {
  rm -rf "$RESULTS"
  mkdir -p "$RESULTS"
}

# Prints how many cases had which outcome.
outcome() { # WAY
  local what words=()
  for what in ok failed skipped; do words+=("$(grep -c "^$what	" "$RESULTS/$1.tsv" || true) $what"); done
  printf '%s, %s, %s' "${words[@]}"
}

# The program's own words must say what it runs on; they go into the table.
record_backend() { # WAY WORDS EXPECTED
  printf '%s\n' "$2" >"$RESULTS/$1.backend"
  if [[ $2 != "$3" ]]; then die "$1: expected backend \"$3\", the program says \"$2\""; fi
}
