#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# check_symbols.sh BUILD: what the shared objects under BUILD export, import and need. What may
# be exported is read from libportc/libportc.map and interpose/symbols.def; MODE says whether a
# sanitizer's runtime may be needed.
set -euo pipefail
build=$1
cd "$(dirname "$0")/../.."
export LC_ALL=C

library=$build/lib/libportc.so.1
preload=$build/lib/portc/portc-preload.so
sanitized=no
case ${MODE:-release} in asan | tsan) sanitized=yes ;; esac
most_tls=64
newest_glibc=2.36
passed=0 failed=0

# result NAME COMMAND...: passes if the command, which lists what is wrong, lists nothing.
result() {
  local name=$1 wrong
  shift
  wrong=$("$@") || wrong+="  the check itself failed: $*"
  if [ -z "$wrong" ]; then
    passed=$((passed + 1))
    printf 'ok      %s\n' "$name"
  else
    failed=$((failed + 1))
    printf 'FAILED  %s\n%s\n' "$name" "$wrong"
  fi
}

# Defined dynamic symbols, as NAME or NAME@@VERSION; the version nodes themselves left out.
exported() { nm -D --defined-only "$1" | awk '$2 != "A" { print $3 }' | sort; }

wrapped() { sed -nE 's/^PORTC_SYM\(([a-z_A-Z0-9]+),.*/\1/p' interpose/symbols.def | sort; }

# The names of a node of the version script, with its version.
of_node() {
  awk -v node="$1" '$1 == node { inside = 1; next } /^}/ { inside = 0 }
    inside && /;$/ { sub(";", "", $1); print $1 "@@" node }' libportc/libportc.map | sort
}

public() { of_node PORTC_1.0; }

# Sanitizers add marks of their own to what they instrument.
without_marks() { grep -vE '^(__(asan|odr_asan|tsan|ubsan|sanitizer)|_ZN6__(asan|tsan|ubsan))' || true; }

differences() { diff "$1" "$2" | sed -n 's/^</  not exported: /p; s/^>/  not expected: /p' || true; }

library_exports() {
  differences <(sort <(public) <(wrapped)) \
    <(exported "$library" | without_marks | grep -vE '^portc_private_[a-z_]+@@PORTC_PRIVATE$')
  exported "$library" | grep -qE '^portc_private_' || echo '  no portc_private_ names'
}

preload_exports() { differences <(wrapped) <(exported "$preload" | without_marks); }

# Every name the runtime imports, object by object.
runtime_imports() {
  [ -n "$(find "$build/obj/libportc" -name '*.o' -print -quit)" ] || echo "  no object files"
  find "$build/obj/libportc" -name '*.o' -exec nm -u --print-file-name {} + |
    awk 'NR == FNR { names[$1]; next }
         { name = $NF; sub(/@.*/, "", name); if (name in names) print "  " $1, name }' <(wrapped) -
}

# secure_getenv is what the runtime may call.
environment() {
  nm -D --undefined-only "$1" | awk '{ name = $NF; sub(/@.*/, "", name) }
    name == "getenv" || name == "environ" || name == "__environ" { print "  " name }'
}

needed() { readelf -d "$1" | sed -nE 's/.*\(NEEDED\).*\[(.*)\]/\1/p'; }

libraries_of() {
  needed "$1" | grep -vE "^(libc\.so\.6|ld-linux-x86-64\.so\.2${2:+|$2})\$" | sed 's/^/  needs /' || true
}

too_new() {
  { objdump -T "$1" | grep -oE 'GLIBC_[0-9.]+' || true; } | sed 's/GLIBC_//' | sort -uV |
    while read -r version; do
      [ "$(printf '%s\n' "$version" "$newest_glibc" | sort -V | tail -1)" = "$newest_glibc" ] ||
        echo "  needs glibc $version"
    done
}

too_much_tls() {
  local size
  size=$(($(readelf -lW "$1" | awk '$1 == "TLS" { print $6 }')))
  [ "$size" -le "$most_tls" ] || echo "  $size bytes of TLS, more than $most_tls"
}

result "libportc.so.1 exports its interface and the wrapped names" library_exports
result "portc-preload.so exports the wrapped names" preload_exports
result "libportc/ calls no wrapped name" runtime_imports
result "libportc.so.1 does not ask the environment of a set-user-id program" environment "$library"
result "portc-preload.so does not either" environment "$preload"
if [ $sanitized = no ]; then
  result "libportc.so.1 needs libc only" libraries_of "$library" ""
  result "portc-preload.so needs libc and libportc.so.1 only" \
    libraries_of "$preload" 'libportc\.so\.1'
fi
for object in "$library" "$preload"; do
  result "${object##*/} imports nothing newer than glibc $newest_glibc" too_new "$object"
  result "${object##*/} has at most $most_tls bytes of TLS" too_much_tls "$object"
done

printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
