#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The published esbuild for illumos, on Linux: says what kind of file it is, bundles a small project
# with it, and serves that on event ports.
#
#   packaging/demo_illumos.sh PORTC_RUN ESBUILD_FOLDER
#
# Exit status: 0 it did all of that; 1 it did not.
set -euo pipefail

portc_run=$(realpath "$1")
esbuild=$(realpath "$2/sunos-x64-0.28.2/bin/esbuild")
WORK=$(mktemp -d)
readonly WORK
server=
trap 'if [[ -n $server ]]; then kill "$server" 2>/dev/null || true; fi; rm -rf "$WORK"' EXIT

write_project() {
  cat >"$WORK/greeting.ts" <<'END'
export const greeting = (name: string): string => `Hello from ${name}`;
END
  cat >"$WORK/main.ts" <<'END'
import { greeting } from "./greeting";
console.log(greeting("an illumos program"));
END
}

# Starts the server and waits for its address. It ends when its standard input does.
serve() {
  local line
  mkfifo "$WORK/said"
  (cd "$WORK" && exec "$portc_run" "$esbuild" main.ts --bundle --outdir=js --servedir=. \
    --serve=127.0.0.1:0 <>"$WORK/silence" >"$WORK/said" 2>&1) &
  server=$!
  exec 4<"$WORK/said"  # stays open, or the server would write to nobody
  while read -r line; do
    if [[ $line =~ http://127\.0\.0\.1:([0-9]+)/ ]]; then
      port=${BASH_REMATCH[1]}
      return
    fi
  done <&4
  return 1
}

ask() { # PATH
  exec 3<>"/dev/tcp/127.0.0.1/$port"
  printf 'GET %s HTTP/1.0\r\nHost: 127.0.0.1:%s\r\n\r\n' "$1" "$port" >&3
  cat <&3
  exec 3>&-
}

echo "[1/4] what it is"
file -b "$esbuild"
echo "[2/4] what it imports"
"$portc_run" --check "$esbuild" | tail -n 1
echo "[3/4] bundling a small project"
write_project
(cd "$WORK" && "$portc_run" "$esbuild" main.ts --bundle --minify --outfile=bundle.js)
cat "$WORK/bundle.js"
grep -q 'Hello from' "$WORK/bundle.js"
echo "[4/4] serving it, on event ports"
mkfifo "$WORK/silence"
serve
for _ in {1..50}; do ask /js/main.js >"$WORK/answer"; done
grep -q 'Hello from' "$WORK/answer"
echo "50 requests answered; $("$portc_run" --check "$esbuild" | grep -c ' port_') port functions imported"
echo 'done'
