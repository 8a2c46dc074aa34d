#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Checks the manual pages: mandoc's opinion, references to pages of ours that do not exist, and
# the programs under EXAMPLES, which must compile. With the directory of libportc.so as an
# argument the programs are also linked and run, and must exit with 0.
#
#   man/lint.sh [LIBRARY-DIRECTORY]
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
include=$here/../include
libdir=${1:+$(cd "$1" && pwd)}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0
failed=0

# A check prints what is wrong; silence is a pass.
check() { # NAME COMMAND...
  local name=$1 output
  shift
  if output=$("$@" 2>&1) && [ -z "$output" ]; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    printf 'FAIL %s\n%s\n' "$name" "$output"
  fi
}

# Link pages name their target relative to the root of an installed tree.
installed_tree() {
  local page section
  for page in "$here"/*.[1-9]; do
    section=${page##*.}
    mkdir -p "$work/man$section"
    cp "$page" "$work/man$section/"
  done
}

# Two warnings are accepted: the order of our sections is the same on every page and puts
# ERRORS before EXAMPLES, and a link page may be copied where a hard link could not.
lint() { # PAGE
  (cd "$work" && mandoc -T lint -W warning "$1" || true) |
    grep -vE 'sections out of conventional order: Sh EXAMPLES|\.so is fragile' || true
}

references() { # PAGE
  local name section
  { grep -oE 'Xr port[a-z_-]* [1-9]' "$1" || true; } | sort -u |
    while read -r _ name section; do
      [ -f "$here/$name.$section" ] || echo "there is no $name($section)"
    done
}

# Prints the programs of a page into files. A program is a literal display with a main().
extract() { # PAGE PREFIX
  awk -v prefix="$2" '
    /^\.Bd -literal/ { inside = 1; text = ""; next }
    /^\.Ed/ {
      if (inside && text ~ /main\(/) {
        file = prefix "." ++count ".c"
        printf "%s", text > file
        close(file)
      }
      inside = 0
      next
    }
    inside { gsub(/\\&/, ""); gsub(/\\-/, "-"); gsub(/\\e/, "\\"); text = text $0 "\n" }
  ' "$1"
}

compile() { # FILE
  gcc -std=c99 -D_GNU_SOURCE -Wall -Wextra -Werror -fsyntax-only -I"$include" "$1"
}

run() { # FILE
  gcc -std=c99 -D_GNU_SOURCE -I"$include" -o "${1%.c}" "$1" -L"$libdir" -Wl,-rpath,"$libdir" \
    -lportc -pthread
  timeout 10 "${1%.c}" >"${1%.c}.out" || echo "exit status $?"
}

has_example() { # PAGE NAME
  [ "$(head -2 "$1" | tail -1 | cut -c1-3)" = .so ] || [ -f "$work/$2.1.c" ] ||
    echo "no complete program in EXAMPLES"
}

installed_tree
for page in "$here"/*.[1-9]; do
  name=$(basename "$page")
  check "$name: mandoc" lint "man${name##*.}/$name"
  check "$name: references" references "$page"
  extract "$page" "$work/$name"
  case $name in
    port_*.3) check "$name: example" has_example "$page" "$name" ;;
  esac
done
for program in "$work"/*.c; do
  name=$(basename "$program")
  check "$name: compiles" compile "$program"
  [ -z "$libdir" ] || check "$name: runs" run "$program"
done

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
