#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Builds nginx with its event-port backend and drives it from outside: http/driver.py. The three
# ways run at the same time, each with servers and ports of its own.
#
#   recipe.sh quick|full      quick: with one worker; full: also with two, and timer_resolution
#   recipe.sh build WAY...    only builds it
#
# The backend is a module of nginx's that its configure adds on Solaris alone; eventport/config
# adds it here. What it lacks on Linux are headers: port.h, and poll.h, which that brings there.
# Exit status: 0 all three ways ran to their end; 1 something else failed; 3 no sources.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."
readonly PROGRAM=nginx
source conformance/programs/lib.sh
source conformance/programs/http/lib.sh

readonly HERE=$TOP/conformance/programs/nginx
readonly MODULES=(--with-debug --with-threads --with-stream --with-http_dav_module
  --with-http_auth_request_module --with-http_stub_status_module)

# The linker's flags go to make and not to configure, whose own checks look for what is undefined.
build() { # WAY
  local flags=()
  if [[ $1 != epoll ]]; then
    flags=(--with-cc-opt="-D_GNU_SOURCE -include port.h -include poll.h $(port_cppflags "$1")"
      --add-module="$HERE/eventport")
  fi
  ./configure "${MODULES[@]}" "${flags[@]}"
  make -j"$(nproc)" LINK="cc $(port_ldflags "$1")"
}

# The driver's arguments, between the results and the command.
driver_options() { :; }
backend_name() { if [[ $1 == epoll ]]; then echo epoll; else echo eventport; fi; }
program_path() { echo objs/nginx; }

# nginx's own words, from its log.
check_backend() { # WAY
  record_backend "$1" "$(<"$RESULTS/$1.words")" "using the \"$(backend_name "$1")\" event method"
}

http_main "$@"
