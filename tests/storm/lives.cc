// SPDX-License-Identifier: MIT
//
// Starting workers, killing them, and noting how they ended.
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>

#include "tests/storm/round.h"

namespace storm {

namespace {

[[noreturn]] void execute_worker(uint32_t number, bool passed) {
  char text[16];
  snprintf(text, sizeof text, "%u", number);
  const char* arguments[] = {"storm", passed ? "--passed" : "--executed", text, nullptr};
  if (passed)
    for (const int port : journal->ports) close(port);
  execv("/proc/self/exe", const_cast<char* const*>(arguments));
  _exit(3);
}

// Of a few the one at which fewest were killed: some are passed seldom.
uint32_t point_to_die_at(Chance& chance) {
  uint32_t point = chance.below(point_count);
  for (int i = 0; i < 3; ++i) {
    const uint32_t other = chance.below(point_count);
    if (journal->points[other].kills.load() < journal->points[point].kills.load()) point = other;
  }
  return point;
}

void note_end(Round& round, uint32_t number, int status) {
  Life& life = journal->lives[number];
  life.ended = true;
  ++totals.lives;
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return;
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) {
    life.killed = true;
    ++(life.killed_at.load() != 0 ? totals.point_kills : totals.random_kills);
    for (uint32_t port = 0; port < kPorts; ++port) round.budget[port] += life.taking[port].load();
    return;
  }
  fail(round, "life %u (worker %u) ended with status %x: %s (%s)", number, life.worker, status,
       life.complaint, strerror(life.complaint_errno.load()));
}

bool may_be_killed(const Round& round, const Life& life) {
  switch (round.kind) {
    case Kind::kSenders:
    case Kind::kMixed:
      return life.worker < kSendingWorkers;
    case Kind::kRetrievers:
      return life.worker >= kSendingWorkers;
    case Kind::kAsleep:
      return life.worker >= kSendingWorkers && life.asleep.load() != 0;
    case Kind::kAlert:
      return life.alerting.load() != 0;
    case Kind::kEveryone:
    case Kind::kCreator:
      return true;
  }
  return false;
}

}  // namespace

void pass_ports(int socket) {
  char byte = 0;
  struct iovec part = {&byte, 1};
  alignas(struct cmsghdr) char space[CMSG_SPACE(sizeof journal->ports)] = {};
  struct msghdr message = {};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = space;
  message.msg_controllen = sizeof space;
  struct cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof journal->ports);
  memcpy(CMSG_DATA(header), journal->ports, sizeof journal->ports);
  if (sendmsg(socket, &message, MSG_NOSIGNAL) != 1) die("sendmsg");
}

void start_life(Round& round, uint32_t worker, Chance& chance) {
  const uint32_t number = round.lives++;
  Life& life = journal->lives[number];
  life.seed = chance.next();
  life.worker = worker;
  const bool mixed =
      round.kind == Kind::kEveryone || round.kind == Kind::kMixed || round.kind == Kind::kCreator;
  life.holder = mixed ? static_cast<Holder>(chance.below(3)) : Holder::kForked;
  const bool armed =
      round.kind != Kind::kAsleep && round.kind != Kind::kAlert &&
      (worker < kSendingWorkers ? round.kind != Kind::kRetrievers
                                : round.kind != Kind::kSenders && round.kind != Kind::kMixed);
  static const uint32_t arrivals[] = {1, 8, 200};
  life.point = point_to_die_at(chance);
  life.countdown = 1 + chance.below(arrivals[chance.below(3)]);
  if (!armed || chance.below(4) == 0) life.countdown = 0;
  if (options.point != kNoPoint) life.point = options.point;
  int sockets[2] = {-1, -1};
  if (life.holder == Holder::kPassed &&
      socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) != 0)
    die("socketpair");
  fflush(stdout);
  const int pid = fork();
  if (pid < 0) die("fork");
  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (life.holder == Holder::kPassed) {
      if (dup2(sockets[1], kSocketNumber) < 0) _exit(3);
      execute_worker(number, true);
    }
    if (life.holder == Holder::kExecuted) execute_worker(number, false);
    worker_main(number, -1);
  }
  life.pid = pid;
  if (sockets[0] >= 0) {
    pass_ports(sockets[0]);
    close(sockets[0]);
    close(sockets[1]);
  }
  life.begun = true;
  round.current[worker] = number;
}

Life& life_of_worker(Round& round, uint32_t worker) {
  return journal->lives[round.current[worker]];
}

void reap(Round& round) {
  int status, pid;
  while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
    if (pid == round.creator) {
      round.creator = 0;
      continue;
    }
    for (uint32_t i = 0; i < round.lives; ++i)
      if (journal->lives[i].pid == pid && !journal->lives[i].ended) note_end(round, i, status);
  }
}

void kill_somebody(Round& round, Chance& chance) {
  const uint32_t first = chance.below(kWorkers);
  for (uint32_t i = 0; i < kWorkers; ++i) {
    Life& life = life_of_worker(round, (first + i) % kWorkers);
    if (life.ended || !may_be_killed(round, life)) continue;
    kill(life.pid, SIGKILL);
    return;
  }
}

[[noreturn]] void leave_at_once() {
  for (const Life& life : journal->lives)
    if (life.pid > 0 && !life.ended) kill(life.pid, SIGKILL);
  (void)syscall(SYS_exit_group, 1);
  __builtin_unreachable();
}

}  // namespace storm
