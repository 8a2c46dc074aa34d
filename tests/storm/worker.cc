// SPDX-License-Identifier: MIT
//
// One life: sends or retrieves, and associates, alerts and polls on the way, in an order that its
// seed gives. A life that finds something wrong writes it down and aborts.
#include <errno.h>
#include <poll.h>
#include <port.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstring>

#include "tests/storm/storm.h"

namespace storm {
namespace {

uint32_t number;  // of this life
Life* life;
int ports[kPorts];

void complain(const char* what) {
  life->complaint_errno.store(errno);
  strncpy(life->complaint, what, sizeof life->complaint - 1);
  abort();
}

#define REQUIRE(x) ((x) ? static_cast<void>(0) : complain(#x))

void* as_user(uint64_t value) { return reinterpret_cast<void*>(static_cast<uintptr_t>(value)); }

void beat(Doing doing) {
  life->doing.store(doing, std::memory_order_relaxed);
  life->beat.fetch_add(1, std::memory_order_relaxed);
  journal->operations.fetch_add(1, std::memory_order_relaxed);
}

bool running() { return journal->phase.load(std::memory_order_relaxed) == Phase::kRun; }

// --- sending ---

// False if the port was full.
bool send_one(uint32_t port, uint32_t stream, uint32_t id) {
  const int r = port_send(ports[port], 1, as_user(cookie(Tag::kSent, number, stream, id)));
  REQUIRE(r == 0 || errno == EAGAIN);
  return r == 0;
}

// To both ports, until both have it.
void send_everywhere(uint32_t id) {
  bool missing[kPorts] = {true, true};
  const uint64_t user = cookie(Tag::kSent, number, 0, id);
  for (;;) {
    int list[kPorts], errors[kPorts], index[kPorts];
    uint32_t count = 0;
    for (uint32_t port = 0; port < kPorts; ++port) {
      if (!missing[port]) continue;
      index[count] = static_cast<int>(port);
      list[count++] = ports[port];
    }
    if (count == 0) return;
    const int sent = port_sendn(list, errors, count, 1, as_user(user));
    REQUIRE(sent >= 0 && sent <= static_cast<int>(count));
    for (uint32_t i = 0; i < count; ++i) {
      const bool failed = sent != static_cast<int>(count) && errors[i] != 0;
      REQUIRE(!failed || errors[i] == EAGAIN);
      if (!failed) missing[index[i]] = false;
    }
    if (sent != static_cast<int>(count)) sched_yield();
    beat(Doing::kSending);
  }
}

// False if the stream has been used up.
bool send_next() {
  beat(Doing::kSending);
  Stream& stream = life->streams[0];
  const uint32_t id = stream.returned.load(std::memory_order_relaxed);
  if (id == kIds) return false;
  stream.started.store(id + 1, std::memory_order_relaxed);
  if (goes_everywhere(0, id)) {
    send_everywhere(id);
  } else if (!send_one(id % kPorts, 0, id)) {
    sched_yield();
    return true;
  }
  stream.returned.store(id + 1, std::memory_order_relaxed);
  return true;
}

// From a signal handler: it may have interrupted a section of either port, or none.
void send_from_handler(int) {
  const int saved = errno;
  Stream& stream = life->streams[1];
  const uint32_t id = stream.returned.load(std::memory_order_relaxed);
  if (id < kIds && running()) {
    stream.started.store(id + 1, std::memory_order_relaxed);
    if (send_one(id % kPorts, 1, id)) stream.returned.store(id + 1, std::memory_order_relaxed);
  }
  errno = saved;
}

void start_interrupting(Chance& chance) {
  struct sigaction action = {};
  action.sa_handler = send_from_handler;
  REQUIRE(sigaction(SIGALRM, &action, nullptr) == 0);
  const suseconds_t every = 300 + chance.below(3000);
  const struct itimerval timer = {{0, every}, {0, every}};
  REQUIRE(setitimer(ITIMER_REAL, &timer, nullptr) == 0);
}

void stop_interrupting() {
  const struct itimerval off = {};
  REQUIRE(setitimer(ITIMER_REAL, &off, nullptr) == 0);
}

// --- associating ---

void make_ready(int descriptor) {
  const uint64_t one = 1;
  REQUIRE(write(descriptor, &one, sizeof one) == sizeof one || errno == EAGAIN);
}

void make_unready(int descriptor) {
  uint64_t count;
  REQUIRE(read(descriptor, &count, sizeof count) == sizeof count || errno == EAGAIN);
}

void associate(uint32_t port, int descriptor, uint64_t user) {
  const int r = port_associate(ports[port], PORT_SOURCE_FD, static_cast<uintptr_t>(descriptor),
                               POLLIN, as_user(user));
  REQUIRE(r == 0 || errno == EAGAIN);
}

void associate_shared(Chance& chance) {
  beat(Doing::kAssociating);
  const int descriptor = journal->shared[chance.below(kShared)];
  const uint32_t port = chance.below(kPorts);
  associate(port, descriptor, cookie(Tag::kSharedDescriptor, number, 0, 0));
  if (chance.below(2) == 0) make_ready(descriptor);
  if (chance.below(4) != 0) return;
  const int r = port_dissociate(ports[port], PORT_SOURCE_FD, static_cast<uintptr_t>(descriptor));
  REQUIRE(r == 0 || errno == ENOENT || errno == EACCES);
}

// A descriptor that nobody else has: its event can go to nobody else.
struct Own {
  int descriptor = -1;
  uint32_t port = 0;
};
Own own;

// A full port puts it off.
void associate_own() {
  beat(Doing::kAssociating);
  if (own.descriptor < 0) {
    own.descriptor = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    REQUIRE(own.descriptor >= 0);
  }
  if (life->own_pending.load() != 0) return;
  const int r =
      port_associate(ports[own.port], PORT_SOURCE_FD, static_cast<uintptr_t>(own.descriptor),
                     POLLIN, as_user(cookie(Tag::kOwnDescriptor, number, 0, 0)));
  REQUIRE(r == 0 || errno == EAGAIN);
  if (r != 0) return;
  make_ready(own.descriptor);
  life->own_pending.store(1);
}

// Of a sender, which never retrieves what it asks for.
void associate_and_dissociate() {
  beat(Doing::kAssociating);
  const int descriptor = eventfd(1, EFD_NONBLOCK | EFD_CLOEXEC);
  REQUIRE(descriptor >= 0);
  associate(own.port, descriptor, cookie(Tag::kOwnDescriptor, number, 0, 0));
  const int r =
      port_dissociate(ports[own.port], PORT_SOURCE_FD, static_cast<uintptr_t>(descriptor));
  REQUIRE(r == 0 || errno == ENOENT);  // the port was full
  close(descriptor);
}

// --- alerting, polling ---

void alert(Chance& chance) {
  beat(Doing::kAlerting);
  const uint32_t port = chance.below(kPorts);
  const int how = chance.below(2) == 0 ? PORT_ALERT_SET : PORT_ALERT_UPDATE;
  life->alerting.store(1);
  const int r = port_alert(ports[port], how, 1, as_user(cookie(Tag::kAlert, number, 0, 0)));
  REQUIRE(r == 0 || errno == EBUSY);
  for (uint32_t i = chance.below(20); i > 0; --i) sched_yield();
  if (r == 0) REQUIRE(port_alert(ports[port], PORT_ALERT_SET, 0, nullptr) == 0);
  life->alerting.store(0);
}

// Only the second port is ever polled: the first keeps its user events from the kernel.
void look_at(Chance& chance) {
  beat(Doing::kPolling);
  struct pollfd item = {ports[1], POLLIN | POLLOUT, 0};
  const int r = poll(&item, 1, static_cast<int>(chance.below(3)));
  REQUIRE(r >= 0 || errno == EINTR);
  uint_t count = 0;
  REQUIRE(port_getn(ports[chance.below(kPorts)], nullptr, 0, &count, nullptr) == 0);
}

// --- retrieving ---

constexpr uint_t kMost = 16;

void got_descriptor(uint32_t port, int descriptor, uint64_t user) {
  make_unready(descriptor);
  if (tag_of(user) == Tag::kSharedDescriptor) return;
  REQUIRE(tag_of(user) == Tag::kOwnDescriptor && life_of(user) == number);
  REQUIRE(descriptor == own.descriptor && port == own.port);
  const bool first_time = life->own_pending.load() == 1;
  REQUIRE(first_time);
  life->own_pending.store(0);
}

void got(uint32_t port, const port_event_t& event) {
  const uint64_t user = reinterpret_cast<uintptr_t>(event.portev_user);
  switch (event.portev_source) {
    case PORT_SOURCE_USER:
      mark(port, user);
      return;
    case PORT_SOURCE_ALERT:
      journal->alerts.fetch_add(1, std::memory_order_relaxed);
      return;
    case PORT_SOURCE_FD:
      got_descriptor(port, static_cast<int>(event.portev_object), user);
      return;
    default:
      REQUIRE(!"a source that nobody uses");
  }
}

void retrieve(uint32_t port, uint_t max, uint_t want, const struct timespec* timeout) {
  beat(Doing::kGetting);
  port_event_t events[kMost];
  uint_t count = want;
  life->taking[port].store(max);
  life->asleep.store(timeout == nullptr);
  int r;
  if (max == 1) {
    r = port_get(ports[port], events, timeout);
    count = r == 0 ? 1 : 0;
  } else {
    r = port_getn(ports[port], events, max, &count, timeout);
    if (r != 0 && errno != ETIME) count = 0;
  }
  life->asleep.store(0);
  REQUIRE(r == 0 || errno == ETIME || errno == EINTR);
  REQUIRE(count <= max);
  for (uint_t i = 0; i < count; ++i) {
    got(port, events[i]);
    life->taking[port].store(count - i - 1);
  }
  life->taking[port].store(0);
}

void retrieve_something(Chance& chance) {
  const bool quiet = !running();
  const uint32_t port = quiet || chance.below(4) != 0 ? own.port : chance.below(kPorts);
  const struct timespec wait = {0, static_cast<long>(chance.below(3)) * 3000000};
  // Without a timeout only from the port where something of one's own may come, and for one.
  const bool forever = quiet || (port == own.port && chance.below(3) == 0);
  const uint_t max = chance.below(2) == 0 ? 1 : 1 + chance.below(kMost);
  const uint_t want = forever || max == 1 ? 1 : 1 + chance.below(max);
  retrieve(port, max, want, forever ? nullptr : &wait);
}

// --- lives ---

void sender(Chance& chance) {
  const bool interrupting = chance.below(2) == 0;
  if (interrupting) start_interrupting(chance);
  bool more = true;
  while (more && running()) {
    const uint32_t what = chance.below(100);
    if (what < 70)
      more = send_next();
    else if (what < 80)
      associate_shared(chance);
    else if (what < 85)
      associate_and_dissociate();
    else if (what < 88)
      alert(chance);
    else if (what < 92)
      look_at(chance);
    else
      sched_yield();
  }
  if (interrupting) stop_interrupting();
}

void retriever(Chance& chance) {
  while (journal->phase.load(std::memory_order_relaxed) != Phase::kStop) {
    const uint32_t what = chance.below(100);
    if (what < 80 || !running())
      retrieve_something(chance);
    else if (what < 92)
      associate_own();
    else if (what < 97)
      associate_shared(chance);
    else
      look_at(chance);
  }
}

void receive_ports(int socket) {
  char byte;
  struct iovec part = {&byte, 1};
  alignas(struct cmsghdr) char space[CMSG_SPACE(sizeof ports)];
  struct msghdr message = {};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = space;
  message.msg_controllen = sizeof space;
  REQUIRE(recvmsg(socket, &message, 0) == 1);
  const struct cmsghdr* header = CMSG_FIRSTHDR(&message);
  REQUIRE(header != nullptr && header->cmsg_type == SCM_RIGHTS &&
          header->cmsg_len == CMSG_LEN(sizeof ports));
  memcpy(ports, CMSG_DATA(header), sizeof ports);
  close(socket);
}

}  // namespace

void worker_main(uint32_t which, int socket) {
  number = which;
  life = &journal->lives[which];
  memcpy(ports, journal->ports, sizeof ports);
  points_begin(life);
  if (socket >= 0) receive_ports(socket);
  own.port = life->worker % kPorts;
  Chance chance(life->seed);
  if (life->worker < kSendingWorkers)
    sender(chance);
  else
    retriever(chance);
  _exit(0);
}

}  // namespace storm
