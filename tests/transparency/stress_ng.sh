#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Runs stress-ng's stressors that use the functions we wrap, each for a fixed number of
# operations, checking what it does (--verify), without the preload object and with it. Writes the
# outcome of each into build/transparency/stress_ng.{plain,preloaded}.
#
#   tests/transparency/stress_ng.sh quick|full
#
# Full runs more of them, with five times the operations of quick. Root runs them as nobody: they are to be no danger
# to the machine. What was printed stays in build/transparency/stress_ng/logs.
# Exit status: 0 both ways are complete; 1 not so; 3 the package could not be reached.
#
# Left out: dev and bad-ioctl, which call ioctl on whatever devices the machine has; forkheavy,
# resources, fallocate and file-ioctl, because there was no space left on the disk while they ran;
# and sem, pipeherd, vforkmany and yield, which do not end after a number of operations.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
readonly SUITE=stress_ng
source tests/transparency/lib.sh

# Stressor, operations in the quick part, and the option for its port, if it has one.
readonly STRESSORS='
aio 200
aiol 20
alarm 20
clone 50
close 500
copy-file 50
daemon 20
dentry 200
dnotify 50
dup 20
epoll 200 epoll-port
eventfd 2000
exec 5
exit-group 10
fcntl 200
fifo 2000
flock 2000
fork 100
fstat 500
full 500
getdent 200
handle 500
hrtimers 500
inotify 5
io 50
iomix 50
io-uring 50
itimer 500
kill 500
lease 100
locka 500
lockf 500
lockofd 500
memfd 5
mq 2000
msg 2000
nanosleep 20
null 2000
open 200
pidfd 200
pipe 2000
poll 1000
procfs 2
pthread 20
ptrace 50
pty 2
rename 200
rlimit 20
ring-pipe 500
sem-sysv 200
sendfile 500
session 20
sigabrt 50
sigchld 100
sigfd 1000
sigfpe 200
sigio 200
signal 2000
signest 50
sigpending 500
sigpipe 200
sigq 1000
sigrt 500
sigsegv 200
sigsuspend 500
sigtrap 200
sleep 50
sock 20 sock-port
sockabuse 5 sockabuse-port
sockdiag 20
sockfd 500 sockfd-port
sockmany 2 sockmany-port
sockpair 500
spawn 20
splice 500
switch 2000
sync-file 5
tee 500
timer 2000
timerfd 1000
udp 200 udp-port
vfork 100
vm-splice 500
wait 20
zero 2000
zombie 50
'
readonly QUICK=' aio aiol clone close daemon dup epoll eventfd exec fcntl fork fstat inotify
  itimer mq nanosleep open pipe poll rlimit sigfd signal sigq sigrt sock sockfd sockmany sockpair spawn
  timer timerfd vfork '
# Seconds after which a stressor ends by itself, and after which it is ended.
readonly ENOUGH=60 LIMIT=150
readonly LOG_DIR=$TOP/$SUITE_DIR/logs
WORK=$(mktemp -d)
trap 'stop_bounded; rm -rf "$WORK"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
export LD_LIBRARY_PATH=$WORK/usr/lib/x86_64-linux-gnu

# The two ways run at the same time, and must not meet.
declare -A PORT=([plain]=$((20000 + RANDOM % 10000)) [preloaded]=$((30000 + RANDOM % 2700)))

run_stressor() { # KIND NAME OPERATIONS [OPTION]
  local kind=$1 name=$2 status=0 log=$LOG_DIR/$2.$1 options=()
  if [[ -n ${4-} ]]; then options=("--$4" "${PORT[$kind]}"); fi
  (
    cd "$WORK/$kind"
    close_others
    launch_bounded "$kind" "$LIMIT" "$WORK/usr/bin/stress-ng" "--$name" 1 "--$name-ops" "$3" \
      --verify --timeout "$ENOUGH" --temp-path "$WORK/$kind" "${options[@]}"
  ) >"$log" 2>&1 </dev/null || status=$?
  report "$kind" "$name" "$status" "$log"
}

# 3 and 4 say that the machine has not what the stressor takes; it can also say so and succeed.
report() { # KIND NAME STATUS LOG
  local outcome=failed
  case $3 in
    0) if grep -q 'skipped: [1-9]' "$4"; then outcome=skipped; else outcome=ok; fi ;;
    3 | 4) outcome=skipped ;;
  esac
  result "$1" "$outcome" "$2" "exit status $3"
}

run_stressors() { # quick|full
  local name operations option factor=5 start
  if [[ $1 == quick ]]; then factor=1; fi
  while read -r name operations option; do
    if [[ -z $name || ($1 == quick && ! $QUICK =~ [[:space:]]"$name"[[:space:]]) ]]; then continue; fi
    start=$SECONDS
    both_ways run_stressor "$name" $((operations * factor)) "$option"
    if ((SECONDS - start > 4)); then say "  $name: $((SECONDS - start)) s"; fi
  done <<<"$STRESSORS"
}

main() {
  case ${1-} in quick | full) ;; *) die "usage: stress_ng.sh quick|full" ;; esac
  begin_results
  DEPENDENCIES=yes fetch_packages stress-ng
  rm -rf "$LOG_DIR"
  mkdir -p "$LOG_DIR"
  stage
  user_folder "$WORK/plain"
  user_folder "$WORK/preloaded"
  check_preload "$WORK/usr/bin/stress-ng" --version
  run_stressors "$1"
  end_results
}

main "$@"
