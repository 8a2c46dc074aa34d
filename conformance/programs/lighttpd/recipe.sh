#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Builds lighttpd with its event-port backend, runs its own checks, and drives it from outside:
# http/driver.py. The three ways run at the same time, each with servers and ports of its own.
#
#   recipe.sh quick|full      quick: with one process; full: also with two workers
#
# The backend is switched on with the macro that fdevent_impl.h defines for Solaris, and epoll is
# switched off, as there: then it is also what lighttpd takes by itself, in its own checks.
# Exit status: 0 all three ways ran to their end; 1 something else failed; 3 no sources.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."
readonly PROGRAM=lighttpd
source conformance/programs/lib.sh
source conformance/programs/http/lib.sh

# The parser that comes with the sources is made again when the program that makes it is newer;
# it would differ in the paths that it names, and the sources must stay as they are.
build() { # WAY
  local flags=()
  if [[ $1 != epoll ]]; then
    flags=(ac_cv_func_epoll_ctl=no
      CPPFLAGS="-D_GNU_SOURCE -DFDEVENT_USE_SOLARIS_PORT -include port.h $(port_cppflags "$1")")
  fi
  ./configure --with-pcre2 --with-zlib --without-bzip2 "${flags[@]}"
  make -C src lemon
  touch -r src/lemon.c src/lemon
  make -j"$(nproc)" LDFLAGS="$(port_ldflags "$1")"
  make -C tests check TESTS= LDFLAGS="$(port_ldflags "$1")"
}

driver_options() { printf '%s\n' --modules "$TOP/$DIR/$1/src/.libs"; } # WAY
backend_name() { if [[ $1 == epoll ]]; then echo linux-sysepoll; else echo solaris-eventports; fi; }
program_path() { echo src/lighttpd; }

# lighttpd lists what it was built with, and starts with nothing else.
check_backend() { # WAY
  local words wanted='+ eventports (Solaris)'
  if [[ $1 == epoll ]]; then wanted='+ epoll (Linux)'; fi
  words=$($(launcher "$1") "$DIR/$1/src/lighttpd" -V | sed -nE 's/^\t(\+ (epoll|eventports))/\1/p')
  record_backend "$1" "$words" "$wanted"
}

# Prepares lighttpd's own checks. Each configuration of theirs includes tmp/bind*.conf, and their
# server can be another program: here a script with the options that are left out for such a one.
prepare_tests() { # WAY
  local way=$1 built=$TOP/$DIR/$1
  (cd "$built/tests" && srcdir=. top_builddir=.. ./prepare.sh) >"$RESULTS/$way.prepare.log"
  printf 'server.event-handler = "%s"\n' "$(backend_name "$way")" \
    >"$built/tests/tmp/bind-handler.conf"
  printf '#!/bin/sh\nexec %s%q "$@" -m %q\n' "$(launcher "$way")" "$built/src/lighttpd" \
    "$built/src/.libs" >"$built/tests/tmp/server"
  chmod +x "$built/tests/tmp/server"
}

own_tests() { # WAY
  local way=$1 tests=$TOP/$DIR/$1/tests file log
  say "$way: running lighttpd's own checks"
  prepare_tests "$way"
  for file in "$tests"/*.t; do
    log=$RESULTS/$way.$(basename "$file").log
    # A status that is not zero says that some failed, which the log says as well.
    run_suite 300 "$log" env -C "$tests" srcdir=. top_builddir=.. \
      LIGHTTPD_EXE_PATH="$tests/tmp/server" perl "$file" || true
    read_tap "${file##*/}" <"$log" >>"$RESULTS/$way.tsv"
  done
}

# Turns lines like "not ok 12 - what" into lines of results. The numbers are left out: one of the
# files takes its cases from a hash, in another order each time.
read_tap() { # FILE
  sed -nE \
    -e "s/^ok [0-9]+ # skip.*/skipped\t$1/p; t" \
    -e "s/^ok [0-9]+( - (.*))?/ok\t$1 \2/p; t" \
    -e "s/^not ok [0-9]+( - (.*))?/failed\t$1 \2/p"
}

http_main "$@"
