# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034
#
# What the transparency suites share; sourced, never run. The caller has set -euo pipefail, stands
# at the top of the tree, and has set SUITE to its own name.
#
# Everything is kept in build/transparency, whatever the MODE of libportc, because strangers meet
# libportc only when they run:
#   apt/                  package lists and configuration of our own
#   SUITE/                what the suite fetched, and what it printed in the last run
#   SUITE.plain, SUITE.preloaded
#                         the outcome of each case without and with the preload object, one a
#                         line: outcome (ok, failed, skipped), case, and what else has to be the
#                         same (an exit status, a sum of the output), if anything, between tabs
readonly RESULTS_DIR=build/transparency
readonly SUITE_DIR=$RESULTS_DIR/$SUITE
readonly OUT=${O:-build/release}
readonly PORTC_RUN=$OUT/bin/portc-run
readonly TOP=$PWD
LAUNCHER=$TOP/$PORTC_RUN
RUN_AS=() # whoever we are

say() { printf '%s\n' "$*"; }

die() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

# Runs a command without the preload object (KIND plain) or with it (preloaded).
launch() { # KIND COMMAND...
  local kind=$1 launcher=()
  shift
  if [[ $kind == preloaded ]]; then launcher=("$LAUNCHER"); fi
  "${RUN_AS[@]}" env -u LD_PRELOAD "${launcher[@]}" "$@" 8>&-
}

# The same for at most SECONDS. timeout makes a process group of the command and of what it starts,
# which ends with it, and which stop_bounded can find.
launch_bounded() { # KIND SECONDS COMMAND...
  # The words are the inner shell's.
  # shellcheck disable=SC2016
  launch "$1" sh -c 'echo $$ >"$0"; exec "$@"' "$WORK/$1/bounded.pid" timeout -k 10 "${@:2}"
}

stop_bounded() {
  local file
  for file in "$WORK"/*/bounded.pid; do
    if [[ -f $file ]]; then kill "$(<"$file")" 2>/dev/null || true; fi
  done
}

# Everything would be the same if the preload object were not there, or were there both times, so
# the program that is tested has to prove it: the dynamic loader says what it initializes.
# grep reads to the end: what is cut short by its exit would count as failed.
check_preload() { # COMMAND...
  if ! loads_preload preloaded "$@"; then die "$1 runs without the preload object under $PORTC_RUN"; fi
  if loads_preload plain "$@"; then die "$1 runs with the preload object by itself"; fi
}

loads_preload() { # KIND COMMAND...
  LD_DEBUG=libs launch "$@" 2>&1 </dev/null | grep 'calling init: .*/portc-preload\.so$' >/dev/null
}

# The same for a program that is running.
has_preload() { # PID
  grep '/portc-preload\.so$' "/proc/$1/maps" >/dev/null
}

# Both files are written under another name and put in place by end_results, so that a suite that
# was cut short has none.
begin_results() {
  [[ -x $PORTC_RUN ]] || die "$PORTC_RUN is not there: run make first"
  mkdir -p "$SUITE_DIR"
  # Two runs at once would write into the same files. launch keeps the lock to ourselves.
  exec 8>"$SUITE_DIR/.running"
  flock -n 8 || die "it is running already"
  rm -f "$RESULTS_DIR/$SUITE".{plain,preloaded}
  : >"$SUITE_DIR/plain.part"
  : >"$SUITE_DIR/preloaded.part"
}

result() { # KIND OUTCOME CASE [DETAIL]
  printf '%s\t%s%s\n' "$2" "$3" "${4:+$'\t'$4}" >>"$SUITE_DIR/$1.part"
}

# A command is a case: ok if it succeeds, and its exit status has to be the same.
result_of() { # KIND CASE COMMAND...
  local kind=$1 case=$2 status=0
  shift 2
  "$@" || status=$?
  if ((status == 0)); then result "$kind" ok "$case"; else result "$kind" failed "$case" "exit status $status"; fi
}

end_results() {
  local kind
  for kind in plain preloaded; do mv "$SUITE_DIR/$kind.part" "$RESULTS_DIR/$SUITE.$kind"; done
}

# Runs a function for both kinds at once: the machine is as busy in one as in the other. A signal
# ends `wait` and no other command, so both are in the background.
both_ways() { # FUNCTION ARGUMENT...
  local pids=() pid status=0
  "$1" plain "${@:2}" &
  pids+=($!)
  "$1" preloaded "${@:2}" &
  pids+=($!)
  for pid in "${pids[@]}"; do wait "$pid" || status=$?; done
  return "$status"
}

# Tests look at what descriptors they have; what ours inherited is not to be among them.
close_others() {
  local name
  for name in "/proc/$BASHPID/fd"/*; do
    if ((${name##*/} > 2 && ${name##*/} != 255)); then eval "exec ${name##*/}>&-"; fi
  done
}

# Debian's packages, unpacked into build/transparency/SUITE/root, once: nothing is installed.
# With DEPENDENCIES=yes come those packages that they depend on and that the machine has not.
# Exit status: 3, no package source could be reached.
fetch_packages() { # PACKAGE...
  local download=$SUITE_DIR/download package packages=("$@")
  if [[ -d $SUITE_DIR/root ]]; then return 0; fi
  say "fetching Debian's $* (apt checks the signature)"
  mkdir -p "$SUITE_DIR"
  prepare_apt deb
  rm -rf "$download"
  mkdir -p "$download/root"
  if [[ ${DEPENDENCIES-} == yes ]]; then
    apt -s install --no-install-recommends "$@"
    mapfile -t -O $# packages < <(sed -n 's/^Inst \([^ ]*\) .*/\1/p' "$APT_DIR/log")
  fi
  mapfile -t packages < <(printf '%s\n' "${packages[@]}" | sort -u)
  (cd "$download" && apt download "${packages[@]}")
  for package in "$download"/*.deb; do dpkg-deb -x "$package" "$download/root"; done
  mv "$download/root" "$SUITE_DIR/root"
}

# The lists are fetched once for each suite that has something to fetch.
prepare_apt() { # TYPE
  APT_DIR=$TOP/$RESULTS_DIR/apt-$1
  source packaging/debian/apt.sh
  apt_prepare "$1"
}

# A Debian source package, unpacked and patched into build/transparency/SUITE/source, once; of its
# folders and files only those given are kept.
fetch_source() { # PACKAGE PATH...
  local download=$SUITE_DIR/download-source package=$1 folder
  shift
  if [[ -d $SUITE_DIR/source ]]; then return 0; fi
  say "fetching Debian's source of $package (apt checks the signature)"
  prepare_apt deb-src
  rm -rf "$download"
  mkdir -p "$download/kept"
  (cd "$download" && apt_source "$package")
  dpkg-source -x "$download"/*.dsc "$download/source" >"$download/unpack.log" 2>&1 ||
    die "dpkg-source failed: see $download/unpack.log"
  for folder in "$@"; do
    mkdir -p "$(dirname "$download/kept/$folder")"
    mv "$download/source/$folder" "$download/kept/$folder"
  done
  rm -rf "$download/source"
  mv "$download/kept" "$SUITE_DIR/source"
}

# --- programs that an ordinary user runs ------------------------------------------------
# Some refuse to be run by root, or do to the machine what they please if they are: root runs them
# as nobody. That user may not be able to read this tree, so what is needed is copied to WORK.
stage() {
  chmod 755 "$WORK"
  mkdir -p "$WORK/portc/bin"
  cp -a "$SUITE_DIR/root/usr" "$WORK"
  cp "$PORTC_RUN" "$WORK/portc/bin"
  cp -r "$OUT/lib" "$WORK/portc"
  chmod -R a+rX "$WORK/portc"
  LAUNCHER=$WORK/portc/bin/portc-run
  if ((EUID == 0)); then RUN_AS=(runuser -u nobody --); fi
}

# A folder of that user's own.
user_folder() { # PATH
  mkdir -p "$1"
  if ((EUID == 0)); then chown -R nobody "$1"; fi
}
