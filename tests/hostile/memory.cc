// SPDX-License-Identifier: MIT
//
// The memory: what is read twice, counted, or followed from one slot to the next.
#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <linux/futex.h>
#include <poll.h>
#include <port.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/hostile/hostile.h"

namespace hostile {
namespace {

View victim;
std::atomic<uint32_t> arrivals{0};

void send_some(uint32_t count) {
  for (uint32_t i = 1; i <= count; ++i)
    EXPECT(port_send(victim.port, static_cast<int>(i), nullptr) == 0);
}

// Sending works, or says that the port is damaged.
void use_once() {
  const struct timespec zero = {0, 0};
  port_event_t event;
  EXPECT(port_send(victim.port, 1, nullptr) == 0 || errno == EBADFD);
  EXPECT(port_get(victim.port, &event, &zero) == 0 || errno == EBADFD || errno == ETIME);
}

void leave_locked() { set_lock(victim, FUTEX_OWNER_DIED); }

// --- a repair, while somebody writes ---

void raise_high_water(const char* point) {
  if (is(point, "rebuild.bounded")) victim.header->high_water = UINT32_MAX;
}

void high_water() {
  victim = make_port();
  send_some(4);
  leave_locked();
  hook = raise_high_water;
  use_once();
}

void close_circle(const char* point) {
  if (!is(point, "rebuild.sorting")) return;
  for (uint32_t number = 1; number <= 8; ++number) victim.slots[number - 1].next = number % 8 + 1;
}

void circle() {
  victim = make_port();
  send_some(8);
  leave_locked();
  hook = close_circle;
  use_once();
}

// --- counts ---

void counts() {
  victim = make_port();
  send_some(4);
  victim.slots[3].next = 1;
  victim.header->queued = UINT32_MAX;
  uint_t count = 0;
  struct stat st;
  EXPECT(port_getn(victim.port, nullptr, 0, &count, nullptr) == 0 && count <= kSlots);
  EXPECT(fstat(victim.port, &st) == 0 && st.st_size <= static_cast<off_t>(kSlots));
}

void raise_box(const char* point) {
  if (is(point, "unlock.left")) (void)victim.header->box_used.fetch_add(1);
}

void box_count() {
  victim = make_port();
  hook = raise_box;
  EXPECT(port_send(victim.port, 1, nullptr) == 0);
  hook = nullptr;
  EXPECT(takes(victim.port, 1, 0));
}

void raise_seq(const char* point) {
  if (is(point, "get.before_sleep")) victim.header->seq = victim.header->seq + 1;
}

void sequence() {
  victim = make_port();
  const struct timespec soon = {1, 0};
  port_event_t event;
  hook = raise_seq;
  EXPECT(port_get(victim.port, &event, &soon) == -1 && errno == EBADFD);
}

// --- a slot that names another descriptor of the victim's ---

bool in_set(int port, int fd) {
  char path[64], wanted[32], text[4096];
  snprintf(path, sizeof path, "/proc/self/fdinfo/%d", port);
  snprintf(wanted, sizeof wanted, "tfd: %8d ", fd);
  const int info = open(path, O_RDONLY | O_CLOEXEC);
  EXPECT(info >= 0);
  const ssize_t length = read(info, text, sizeof text - 1);
  EXPECT(length > 0);
  text[length] = '\0';
  close(info);
  return strstr(text, wanted) != nullptr;
}

void associate(int fd, int events, uintptr_t user) {
  EXPECT(port_associate(victim.port, PORT_SOURCE_FD, static_cast<uintptr_t>(fd), events,
                        reinterpret_cast<void*>(user)) == 0);
}

void other_descriptor() {
  victim = make_port();
  const int fd = eventfd(1, EFD_NONBLOCK), secret = eventfd(1, EFD_NONBLOCK);
  const struct timespec zero = {0, 0};
  port_event_t event;
  uint64_t value;
  associate(fd, POLLIN, 0);
  EXPECT(takes(victim.port, POLLIN, 0));
  EXPECT(read(fd, &value, sizeof value) == sizeof value);
  associate(fd, POLLIN, 0);  // no system call: it is asked for when the port is found empty
  EXPECT(in_set(victim.port, fd) && !in_set(victim.port, secret));
  EXPECT(victim.slots[0].object == static_cast<uint64_t>(fd));
  EXPECT((victim.slots[0].flags & portc::kSlotNoted) != 0);
  victim.slots[0].object = static_cast<uint64_t>(secret);
  EXPECT(port_get(victim.port, &event, &zero) == -1);
  EXPECT(!in_set(victim.port, secret));
  _exit(0);
}

// --- threads asleep when the damage is found ---

void* wait_for_damage(void*) {
  port_event_t event;
  EXPECT(port_get(victim.port, &event, nullptr) == -1 && errno == EBADFD);
  ++arrivals;
  return nullptr;
}

std::atomic<uint32_t> asleep{0};
void count_asleep(const char* point) {
  if (is(point, "unlock.left")) ++asleep;
}

void sleepers() {
  victim = make_port();
  pthread_t threads[3];
  hook = count_asleep;
  for (pthread_t& thread : threads)
    EXPECT(pthread_create(&thread, nullptr, wait_for_damage, nullptr) == 0);
  while (asleep < 3) (void)sched_yield();  // each has left the lock once, to sleep
  hook = nullptr;
  victim.header->free_head = 0xfffffff0;
  (void)port_send(victim.port, 1, nullptr);
  EXPECT(port_send(victim.port, 2, nullptr) == -1 && errno == EBADFD);
  for (const pthread_t thread : threads) EXPECT(pthread_join(thread, nullptr) == 0);
  EXPECT(arrivals == 3);
}

// --- the size of the memory, and holes in it ---

void size() {
  victim = make_port();
  send_some(2);
  EXPECT(ftruncate(victim.memory, 0) == -1 && errno == EPERM);
  EXPECT(ftruncate(victim.memory, 1 << 30) == -1 && errno == EPERM);
  EXPECT(fcntl(victim.memory, F_ADD_SEALS, F_SEAL_WRITE) == -1);
  struct stat st;
  EXPECT(fstat(victim.memory, &st) == 0);
  EXPECT(fallocate(victim.memory, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, st.st_size) == 0);
  use_once();
}

// --- what a holder can do: portc(7) SECURITY ---

void forge(void*) {
  victim.slots[0].user = 0x1234;
  victim.slots[0].events = 77;
}

void forged() {
  victim = make_port();
  send_some(1);
  EXPECT(ends_well(start(forge, nullptr), 5));
  EXPECT(takes(victim.port, 77, 0x1234));
}

// --- an association that another holder changes, killed at the n-th point on its way ---

struct Change {
  int fd;
  uint32_t countdown;
} change;

void die_in_time(const char*) {
  if (change.countdown != 0 && --change.countdown == 0) raise(SIGKILL);
}

void change_it(void*) {
  const struct timespec zero = {0, 0};
  uint_t count = 0;
  (void)port_getn(victim.port, nullptr, 0, &count, &zero);  // it is a user from now on
  hook = die_in_time;
  associate(change.fd, POLLOUT, 2);
  hook = nullptr;
}

// True while the change was not survived. `fired`: the event is queued when it begins.
bool killed_at(uint32_t n, bool fired) {
  int pair[2], status;
  EXPECT(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
  change = {pair[0], n};
  associate(pair[0], POLLIN, 1);
  if (fired) EXPECT(write(pair[1], "x", 1) == 1);
  uint_t count = 0;
  EXPECT(port_getn(victim.port, nullptr, 0, &count, nullptr) == 0 && count == (fired ? 1 : 0));
  const pid_t other = start(change_it, nullptr);
  EXPECT(waitpid(other, &status, 0) == other);
  if (!fired) EXPECT(write(pair[1], "x", 1) == 1);
  const struct timespec soon = {5, 0};
  port_event_t event;
  EXPECT(port_get(victim.port, &event, &soon) == 0);
  const auto user = reinterpret_cast<uintptr_t>(event.portev_user);
  if (user == 1)
    EXPECT(event.portev_events == POLLIN);
  else
    EXPECT(user == 2 && event.portev_events == POLLOUT);
  close(pair[0]);
  close(pair[1]);
  return WIFSIGNALED(status);
}

void torn() {
  victim = make_port();
  uint32_t n = 1;
  while (killed_at(n, false)) ++n;
  EXPECT(n > 10);
  n = 1;
  while (killed_at(n, true)) ++n;
  EXPECT(n > 10);
}

}  // namespace

const Case memory_cases[] = {{"high_water", "reads-twice", high_water},
                             {"circle", "sorts-for-ever", circle},
                             {"counts", "counts-as-told", counts},
                             {"box_count", "looks-for-ever", box_count},
                             {"sequence", "passes-for-ever", sequence},
                             {"other_descriptor", "slot-says-which", other_descriptor},
                             {"sleepers", "forgets-sleepers", sleepers},
                             {"size", "unsealed", size},
                             {"forged", "", forged},
                             {"torn", "torn", torn},
                             {nullptr, nullptr, nullptr}};

}  // namespace hostile
