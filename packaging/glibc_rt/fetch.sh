#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Fetches Debian's package glibc-source and unpacks what is needed of it into
# build/glibc/source, once. Nothing is installed.
#
# Exit status: 0 it is there; 3 no package source could be reached; 1 anything else.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source packaging/glibc_rt/lib.sh

readonly APT_DIR=$PWD/$GLIBC_DIR/apt
source packaging/debian/apt.sh

# The folder takes its final name when it is complete.
unpack() {
  local package archive dir=$GLIBC_DIR/download/source
  local others=("${OTHER_TESTS[@]/#/glibc-*/}")
  package=$(echo "$GLIBC_DIR"/download/glibc-source_*.deb)
  if [[ ! -f $package ]]; then die "apt left no package: see $APT_DIR/log"; fi
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
  apt_prepare deb
  rm -rf "$GLIBC_DIR/download"
  mkdir -p "$GLIBC_DIR/download"
  cd "$GLIBC_DIR/download"
  apt download glibc-source
  cd - >/dev/null
  unpack
}

main "$@"
