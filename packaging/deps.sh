#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Installs the Debian packages of deps.txt that are missing.
#
#   packaging/deps.sh [GROUP...]      default: build test demo
#
# When nothing is missing it touches neither the network nor sudo. It can be run by hand on a
# machine that has no make yet.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

# Prints the packages of the groups given, in the file's order. A package can be in several groups,
# with commas between them.
packages_of() {
  local name groups rest group
  while read -r name groups rest; do
    case $name in '' | '#'*) continue ;; esac
    for group in "$@"; do
      if [[ ,$groups, == *",$group,"* ]]; then
        echo "$name"
        break
      fi
    done
  done <deps.txt
}

is_installed() {
  [[ $(dpkg-query -W -f '${db:Status-Abbrev}' "$1" 2>/dev/null) == 'ii '* ]]
}

as_root() { if ((EUID == 0)); then "$@"; else sudo "$@"; fi; }

main() {
  local name missing=()
  if (($# == 0)); then set -- build test demo; fi
  if ! command -v apt-get >/dev/null; then
    echo "deps: this is not a Debian system; install the equivalents of packaging/deps.txt" >&2
    return 1
  fi
  for name in $(packages_of "$@"); do
    is_installed "$name" || missing+=("$name")
  done
  if ((${#missing[@]} == 0)); then return 0; fi

  if ((EUID != 0)) && ! command -v sudo >/dev/null; then
    echo "deps: run this as root, or install sudo; missing: ${missing[*]}" >&2
    return 1
  fi
  echo "deps: installing ${missing[*]}"
  # An unrelated package source that cannot be reached must not stop us: what counts is
  # whether the packages can be installed.
  as_root apt-get -qq update || echo "deps: some package lists could not be updated" >&2
  if ! as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get -qq -y --no-install-recommends install "${missing[@]}" >/dev/null; then
    echo "deps: could not install ${missing[*]}" >&2
    return 1
  fi
}

main "$@"
