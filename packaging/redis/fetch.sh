#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Fetches Debian's source package of Redis into build/redis/source, once.
#
# Exit status: 0 it is there; 3 no package source could be reached; 1 anything else.
#
# dpkg-source adds a remark that it cannot check the maintainer's own signature; that takes the
# debian-keyring package and would prove less, since a maintainer's key signs the upload, the
# archive's what is published.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source packaging/redis/lib.sh

readonly APT_DIR=$PWD/$REDIS_DIR/apt
source packaging/debian/apt.sh

# The folder takes its final name when it is complete.
unpack() {
  local dsc
  dsc=$(echo "$REDIS_DIR"/download/redis_*.dsc)
  if [[ ! -f $dsc ]]; then die "apt left no source package: see $APT_DIR/log"; fi
  dpkg-source -x "$dsc" "$REDIS_DIR/download/source" >"$REDIS_DIR/download/unpack.log" 2>&1 ||
    die "dpkg-source failed: see $REDIS_DIR/download/unpack.log"
  mv "$REDIS_DIR/download/source" "$REDIS_DIR/source"
}

main() {
  if [[ -d $REDIS_DIR/source ]]; then return 0; fi
  say "fetching Debian's source package of redis (apt checks its signature)"
  apt_prepare deb-src
  rm -rf "$REDIS_DIR/download"
  mkdir -p "$REDIS_DIR/download"
  cd "$REDIS_DIR/download"
  apt source --download-only --only-source redis
  cd - >/dev/null
  unpack
}

main "$@"
