// SPDX-License-Identifier: MIT
//
// Differences from illumos that portc(7) names and that no numbered assertion pins, and what a
// signal handler meets inside a critical section. The static library has no wrappers.
#include <criterion/criterion.h>
#include <port.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "libportc/base/usermem.h"
#include "libportc/core/registry.h"

using namespace portc;

namespace {

constexpr struct timespec kAtOnce = {0, 0};

int port() {
  const int fd = port_create();
  cr_assert_geq(fd, 0);
  return fd;
}

void* cookie(long n) { return reinterpret_cast<void*>(n); }

// Runs `body` as a signal handler would that interrupted a section of `fd`.
template <typename Body>
void inside_section(int fd, Body body) {
  Result<PortRef> ref = port_acquire(fd);
  cr_assert(bool(ref));
  PortGuard guard(**ref);
  cr_assert(bool(guard));
  body();
}

}  // namespace

Test(deviation, fault_cache) {
  void* page = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  cr_assert(user_writable(page, 64));
  munmap(page, 4096);
  cr_assert(user_writable(page, 64), "remembered");
}

Test(deviation, raw_calls_a_raw_close_is_noticed_at_the_next_use) {
  const int p = port();
  int ends[2];
  cr_assert_eq(pipe(ends), 0);
  cr_assert_eq(
      port_associate(p, PORT_SOURCE_FD, static_cast<uintptr_t>(ends[0]), POLLIN, cookie(1)), 0);
  syscall(SYS_close, ends[0]);
  int others[2];
  cr_assert_eq(pipe(others), 0);
  cr_assert_eq(others[0], ends[0], "the number is used again");
  cr_assert_eq(
      port_associate(p, PORT_SOURCE_FD, static_cast<uintptr_t>(others[0]), POLLIN, cookie(2)), 0);
  cr_assert_eq(write(others[1], "x", 1), 1);
  port_event_t event;
  cr_assert_eq(port_get(p, &event, &kAtOnce), 0);
  cr_assert_eq(event.portev_user, cookie(2));
  cr_assert_eq(port_get(p, &event, &kAtOnce), -1);
}

Test(deviation, interrupted_section_sends_are_kept_in_order) {
  const int p = port(), other = port();
  cr_assert_eq(port_send(p, 1, nullptr), 0);
  inside_section(p, [p, other] {
    cr_assert_eq(port_send(p, 2, nullptr), 0);
    cr_assert_eq(port_send(other, 7, nullptr), 0);
    cr_assert_eq(port_send(p, 3, nullptr), 0);
  });
  port_event_t events[8];
  uint_t count = 1;
  cr_assert_eq(port_getn(p, events, 8, &count, &kAtOnce), 0);
  cr_assert_eq(count, 3);
  for (int i = 0; i < 3; ++i) cr_assert_eq(events[i].portev_events, i + 1);
  cr_assert_eq(port_get(other, events, &kAtOnce), 0);
  cr_assert_eq(events[0].portev_events, 7);
}

Test(deviation, interrupted_section_keeps_a_limited_number) {
  const int p = port();
  inside_section(p, [p] {
    for (uint32_t i = 0; i < kBoxEntries; ++i) cr_assert_eq(port_send(p, 1, nullptr), 0);
    cr_assert_eq(port_send(p, 1, nullptr), -1);
    cr_assert_eq(errno, EAGAIN);
  });
  uint_t count = 0;
  cr_assert_eq(port_getn(p, nullptr, 0, &count, nullptr), 0);
  cr_assert_eq(count, kBoxEntries);
}

Test(deviation, interrupted_section_refuses_everything_else) {
  const int p = port();
  inside_section(p, [p] {
    port_event_t event;
    cr_assert_eq(port_get(p, &event, nullptr), -1);
    cr_assert_eq(errno, EAGAIN);
    cr_assert_eq(port_alert(p, PORT_ALERT_SET, 1, nullptr), -1);
    cr_assert_eq(errno, EAGAIN);
    cr_assert_eq(port_associate(p, PORT_SOURCE_FD, 0, POLLIN, nullptr), -1);
    cr_assert_eq(errno, EAGAIN);
  });
}
