#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Fetches Debian's source package of Redis into build/redis/source, once.
#
# Exit status: 0 it is there; 3 no package source could be reached; 1 anything else, and above
# all a signature or a checksum that is wrong: that is never a reason to carry on without.
#
# The chain of trust is apt's: the release file of each suite is signed by Debian's archive key,
# it holds the checksum of the source index, and the index holds those of the package's files.
# dpkg-source adds a remark that it cannot check the maintainer's own signature; that takes the
# debian-keyring package and would prove less, since a maintainer's key signs the upload, the
# archive's what is published.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source packaging/redis/lib.sh

readonly APT_DIR=$PWD/$REDIS_DIR/apt
readonly LOG=$APT_DIR/log
export LC_ALL=C

# Turns the machine's own package sources into deb-src entries, for Debian's suites alone, with
# the same addresses and keys. Entries that are bound to a key of somebody else are left out.
# /etc/apt itself stays as it is.
write_sources() {
  local codename
  codename=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
  find /etc/apt -maxdepth 2 \( -name sources.list -o -path '*/sources.list.d/*.list' \) \
    -exec cat {} + 2>/dev/null | awk -v code="$codename" -f packaging/redis/one_line.awk \
    >"$APT_DIR/debian.list"
  find /etc/apt/sources.list.d -name '*.sources' -exec awk 1 {} + 2>/dev/null |
    awk -v code="$codename" -f packaging/redis/deb822.awk >"$APT_DIR/debian.sources"
  [[ -s $APT_DIR/debian.list || -s $APT_DIR/debian.sources ]]
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
  mkdir -p "$APT_DIR"/{lists,cache,sources.d}
  mkdir -p "$APT_DIR"/{lists,cache/archives}/partial
  if ! write_sources; then
    say "no Debian package source is configured on this machine" >&2
    exit 3
  fi
  mv "$APT_DIR/debian.list" "$APT_DIR/debian.sources" "$APT_DIR/sources.d/"
  write_config
}

# Runs apt-get and sorts a failure out: what smells of a forgery ends everything, the rest means
# that nothing could be reached.
apt() {
  local status=0
  apt-get -q -c "$APT_DIR/apt.conf" "$@" >"$LOG" 2>&1 </dev/null || status=$?
  if grep -qEi 'authenticat|not signed|GPG error|BADSIG|NO_PUBKEY|EXPKEYSIG|invalid signature|sum mismatch|unexpected size' "$LOG"; then
    cat "$LOG" >&2
    die "apt could not authenticate the package source; stopping"
  fi
  if ((status != 0)); then
    say "Debian's package sources could not be reached: $(sed -n 's/^E: //p' "$LOG" | head -n 1)" >&2
    exit 3
  fi
}

# The folder takes its final name when it is complete.
unpack() {
  local dsc
  dsc=$(echo "$REDIS_DIR"/download/redis_*.dsc)
  if [[ ! -f $dsc ]]; then die "apt left no source package: see $LOG"; fi
  dpkg-source -x "$dsc" "$REDIS_DIR/download/source" >"$REDIS_DIR/download/unpack.log" 2>&1 ||
    die "dpkg-source failed: see $REDIS_DIR/download/unpack.log"
  mv "$REDIS_DIR/download/source" "$REDIS_DIR/source"
}

main() {
  if [[ -d $REDIS_DIR/source ]]; then return 0; fi
  say "fetching Debian's source package of redis (apt checks its signature)"
  prepare
  apt update
  rm -rf "$REDIS_DIR/download"
  mkdir -p "$REDIS_DIR/download"
  cd "$REDIS_DIR/download"
  apt source --download-only --only-source redis
  cd - >/dev/null
  unpack
}

main "$@"
