// SPDX-License-Identifier: MIT
//
// The descriptors: all holders have the same open files, and each can change how they behave.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <port.h>
#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/hostile/hostile.h"

namespace hostile {
namespace {

// Whoever reads it now waits, or whoever writes it.
void empty_and_block(int fd) {
  uint64_t unused;
  EXPECT(fcntl(fd, F_SETFL, O_NONBLOCK) == 0);
  (void)!read(fd, &unused, sizeof unused);
  EXPECT(fcntl(fd, F_SETFL, 0) == 0);
}

void fill_and_block(int fd) {
  const uint64_t most = UINT64_MAX - 1;
  empty_and_block(fd);
  EXPECT(write(fd, &most, sizeof most) == sizeof most);
}

// --- wake ---

std::atomic<uint32_t> ticketed{0};
void note_ticket(const char* point) {
  if (is(point, "unlock.left")) ticketed = 1;
}

void sleep_and_get(void* port) {
  port_event_t event;
  hook = note_ticket;
  EXPECT(port_get(*static_cast<int*>(port), &event, nullptr) == 0 && event.portev_events == 5);
}

void full_wake() {
  View view = make_port();
  const pid_t sleeper = start(sleep_and_get, &view.port);
  while (view.header->ticket == 0) (void)usleep(1000);
  fill_and_block(view.wake);
  EXPECT(port_send(view.port, 5, nullptr) == 0);
  EXPECT(ends_well(sleeper, 5));
}

// --- doorbell: a child's existence means that others have the port ---

void nothing(void*) {}

View polled_port() {
  const View view = make_port();
  EXPECT(ends_well(start(nothing, nullptr), 5));
  struct pollfd item = {view.port, POLLIN, 0};
  EXPECT(poll(&item, 1, 0) == 0);
  return view;
}

void doorbell() {
  const View view = polled_port();
  EXPECT(port_send(view.port, 1, nullptr) == 0);
  empty_and_block(view.doorbell);
  EXPECT(takes(view.port, 1, 0));  // would empty it
  fill_and_block(view.doorbell);
  EXPECT(port_send(view.port, 2, nullptr) == 0);  // would fill it
  EXPECT(takes(view.port, 2, 0));
  struct pollfd item = {view.port, POLLIN, 0};
  EXPECT(poll(&item, 1, 0) == 0);
}

// --- the set: what others put into it is nothing of ours ---

void foreign_items() {
  const View view = make_port();
  EXPECT(ends_well(start(nothing, nullptr), 5));
  int ready[200];
  for (uint32_t i = 0; i < 200; ++i) {
    ready[i] = eventfd(1, EFD_NONBLOCK);
    struct epoll_event event = {};
    event.events = EPOLLIN;
    event.data.u64 = i % 2 == 0 ? UINT64_MAX - i : uint64_t{i} << 32 | (i % 70);
    EXPECT(epoll_ctl(view.port, EPOLL_CTL_ADD, ready[i], &event) == 0);
  }
  const struct timespec zero = {0, 0};
  port_event_t event;
  EXPECT(port_get(view.port, &event, &zero) == -1 && errno == ETIME);
  EXPECT(port_send(view.port, 3, nullptr) == 0 && takes(view.port, 3, 0));
}

// --- flags and owners of the descriptors ---

void flags() {
  const View view = make_port();
  EXPECT(ends_well(start(nothing, nullptr), 5));
  for (const int fd : {view.port, view.memory, view.doorbell, view.wake}) {
    (void)fcntl(fd, F_SETOWN, getpid());
    (void)fcntl(fd, F_SETSIG, SIGKILL);
    (void)fcntl(fd, F_SETFL, O_ASYNC | O_APPEND);
  }
  EXPECT(port_send(view.port, 4, nullptr) == 0 && takes(view.port, 4, 0));
}

}  // namespace

const Case descriptor_cases[] = {{"full_wake", "wake-counts", full_wake},
                                 {"doorbell", "trusts-doorbell", doorbell},
                                 {"foreign_items", "", foreign_items},
                                 {"flags", "", flags},
                                 {nullptr, nullptr, nullptr}};

}  // namespace hostile
