#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Fetches Debian's package glibc-source and unpacks what is needed of it into
# build/glibc/source, once. Nothing is installed.
#
# Exit status: 0 it is there; 3 no package source could be reached; 1 anything else, and above
# all a signature or a checksum that is wrong: that is never a reason to carry on without.
#
# The chain of trust is apt's: the release file of each suite is signed by Debian's archive key,
# it holds the checksum of the package index, and the index holds that of the package.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source packaging/glibc_rt/lib.sh

readonly APT_DIR=$PWD/$GLIBC_DIR/apt
readonly LOG=$APT_DIR/log
export LC_ALL=C

# The machine's own package sources, for Debian's suites alone, with the same addresses and keys.
# The scripts turn them into sources of source packages; a package of sources is a binary one.
write_sources() {
  local codename
  codename=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
  find /etc/apt -maxdepth 2 \( -name sources.list -o -path '*/sources.list.d/*.list' \) \
    -exec cat {} + 2>/dev/null | awk -v code="$codename" -f packaging/redis/one_line.awk |
    sed 's/^deb-src /deb /' >"$APT_DIR/sources.d/debian.list"
  find /etc/apt/sources.list.d -name '*.sources' -exec awk 1 {} + 2>/dev/null |
    awk -v code="$codename" -f packaging/redis/deb822.awk |
    sed 's/^Types: deb-src$/Types: deb/' >"$APT_DIR/sources.d/debian.sources"
  [[ -s $APT_DIR/sources.d/debian.list || -s $APT_DIR/sources.d/debian.sources ]]
}

# Lists and caches of our own, so that no root is needed and nothing of the system's changes. apt
# reads this after the system's configuration, proxies and all, so what stands here wins.
# apt would download as user _apt when run by root; that user may not be able to reach this
# folder. What protects us are the signatures, not the user.
write_config() {
  cat >"$APT_DIR/apt.conf" <<END
Dir::Etc::sourcelist "/dev/null";
Dir::Etc::sourceparts "$APT_DIR/sources.d";
Dir::State::Lists "$APT_DIR/lists";
Dir::Cache "$APT_DIR/cache";
APT::Sandbox::User "root";
APT::Update::Error-Mode "any";
Acquire::Languages "none";
Acquire::Retries "1";
Acquire::http::Timeout "20";
Acquire::https::Timeout "20";
Acquire::AllowInsecureRepositories "false";
APT::Get::AllowUnauthenticated "false";
END
}

prepare() {
  mkdir -p "$APT_DIR"/{lists,cache/archives}/partial "$APT_DIR/sources.d"
  if ! write_sources; then
    say "no Debian package source is configured on this machine" >&2
    exit 3
  fi
  write_config
}

# Runs apt-get and sorts a failure out: what smells of a forgery ends everything, the rest means
# that nothing could be reached.
apt() {
  local status=0
  apt-get -q -c "$APT_DIR/apt.conf" "$@" >"$LOG" 2>&1 </dev/null || status=$?
  if grep -qEi 'authenticat|not signed|GPG error|BADSIG|NO_PUBKEY|EXPKEYSIG|invalid signature|sum mismatch|unexpected size' "$LOG"; then
    cat "$LOG" >&2
    die "apt could not authenticate the package; stopping"
  fi
  if ((status != 0)); then
    say "Debian's package sources could not be reached: $(sed -n 's/^E: //p' "$LOG" | head -n 1)" >&2
    exit 3
  fi
}

# The folder takes its final name when it is complete.
unpack() {
  local package archive dir=$GLIBC_DIR/download/source
  local others=("${OTHER_TESTS[@]/#/glibc-*/}")
  package=$(echo "$GLIBC_DIR"/download/glibc-source_*.deb)
  if [[ ! -f $package ]]; then die "apt left no package: see $LOG"; fi
  dpkg-deb -x "$package" "$GLIBC_DIR/download/package"
  archive=$(echo "$GLIBC_DIR"/download/package/usr/src/glibc/glibc-*.tar.xz)
  mkdir "$dir"
  tar -xJf "$archive" -C "$dir" --strip-components=1 --wildcards 'glibc-*/test-skeleton.c' \
    'glibc-*/rt' 'glibc-*/support' 'glibc-*/include/array_length.h' 'glibc-*/include/intprops.h' \
    'glibc-*/include/libc-diag.h' 'glibc-*/sysdeps/pthread/tst-cancel4-common.*' \
    "${others[@]/%/.c}"
  rm -rf "$GLIBC_DIR/download/package"
  mv "$dir" "$GLIBC_DIR/source"
}

main() {
  if [[ -d $GLIBC_DIR/source ]]; then return 0; fi
  say "fetching Debian's package glibc-source (apt checks its signature)"
  prepare
  apt update
  rm -rf "$GLIBC_DIR/download"
  mkdir -p "$GLIBC_DIR/download"
  cd "$GLIBC_DIR/download"
  apt download glibc-source
  cd - >/dev/null
  unpack
}

main "$@"
