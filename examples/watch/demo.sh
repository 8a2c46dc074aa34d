#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Gives the watcher something to do for a few seconds; the pauses are for the reader.
# usage: demo.sh WATCH
set -eu
watch=$1
folder=$(mktemp -d)
queue=/portc-watch-$$

finish() {
  if [ -n "${pid:-}" ]; then
    "$watch" send "$queue" quit || kill "$pid" 2>/dev/null || true
    wait "$pid" || true
  fi
  rm -rf "$folder"
}
trap finish EXIT
trap 'exit 1' INT TERM

step() {
  sleep 0.6
  printf '\n# %s\n' "$1"
}

# Writes NAME.job beside the others and moves it into place, so that nobody sees half of it.
job() {
  printf '%s\n' "$2" >"$folder/new"
  mv "$folder/new" "$folder/$1.job"
}

printf '# a folder with one job in it, and the watcher\n'
job hello 'echo hello from a job'
"$watch" "$folder" "$queue" &
pid=$!

# Wait until it listens, for five seconds at most.
tries=100
until "$watch" send "$queue" status; do
  tries=$((tries - 1))
  [ "$tries" -gt 0 ] || exit 1
  sleep 0.05
done

step 'two more jobs come into the folder'
job count 'ls *.job | wc -l'
job fails 'echo this one fails; exit 3'
step 'one is edited in place'
printf 'echo edited\n' >>"$folder/count.job"
printf 'date +%%Y\n' >"$folder/hello.job"
step 'one is replaced, the way editors save'
job fails 'echo not any more'
step 'one is removed, one gets another name'
rm "$folder/hello.job"
mv "$folder/count.job" "$folder/number.job"
step 'orders'
"$watch" send "$queue" status
step 'the end'
"$watch" send "$queue" quit
status=0
wait "$pid" || status=$?
pid=
exit "$status"
