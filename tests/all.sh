#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# `make test`: every suite, one after the other, in release mode and under the sanitizers. Goes
# on after a failure, and says at the end what failed.
set -uo pipefail
cd "$(dirname "$0")/.."

jobs=$(nproc)
log=$(mktemp -d)
trap 'rm -rf "$log"' EXIT

steps=() # "name|make arguments"
step() { steps+=("$1|$2"); }

step "build" "all conformance-programs"
step "header in C89 to C++20, 64 and 32 bits" "test-headers"
step "manual pages" "test-man"
step "exported and imported symbols" "check-symbols"
step "unit tests" "test-unit"
step "the model of the wake-up protocol" "check-model"
step "random calls, compared with a model" "test-sequences SEQUENCES=500"
step "conformance, linked and preloaded" "conformance"
step "each way of arming descriptors again, the quick part" "test-modes-quick"
step "processes killed at every point" "test-storm"
step "hostile holders of a port" "test-hostile"
step "asynchronous I/O without io_uring" "conformance PORTC_AIO_ENGINE=libaio 'ONLY=aio or private or stress' CONFORMANCE_REPORT=build/conformance-libaio.json"
# The runs over corrupt memory (scribbled) take minutes: make test-interpose has them all.
step "wrappers" "test-interpose 'ONLY=not scribbled'"
step "unusual surroundings" "test-surroundings"
step "threads, handlers, cancellation, forks" "test-threads"
step "C programs under memcheck, the quick part" "test-valgrind-quick"
step "failing system calls, few descriptors, little memory" "test-faults"
step "fuzzing: the corpora, and some way beyond" "test-fuzz"
step "illumos programs in C and Go" "test-illumos-c test-illumos-go test-illumos-loader"
step "installation" "test-install"
step "the benchmark's rows, and its report" "test-bench"
step "real programs' own tests, the quick part" "test-programs-quick"
step "other people's tests with and without the preload object, the quick part" "test-transparency-quick"
step "build with address and undefined-behaviour sanitizers" "MODE=asan all conformance-programs"
step "its canaries" "MODE=asan test-canaries"
step "unit tests under it" "MODE=asan test-unit"
step "conformance under it" "MODE=asan conformance"
step "build with thread sanitizer" "MODE=tsan all conformance-programs"
step "its canaries" "MODE=tsan test-canaries"
step "conformance under it" "MODE=tsan conformance"
step "threads under it" "MODE=tsan test-threads"

passed=0 failed=()
count=${#steps[@]}
for i in "${!steps[@]}"; do
  name=${steps[$i]%%|*} arguments=${steps[$i]#*|}
  start=$SECONDS
  printf '[%d/%d] %s (make %s)\n' $((i + 1)) "$count" "$name" "$arguments"
  eval "words=($arguments)"
  if timeout 900 make --no-print-directory -j"$jobs" "${words[@]}" > "$log/$i" 2>&1; then
    passed=$((passed + 1))
    printf '      %s, %d s\n' "$(grep -E '[0-9] passed|Passing:' "$log/$i" | tail -1 | grep . || echo ok)" $((SECONDS - start))
  else
    failed+=("$name: make $arguments")
    tail -80 "$log/$i"
    printf '      FAILED, %d s\n' $((SECONDS - start))
  fi
done

printf '\nsuites, in %d s:\n' $SECONDS
for name in "${failed[@]}"; do printf '  failed: %s\n' "$name"; done
printf '%d passed, %d failed\n' "$passed" "${#failed[@]}"
[ ${#failed[@]} -eq 0 ]
