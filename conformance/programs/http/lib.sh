# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# What the recipes of the web servers share; sourced after ../lib.sh. A recipe defines
#   build WAY             builds a way, in its folder
#   program_path          where the program is in that folder
#   backend_name WAY      what the configuration of the server calls the event mechanism
#   driver_options WAY    options for the driver, one word a line
#   check_backend WAY     records what the program says about its backend
#   own_tests WAY         optional: runs the program's own tests, appends to the results
# and calls http_main with its own arguments.

declare -A drivers=()
trap 'stop_drivers' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Starts the driver in the background, in a process group of its own, with its servers in it.
start_driver() { # SET WAY
  local options command
  mapfile -t options < <(driver_options "$2")
  command=("$TOP/$DIR/$2/$(program_path)")
  if [[ $2 == preloaded ]]; then command=("$PORTC_RUN" "${command[@]}"); fi
  setsid timeout -k 10 900 /usr/bin/python3 -B conformance/programs/http/driver.py "$PROGRAM" \
    "$(backend_name "$2")" "$1" "$RESULTS/$2" "${options[@]}" -- "${command[@]}" \
    >"$RESULTS/$2.log" 2>&1 </dev/null 9>&- &
  drivers[$2]=$!
}

# A driver says with status 1 that cases failed: for compare.py to judge.
wait_driver() { # WAY
  local status=0
  wait "${drivers[$1]}" || status=$?
  unset "drivers[$1]"
  if ((status > 1)); then die "$1: the driver ended with status $status: see $RESULTS/$1.log"; fi
  say "$1: $(tail -n 1 "$RESULTS/$1.log")"
}

stop_drivers() {
  local pid
  stop_suite
  for pid in "${drivers[@]}"; do
    # The driver ends its servers, which are in sessions of their own, when it is asked to.
    kill -TERM -- "-$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  done
}

# Builds it in the ways that are named.
http_build() { # WAY...
  local way
  lock_program
  fetch_source "$PROGRAM"
  for way in "$@"; do build_way "$way" build; done
}

http_main() { # SET, or "build" and ways
  local way set=${1-}
  if [[ $set == build ]]; then
    http_build "${@:2}"
    return
  fi
  if [[ $set != quick && $set != full ]]; then die "usage: recipe.sh quick|full|build WAY..."; fi
  http_build "${WAYS[@]}"
  begin_results
  say "driving $PROGRAM three ways at once (logs: $RESULTS/WAY.log)"
  for way in "${WAYS[@]}"; do start_driver "$set" "$way"; done
  for way in "${WAYS[@]}"; do wait_driver "$way"; done
  for way in "${WAYS[@]}"; do check_backend "$way"; done
  if declare -F own_tests >/dev/null; then
    for way in "${WAYS[@]}"; do own_tests "$way"; done
  fi
}
