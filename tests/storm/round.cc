// SPDX-License-Identifier: MIT
//
// One round: its ports and its phases.
#include "tests/storm/round.h"

#include <errno.h>
#include <port.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>

namespace storm {

const char* const kind_names[kKinds] = {"senders",  "retrievers", "everyone", "asleep",
                                        "alerting", "creator",    "mixed"};
Totals totals;

namespace {

// The next step of the round may take so long.
void expect_end(const Round& round) {
  alarm(static_cast<unsigned>(round.patience / (1000 * kMillisecond)) + 10);
}

void run(Round& round, Chance& chance) {
  const int64_t until = now() + (400 + chance.below(900)) * kMillisecond;
  const int64_t creator_until = now() + (10 + chance.below(300)) * kMillisecond;
  while (now() < until && round.failures == 0) {
    for (uint32_t worker = 0; worker < kWorkers; ++worker)
      if (life_of_worker(round, worker).ended && round.lives < kLives - 2 * kWorkers)
        start_life(round, worker, chance);
    nap((1 + chance.below(12)) * kMillisecond);
    if (chance.below(3) == 0) kill_somebody(round, chance);
    if (round.creator > 0 && now() > creator_until) kill(round.creator, SIGKILL);
    reap(round);
  }
}

bool senders_are_gone(Round& round) {
  for (uint32_t worker = 0; worker < kSendingWorkers; ++worker)
    if (!life_of_worker(round, worker).ended) return false;
  return true;
}

// Have the sleeping retrievers got what they must?
bool all_arrived(Round& round) {
  for (uint32_t worker = kSendingWorkers; worker < kWorkers; ++worker) {
    const Life& life = life_of_worker(round, worker);
    if (life.ended || life.own_pending.load() != 0) return false;
  }
  for (uint32_t port = 0; port < kPorts; ++port)
    if (count_events(round, port).missing > round.budget[port]) return false;
  return true;
}

// Senders end; retrievers are replaced, if they still die, until everything has arrived.
void quieten(Round& round, Chance& chance) {
  if (chance.below(2) == 0) journal->disarmed.store(1);
  journal->phase.store(Phase::kQuiet);
  const int64_t until = now() + round.patience;
  while (round.failures == 0) {
    reap(round);
    for (uint32_t worker = kSendingWorkers; worker < kWorkers; ++worker)
      if (life_of_worker(round, worker).ended) start_life(round, worker, chance);
    if (round.lives > kLives - 2 * kWorkers) journal->disarmed.store(1);
    if (senders_are_gone(round) && all_arrived(round)) return;
    if (now() > until) {
      fail(round, "nothing moves: %s",
           senders_are_gone(round) ? "events that were sent have not been retrieved"
                                   : "senders do not end");
      describe(round);
      return;
    }
    nap(2 * kMillisecond);
  }
}

bool everybody_is_gone(Round& round) {
  for (uint32_t i = 0; i < round.lives; ++i)
    if (!journal->lives[i].ended) return false;
  return true;
}

void kill_creator(Round& round) {
  if (round.creator > 0) kill(round.creator, SIGKILL);
  while (round.creator > 0) {
    reap(round);
    nap(kMillisecond);
  }
}

// The alert wakes everybody; it stays until they are gone.
void stop(Round& round) {
  if (round.failures != 0) return;
  journal->disarmed.store(1);
  journal->phase.store(Phase::kStop);
  for (const int port : journal->ports)
    EXPECT(round, port_alert(port, PORT_ALERT_SET, 1, nullptr) == 0);
  const int64_t until = now() + round.patience;
  while (!everybody_is_gone(round)) {
    reap(round);
    if (now() > until) {
      fail(round, "workers do not end");
      describe(round);
      return;
    }
    nap(kMillisecond);
  }
  kill_creator(round);
  for (const int port : journal->ports)
    EXPECT(round, port_alert(port, PORT_ALERT_SET, 0, nullptr) == 0);
}

int make_port() {
  const int port = port_create();
  if (port < 0) die("port_create");
  return port;
}

// A child makes the ports, passes them, and waits to be killed.
void make_ports_elsewhere(Round& round) {
  int sockets[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) != 0) die("socketpair");
  fflush(stdout);
  round.creator = fork();
  if (round.creator < 0) die("fork");
  if (round.creator == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (int& port : journal->ports) port = make_port();
    pass_ports(sockets[1]);
    for (;;) pause();
  }
  char byte;
  struct iovec part = {&byte, 1};
  alignas(struct cmsghdr) char space[CMSG_SPACE(sizeof journal->ports)];
  struct msghdr message = {};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = space;
  message.msg_controllen = sizeof space;
  if (recvmsg(sockets[0], &message, 0) != 1) die("recvmsg");
  memcpy(journal->ports, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof journal->ports);
  close(sockets[0]);
  close(sockets[1]);
  uint_t count = 0;  // the first call makes a port known here
  for (const int port : journal->ports)
    if (port_getn(port, nullptr, 0, &count, nullptr) != 0) die("port_getn");
}

void make_things(Round& round, Chance& chance) {
  static const uint32_t sizes[] = {24, 100, 1000};
  round.slots = sizes[chance.below(3)];
  char text[16];
  snprintf(text, sizeof text, "%u", round.slots);
  setenv("PORTC_MAX_EVENTS", text, 1);
  setenv("PORTC_EXACT", chance.below(4) == 0 ? "1" : "0", 1);
  if (round.kind == Kind::kCreator)
    make_ports_elsewhere(round);
  else
    for (int& port : journal->ports) port = make_port();
  for (int& descriptor : journal->shared)
    if ((descriptor = eventfd(0, EFD_NONBLOCK)) < 0) die("eventfd");
  find_headers(round);
}

void unmake_things(Round& round) {
  for (const portc::PortHeader* header : round.headers) {
    totals.recoveries += header->epoch;
    munmap(const_cast<portc::PortHeader*>(header), sizeof *header);
  }
  for (const int port : journal->ports) close(port);
  for (const int descriptor : journal->shared) close(descriptor);
}

}  // namespace

[[noreturn]] void die(const char* what) {
  perror(what);
  exit(2);
}

__attribute__((format(printf, 2, 3))) void fail(Round& round, const char* format, ...) {
  ++round.failures;
  printf("    FAILS: ");
  va_list arguments;
  va_start(arguments, format);
  vprintf(format, arguments);
  va_end(arguments);
  printf("\n");
}

bool play(uint64_t index, uint64_t seed, Kind kind) {
  Round round = {};
  round.patience = options.patience * 1000 * kMillisecond;
  round.seed = seed;
  round.kind = kind;
  Chance chance(seed);
  const int descriptors = open_descriptors();
  const uint64_t kills = totals.random_kills + totals.point_kills;
  clear_journal();
  make_things(round, chance);
  expect_end(round);  // passing a port to a worker takes its lock
  for (uint32_t worker = 0; worker < kWorkers; ++worker) start_life(round, worker, chance);
  run(round, chance);
  expect_end(round);
  quieten(round, chance);
  expect_end(round);
  stop(round);
  expect_end(round);
  if (round.failures == 0) {
    for (uint32_t port = 0; port < kPorts; ++port) drain(round, port);
    check_accounts(round);
    for (uint32_t port = 0; port < kPorts; ++port) try_every_path(round, port);
  }
  if (round.failures == 0) {
    unmake_things(round);
    if (open_descriptors() != descriptors) fail(round, "descriptors are left");
    if (mapped_ports() != 0) fail(round, "mappings are left");
  }
  alarm(0);
  printf("  round %llu, %s, %u slots, seed %llu: %u lives, %llu killed%s\n",
         static_cast<unsigned long long>(index), kind_names[static_cast<uint32_t>(kind)],
         round.slots, static_cast<unsigned long long>(seed), round.lives,
         static_cast<unsigned long long>(totals.random_kills + totals.point_kills - kills),
         round.failures == 0 ? "" : ": FAILED");
  fflush(stdout);
  return round.failures == 0;
}

}  // namespace storm
