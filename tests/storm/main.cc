// SPDX-License-Identifier: MIT
//
// storm [--seconds N] [--rounds N] [--seed N] [--kind NAME] [--defect NAME] [--patience N]
//       [--point NAME] [--points] [--sweep] [--steps N]
//
// Rounds of a second or so, each with new ports and of one kind: who may be killed, and how the
// workers came by the ports. After each round:
//
//   - the retrievers, asleep, have got every event whose port_send returned, if only senders were
//     killed; and every event but those that killed retrievers held, otherwise
//   - none twice, and none that was not sent
//   - every worker has ended that was asked to
//   - every path works: as many events as the port has slots, in order; associations; the alert;
//     poll; another process
//   - no descriptor and no mapping is left
//
// --defect breaks the runtime in a way that has to be noticed. The closing line is "N passed, N
// failed", in rounds; the first that fails is the last. Exit status: 0, 1, or 2 for a bad call.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <port.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cstring>

#include "libportc/core/layout.h"
#include "tests/storm/storm.h"

namespace storm {

Journal* journal;

int64_t now() {
  struct timespec ts;
  clock_gettime(CLOCK_MONOTONIC, &ts);
  return static_cast<int64_t>(ts.tv_sec) * 1000 * kMillisecond + ts.tv_nsec;
}

void nap(int64_t ns) {
  const struct timespec ts = {static_cast<time_t>(ns / (1000 * kMillisecond)),
                              static_cast<long>(ns % (1000 * kMillisecond))};
  nanosleep(&ts, nullptr);
}

namespace {

constexpr int kJournalNumber = 700;  // in every worker
constexpr int kSocketNumber = 701;

enum class Kind : uint32_t { kSenders, kRetrievers, kEveryone, kAsleep, kAlert, kCreator, kMixed };
const char* const kind_names[] = {"senders",  "retrievers", "everyone", "asleep",
                                  "alerting", "creator",    "mixed"};
constexpr uint32_t kKinds = sizeof kind_names / sizeof kind_names[0];

struct Options {
  int64_t seconds = 60;
  uint64_t rounds = UINT64_MAX;
  uint64_t seed = 0;
  uint32_t kind = UINT32_MAX;
  const char* defect = "";
  int64_t patience = 40;      // seconds in which something must move: the machine may be busy
  uint32_t point = kNoPoint;  // the only one to kill at
  bool points = false;
  bool sweep = false;
  uint32_t steps = 0;  // the sweep's: instructions from one place to the next
} options;

struct Totals {
  uint64_t lives, random_kills, point_kills, sent, retrieved, lost, unsure, recoveries;
} totals;

struct Round {
  uint64_t seed;
  Kind kind;
  uint32_t slots;
  uint32_t lives;
  uint32_t current[kWorkers];  // life of each worker
  uint64_t budget[kPorts];     // events that killed retrievers may have held
  int64_t patience;            // ns
  int creator;                 // pid, 0 if the conductor is
  portc::PortHeader* headers[kPorts];
  uint64_t failures;
};

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

#define EXPECT(round, x) \
  ((x) ? true : (fail(round, "line %d: %s (%s)", __LINE__, #x, strerror(errno)), false))

// After a failure, and when the conductor itself is stuck: the usual ways out enter the ports.
[[noreturn]] void leave_at_once() {
  for (const Life& life : journal->lives)
    if (life.pid > 0 && !life.ended) kill(life.pid, SIGKILL);
  (void)syscall(SYS_exit_group, 1);
  __builtin_unreachable();
}

void conductor_is_stuck(int) {
  const char text[] =
      "    FAILS: nothing moves: a call of the conductor does not return\n"
      "0 passed, 1 failed\n";
  (void)!write(STDOUT_FILENO, text, sizeof text - 1);
  leave_at_once();
}

// The next step of the round may take so long.
void expect_end(const Round& round) {
  alarm(static_cast<unsigned>(round.patience / (1000 * kMillisecond)) + 10);
}

// --- the journal ---

int make_journal() {
  const int made = memfd_create("storm-journal", 0);
  if (made < 0 || ftruncate(made, sizeof(Journal)) != 0) die("journal");
  if (dup2(made, kJournalNumber) < 0) die("journal");
  close(made);
  return kJournalNumber;
}

void map_journal() {
  void* memory =
      mmap(nullptr, sizeof(Journal), PROT_READ | PROT_WRITE, MAP_SHARED, kJournalNumber, 0);
  if (memory == MAP_FAILED) die("journal");
  journal = static_cast<Journal*>(memory);
}

// What a round writes. The counts of points and operations go on.
void clear_journal() {
  const size_t begin = offsetof(Journal, lives);
  const size_t page = 4096;
  memset(&journal->lives, 0, sizeof journal->lives);
  const size_t from = (begin + sizeof journal->lives + page - 1) / page * page;
  memset(reinterpret_cast<char*>(&journal->marks), 0, from - (begin + sizeof journal->lives));
  if (fallocate(kJournalNumber, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                static_cast<off_t>(from), static_cast<off_t>(sizeof(Journal) - from)) != 0)
    memset(reinterpret_cast<char*>(journal) + from, 0, sizeof(Journal) - from);
  journal->phase.store(Phase::kRun);
  journal->disarmed.store(0);
  journal->retrieved.store(0);
  journal->twice.store(0);
  journal->strange.store(0);
}

// --- looking at a port without entering it ---

// The memory of the ports, in the order in which they were made.
void find_headers(Round& round) {
  uint32_t found = 0;
  for (int fd = 0; fd < 4096 && found < kPorts; ++fd) {
    char path[64], target[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    const ssize_t length = readlink(path, target, sizeof target - 1);
    if (length <= 0) continue;
    target[length] = '\0';
    if (strstr(target, "memfd:portc") == nullptr) continue;
    void* memory = mmap(nullptr, sizeof(portc::PortHeader), PROT_READ, MAP_SHARED, fd, 0);
    if (memory == MAP_FAILED) die("mmap");
    round.headers[found++] = static_cast<portc::PortHeader*>(memory);
  }
  if (found != kPorts) die("the ports' memory");
}

uint32_t lock_word(const portc::PortHeader& header) {
  uint32_t word;
  memcpy(&word, &header.lock, sizeof word);
  return word;
}

void print_file(const char* format, int pid) {
  char path[64], text[2000];
  snprintf(path, sizeof path, format, pid);
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return;
  const ssize_t length = read(fd, text, sizeof text - 1);
  close(fd);
  if (length <= 0) return;
  text[length] = '\0';
  printf("      %s: %s\n", path, text);
}

// Who is where, when something hangs.
void describe(const Round& round) {
  const char* const doing[] = {"starting",    "sending",  "getting",
                               "associating", "alerting", "polling"};
  for (const portc::PortHeader* header : round.headers)
    printf("      port: lock %08x, %u queued, %u in use, ticket %llu, box %u, epoch %u, alert %u\n",
           lock_word(*header), uint32_t{header->queued}, uint32_t{header->in_use},
           static_cast<unsigned long long>(header->ticket), uint32_t{header->box_used},
           uint32_t{header->epoch}, uint32_t{header->alert_on});
  for (uint32_t i = 0; i < round.lives; ++i) {
    const Life& life = journal->lives[i];
    if (life.ended) continue;
    printf("      life %u, pid %d, worker %u: %s, beat %u, asleep %u, own event pending %u\n", i,
           life.pid, life.worker, doing[static_cast<uint32_t>(life.doing.load())], life.beat.load(),
           life.asleep.load(), life.own_pending.load());
    print_file("/proc/%d/syscall", life.pid);
    print_file("/proc/%d/stack", life.pid);
  }
}

// --- lives ---

// Numbers below the journal's, without the runtime noticing: what executes has only these.
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

[[noreturn]] void execute_worker(uint32_t number, bool passed) {
  char text[16];
  snprintf(text, sizeof text, "%u", number);
  const char* arguments[] = {"storm", passed ? "--passed" : "--executed", text, nullptr};
  if (passed)
    for (const int port : journal->ports) close(port);
  execv("/proc/self/exe", const_cast<char* const*>(arguments));
  _exit(3);
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
      (worker < kSenders ? round.kind != Kind::kRetrievers
                         : round.kind != Kind::kSenders && round.kind != Kind::kMixed);
  life.point = chance.below(point_count);
  life.countdown = 1 + chance.below(chance.below(3) == 0 ? 200 : 8);
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

bool may_be_killed(const Round& round, const Life& life) {
  switch (round.kind) {
    case Kind::kSenders:
    case Kind::kMixed:
      return life.worker < kSenders;
    case Kind::kRetrievers:
      return life.worker >= kSenders;
    case Kind::kAsleep:
      return life.worker >= kSenders && life.asleep.load() != 0;
    case Kind::kAlert:
      return life.alerting.load() != 0;
    case Kind::kEveryone:
    case Kind::kCreator:
      return true;
  }
  return false;
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

// --- the phases of a round ---

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

bool must_have_arrived(const Life& life, uint32_t stream, uint32_t id) {
  return id < life.streams[stream].returned.load(std::memory_order_relaxed);
}

// A killed life's last event may or may not have been sent.
bool may_have_arrived(const Life& life, uint32_t stream, uint32_t id) {
  return life.killed && id < life.streams[stream].started.load(std::memory_order_relaxed);
}

struct Count {
  uint64_t sent, missing, unsure, impossible;
};

Count count_events(const Round& round, uint32_t port) {
  Count count = {};
  for (uint32_t number = 0; number < round.lives; ++number) {
    const Life& life = journal->lives[number];
    for (uint32_t stream = 0; stream < kStreams; ++stream) {
      const uint32_t last = life.streams[stream].started.load();
      for (uint32_t id = 0; id < last; ++id) {
        if (!goes_to(stream, id, port)) continue;
        const bool marked = journal->marks[port][number][stream][id].load() != 0;
        if (must_have_arrived(life, stream, id)) {
          ++count.sent;
          if (!marked) ++count.missing;
        } else if (may_have_arrived(life, stream, id)) {
          ++count.unsure;
        } else if (marked && !goes_everywhere(stream, id)) {
          ++count.impossible;  // port_send said that it was not sent
        }
      }
    }
  }
  return count;
}

bool senders_are_gone(Round& round) {
  for (uint32_t worker = 0; worker < kSenders; ++worker)
    if (!life_of_worker(round, worker).ended) return false;
  return true;
}

// Have the sleeping retrievers got what they must?
bool all_arrived(Round& round) {
  for (uint32_t worker = kSenders; worker < kWorkers; ++worker) {
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
    for (uint32_t worker = kSenders; worker < kWorkers; ++worker)
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

// --- afterwards ---

const struct timespec kAtOnce = {0, 0};

void drain(Round& round, uint32_t port) {
  port_event_t event;
  while (port_get(journal->ports[port], &event, &kAtOnce) == 0)
    if (event.portev_source == PORT_SOURCE_USER)
      mark(port, reinterpret_cast<uintptr_t>(event.portev_user));
  EXPECT(round, errno == ETIME);
}

void check_accounts(Round& round) {
  for (uint32_t port = 0; port < kPorts; ++port) {
    const Count count = count_events(round, port);
    totals.sent += count.sent;
    totals.lost += count.missing;
    totals.unsure += count.unsure;
    if (count.missing > round.budget[port])
      fail(round, "port %u: %llu of %llu events are lost, killed retrievers held %llu at most",
           port, static_cast<unsigned long long>(count.missing),
           static_cast<unsigned long long>(count.sent),
           static_cast<unsigned long long>(round.budget[port]));
    if (count.impossible != 0)
      fail(round, "port %u: %llu events arrived that port_send had refused", port,
           static_cast<unsigned long long>(count.impossible));
  }
  if (journal->twice.load() != 0)
    fail(round, "%llu events arrived twice, the last was %llx",
         static_cast<unsigned long long>(journal->twice.load()),
         static_cast<unsigned long long>(journal->an_event.load()));
  if (journal->strange.load() != 0)
    fail(round, "%llu events arrived that nobody sent, the last was %llx",
         static_cast<unsigned long long>(journal->strange.load()),
         static_cast<unsigned long long>(journal->an_event.load()));
  totals.retrieved += journal->retrieved.load();
}

void* number_user(uint32_t id) {
  return reinterpret_cast<void*>(static_cast<uintptr_t>(cookie(Tag::kConductor, 0, 0, id)));
}

// Every slot has been recovered, and the queue is in order.
void fill_and_empty(Round& round, int port) {
  uint32_t sent = 0;
  while (sent <= round.slots && port_send(port, 1, number_user(sent)) == 0) ++sent;
  EXPECT(round, errno == EAGAIN);
  if (sent != round.slots) fail(round, "%u of %u slots can be used", sent, round.slots);
  for (uint32_t i = 0; i < sent; ++i) {
    port_event_t event;
    if (!EXPECT(round, port_get(port, &event, &kAtOnce) == 0)) return;
    if (!EXPECT(round, event.portev_user == number_user(i))) return;
  }
}

void associate_all(Round& round, int port) {
  port_event_t event;
  for (const int descriptor : journal->shared) {
    const uintptr_t object = static_cast<uintptr_t>(descriptor);
    uint64_t count;
    (void)!read(descriptor, &count, sizeof count);
    EXPECT(round, port_associate(port, PORT_SOURCE_FD, object, POLLIN, number_user(1)) == 0);
    EXPECT(round, port_get(port, &event, &kAtOnce) == -1 && errno == ETIME);
    count = 1;
    EXPECT(round, write(descriptor, &count, sizeof count) == sizeof count);
    EXPECT(round, port_get(port, &event, &kAtOnce) == 0 && event.portev_source == PORT_SOURCE_FD &&
                      event.portev_object == object && event.portev_user == number_user(1) &&
                      event.portev_events == POLLIN);
    EXPECT(round, port_get(port, &event, &kAtOnce) == -1 && errno == ETIME);
    EXPECT(round, port_associate(port, PORT_SOURCE_FD, object, POLLIN, number_user(2)) == 0);
    EXPECT(round, port_dissociate(port, PORT_SOURCE_FD, object) == 0);
    EXPECT(round, port_get(port, &event, &kAtOnce) == -1 && errno == ETIME);
  }
}

void alert_and_poll(Round& round, int port) {
  port_event_t event;
  EXPECT(round, port_alert(port, PORT_ALERT_UPDATE, 5, number_user(3)) == 0);
  EXPECT(round, port_alert(port, PORT_ALERT_UPDATE, 5, nullptr) == -1 && errno == EBUSY);
  EXPECT(round, port_get(port, &event, &kAtOnce) == 0 && event.portev_source == PORT_SOURCE_ALERT &&
                    event.portev_events == 5);
  EXPECT(round, port_alert(port, PORT_ALERT_SET, 0, nullptr) == 0);
  EXPECT(round, port_get(port, &event, &kAtOnce) == -1 && errno == ETIME);
  struct pollfd item = {port, POLLIN, 0};
  EXPECT(round, poll(&item, 1, 0) == 0);
  EXPECT(round, port_send(port, 1, nullptr) == 0);
  EXPECT(round, poll(&item, 1, 0) == 1 && item.revents == POLLIN);
  EXPECT(round, port_get(port, &event, &kAtOnce) == 0);
  EXPECT(round, poll(&item, 1, 0) == 0);
}

// By a ring: it does not look by itself before its time is over. Before the port is polled for the
// first time, since from then on the doorbell wakes sleepers, too.
void wake_from_elsewhere(Round& round, uint32_t index) {
  const int port = journal->ports[index];
  const portc::PortHeader& header = *round.headers[index];
  journal->no_vigil.store(1);
  fflush(stdout);
  const uint64_t tickets = header.tickets;
  const int pid = fork();
  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    while (header.tickets == tickets) nap(kMillisecond / 10);
    _exit(port_send(port, 1, number_user(4)) == 0 ? 0 : 1);
  }
  port_event_t event = {};
  const struct timespec limit = {options.patience, 0};
  const int64_t until = now() + round.patience;
  EXPECT(round, port_get(port, &event, &limit) == 0 && event.portev_user == number_user(4));
  if (now() >= until) fail(round, "nobody has rung for an event");
  int status;
  EXPECT(round, waitpid(pid, &status, 0) == pid && status == 0);
  journal->no_vigil.store(0);
}

void try_every_path(Round& round, uint32_t index) {
  const int port = journal->ports[index];
  fill_and_empty(round, port);
  associate_all(round, port);
  wake_from_elsewhere(round, index);
  alert_and_poll(round, port);
  fill_and_empty(round, port);
}

int open_descriptors() {
  int count = 0;
  DIR* directory = opendir("/proc/self/fd");
  if (directory == nullptr) die("/proc/self/fd");
  while (readdir(directory) != nullptr) ++count;
  closedir(directory);
  return count;
}

int mapped_ports() {
  FILE* maps = fopen("/proc/self/maps", "re");
  if (maps == nullptr) die("/proc/self/maps");
  char line[4096];
  int count = 0;
  while (fgets(line, sizeof line, maps) != nullptr)
    if (strstr(line, "memfd:portc") != nullptr) ++count;
  fclose(maps);
  return count;
}

// --- a round ---

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

void print_points() {
  for (uint32_t i = 0; i < point_count; ++i)
    printf("  %-24s %12llu arrivals %6llu kills\n", point_names[i],
           static_cast<unsigned long long>(journal->points[i].arrivals.load()),
           static_cast<unsigned long long>(journal->points[i].kills.load()));
}

void print_totals() {
  uint32_t reached = 0;
  for (uint32_t i = 0; i < point_count; ++i) reached += journal->points[i].kills.load() != 0;
  printf(
      "%llu operations of %llu processes; killed: %llu anywhere, %llu at %u of %u points;"
      " %llu recoveries\n",
      static_cast<unsigned long long>(journal->operations.load()),
      static_cast<unsigned long long>(totals.lives),
      static_cast<unsigned long long>(totals.random_kills),
      static_cast<unsigned long long>(totals.point_kills), reached, point_count,
      static_cast<unsigned long long>(totals.recoveries));
  printf(
      "%llu events sent, %llu retrieved; %llu went with killed retrievers, %llu were in the"
      " hands of killed senders; %llu alerts\n",
      static_cast<unsigned long long>(totals.sent),
      static_cast<unsigned long long>(totals.retrieved),
      static_cast<unsigned long long>(totals.lost), static_cast<unsigned long long>(totals.unsure),
      static_cast<unsigned long long>(journal->alerts.load()));
}

int conclude(uint64_t passed, uint64_t failed) {
  printf("%llu passed, %llu failed\n", static_cast<unsigned long long>(passed),
         static_cast<unsigned long long>(failed));
  fflush(stdout);
  if (failed != 0) leave_at_once();
  return passed != 0 ? 0 : 1;
}

int storm() {
  (void)make_journal();
  map_journal();
  snprintf(journal->defect, sizeof journal->defect, "%s", options.defect);
  if (options.sweep) {
    const uint32_t offset =
        options.steps == 0 ? 0 : static_cast<uint32_t>(options.seed % options.steps);
    const Verdict verdict = sweep({options.patience * 1000 * kMillisecond, options.steps, offset});
    return conclude(verdict.passed, verdict.failed);
  }
  const int64_t until = now() + options.seconds * 1000 * kMillisecond;
  Chance chance(options.seed);
  uint64_t passed = 0, failed = 0;
  signal(SIGALRM, conductor_is_stuck);
  printf("storm: seed %llu\n", static_cast<unsigned long long>(options.seed));
  for (uint64_t i = 0; i < options.rounds && now() < until && failed == 0; ++i) {
    const uint32_t kind = options.kind < kKinds ? options.kind : static_cast<uint32_t>(i % kKinds);
    // The first round has the program's own seed, so that one that failed can be played alone.
    const uint64_t seed = i == 0 ? options.seed : chance.next() >> 32;
    ++(play(i + 1, seed, static_cast<Kind>(kind)) ? passed : failed);
  }
  if (options.points) print_points();
  print_totals();
  return conclude(passed, failed);
}

[[noreturn]] void usage() {
  fprintf(stderr,
          "usage: storm [--seconds N] [--rounds N] [--seed N] [--kind NAME] [--defect NAME]"
          " [--patience N] [--point NAME] [--points] [--sweep] [--steps N]\n");
  exit(2);
}

uint64_t number_in(const char* text) {
  char* end;
  errno = 0;
  const uint64_t value = strtoull(text, &end, 10);
  if (errno != 0 || *text == '\0' || *end != '\0') usage();
  return value;
}

uint32_t kind_named(const char* name) {
  for (uint32_t kind = 0; kind < kKinds; ++kind)
    if (strcmp(kind_names[kind], name) == 0) return kind;
  usage();
}

uint32_t point_named(const char* name) {
  for (uint32_t point = 0; point < point_count; ++point)
    if (strcmp(point_names[point], name) == 0) return point;
  usage();
}

void parse(int count, char** words) {
  options.seed = static_cast<uint64_t>(time(nullptr));
  for (int i = 1; i < count; ++i) {
    if (strcmp(words[i], "--points") == 0 || strcmp(words[i], "--sweep") == 0) {
      (words[i][2] == 'p' ? options.points : options.sweep) = true;
      continue;
    }
    if (i + 1 == count) usage();
    const char* value = words[++i];
    if (strcmp(words[i - 1], "--seconds") == 0)
      options.seconds = static_cast<int64_t>(number_in(value));
    else if (strcmp(words[i - 1], "--rounds") == 0)
      options.rounds = number_in(value);
    else if (strcmp(words[i - 1], "--seed") == 0)
      options.seed = number_in(value);
    else if (strcmp(words[i - 1], "--kind") == 0)
      options.kind = kind_named(value);
    else if (strcmp(words[i - 1], "--defect") == 0)
      options.defect = value;
    else if (strcmp(words[i - 1], "--point") == 0)
      options.point = point_named(value);
    else if (strcmp(words[i - 1], "--steps") == 0)
      options.sweep = true, options.steps = static_cast<uint32_t>(number_in(value));
    else if (strcmp(words[i - 1], "--patience") == 0)
      options.patience = static_cast<int64_t>(number_in(value));
    else
      usage();
  }
}

}  // namespace

uint64_t Chance::next() {
  state_ += 0x9e3779b97f4a7c15u;
  uint64_t z = state_;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

void mark(uint32_t port, uint64_t user) {
  const uint32_t number = life_of(user), stream = stream_of(user), id = id_of(user);
  journal->retrieved.fetch_add(1, std::memory_order_relaxed);
  if (tag_of(user) != Tag::kSent || number >= kLives || stream >= kStreams || id >= kIds ||
      !goes_to(stream, id, port) || id >= journal->lives[number].streams[stream].started.load()) {
    journal->an_event.store(user);
    journal->strange.fetch_add(1);
    return;
  }
  if (journal->marks[port][number][stream][id].fetch_add(1) == 0) return;
  journal->an_event.store(user);
  journal->twice.fetch_add(1);
}

}  // namespace storm

int main(int count, char** words) {
  using namespace storm;
  const bool executed = count == 3 && strcmp(words[1], "--executed") == 0;
  const bool passed = count == 3 && strcmp(words[1], "--passed") == 0;
  if (!executed && !passed) {
    parse(count, words);
    return storm::storm();
  }
  map_journal();
  worker_main(static_cast<uint32_t>(number_in(words[2])), passed ? kSocketNumber : -1);
}
