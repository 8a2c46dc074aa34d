// SPDX-License-Identifier: MIT
//
// Small things: addresses, deadlines, /proc, owner tokens, limits.
#include <criterion/criterion.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "libportc/base/deadline.h"
#include "libportc/base/thread.h"
#include "libportc/base/usermem.h"
#include "libportc/core/fdinfo.h"
#include "libportc/core/limits.h"
#include "libportc/core/owner.h"

using namespace portc;

namespace {

char* pages(int count, int protection) {
  void* p = mmap(nullptr, 4096 * static_cast<size_t>(count), protection,
                 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  cr_assert_neq(p, MAP_FAILED);
  return static_cast<char*>(p);
}

bool is_before(const struct timespec& a, const struct timespec& b) {
  return a.tv_sec < b.tv_sec || (a.tv_sec == b.tv_sec && a.tv_nsec < b.tv_nsec);
}

}  // namespace

Test(usermem, tells_readable_from_writable_from_missing) {
  char* p = pages(3, PROT_READ | PROT_WRITE);
  mprotect(p + 4096, 4096, PROT_READ);
  munmap(p + 8192, 4096);
  cr_assert(user_readable(p, 8192));
  cr_assert(!user_readable(p, 8193));
  cr_assert(user_writable(p, 4096));
  cr_assert(!user_writable(p + 4000, 200));
  cr_assert(!user_writable(nullptr, 1));
  cr_assert(!user_writable(reinterpret_cast<void*>(-8L), 64), "wraps around");
  cr_assert(user_writable(nullptr, 0));
}

Test(usermem, writes_nothing) {
  char* p = pages(1, PROT_READ | PROT_WRITE);
  memset(p, 0x5a, 4096);
  cr_assert(user_writable(p, 4096));
  for (int i = 0; i < 4096; ++i) cr_assert_eq(p[i], 0x5a);
}

Test(clock, says_what_the_kernel_says) {
  for (const clockid_t clock :
       {CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_BOOTTIME, CLOCK_TAI, CLOCK_REALTIME_COARSE}) {
    struct timespec before = {}, now = {}, after = {};
    cr_assert_eq(syscall(SYS_clock_gettime, clock, &before), 0);
    sys::clock_read(clock, &now);
    cr_assert_eq(syscall(SYS_clock_gettime, clock, &after), 0);
    cr_assert(!is_before(now, before) && !is_before(after, now), "clock %d", clock);
  }
}

Test(deadline, saturates_and_passes) {
  cr_assert(Deadline::after({0, 0}).is_now());
  cr_assert(Deadline::after({INT64_MAX, 999999999}).is_never());
  cr_assert(!Deadline::never().passed());
  cr_assert(Deadline::now().passed());
  cr_assert(!Deadline::after({1000, 0}).passed());
}

Test(fdinfo, lists_every_item_of_a_large_set) {
  const int set = epoll_create1(EPOLL_CLOEXEC);
  std::vector<int> fds;
  for (uint64_t i = 0; i < 300; ++i) {
    fds.push_back(eventfd(0, EFD_CLOEXEC));
    struct epoll_event event = {};
    event.events = EPOLLIN;
    event.data.u64 = 0xd000000000000000u + i;
    cr_assert_eq(epoll_ctl(set, EPOLL_CTL_ADD, fds.back(), &event), 0);
  }
  std::vector<EpollItem> seen;
  cr_assert(fdinfo_each_item(
      set,
      [](void* context, const EpollItem& item) {
        static_cast<std::vector<EpollItem>*>(context)->push_back(item);
        return true;
      },
      &seen));
  cr_assert_eq(seen.size(), fds.size());
  for (const EpollItem& item : seen) cr_assert_eq(fds[item.key - 0xd000000000000000u], item.fd);
}

Test(fdinfo, knows_an_eventfd) {
  cr_assert(fd_is_eventfd(eventfd(0, 0)));
  cr_assert(!fd_is_eventfd(epoll_create1(0)));
  cr_assert(!fd_is_eventfd(999));
}

Test(owner, is_alive_until_it_ends_also_as_a_zombie) {
  int ready[2], go[2];
  cr_assert_eq(pipe(ready), 0);
  cr_assert_eq(pipe(go), 0);
  const pid_t pid = fork();
  if (pid == 0) {
    owner_reset_child();
    const OwnerToken token = owner_self();
    if (write(ready[1], &token, sizeof token) != sizeof token) _exit(1);
    char c;
    _exit(read(go[0], &c, 1) == 1 ? 0 : 1);
  }
  OwnerToken token = 0;
  cr_assert_eq(read(ready[0], &token, sizeof token), static_cast<ssize_t>(sizeof token));
  cr_assert_neq(token, owner_self());
  cr_assert(!owner_is_dead(token));
  cr_assert_eq(write(go[1], "x", 1), 1);
  siginfo_t info;
  cr_assert_eq(waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOWAIT), 0);
  cr_assert(owner_is_dead(token), "a zombie");
  waitpid(pid, nullptr, 0);
  cr_assert(owner_is_dead(token), "reaped");
  cr_assert(!owner_is_dead(owner_self()));
}

Test(limits, come_from_the_environment_of_the_moment) {
  unsetenv("PORTC_MAX_EVENTS");
  cr_assert_eq(limits_now().events, 65536);
  cr_assert_eq(limits_now().ports, 8192);
  setenv("PORTC_MAX_EVENTS", "17", 1);
  cr_assert_eq(limits_now().events, 17);
  for (const char* wrong : {"", "0", "-1", "12x", "99999999999999999999", "16777217"}) {
    setenv("PORTC_MAX_EVENTS", wrong, 1);
    cr_assert_eq(limits_now().events, 65536, "%s", wrong);
  }
}

Test(limits, rearm_forces_one_mode) {
  for (const char* mode : {"level", "oneshot", "shared", "exact", "auto", "", "LEVEL", "levels"}) {
    const std::string name = mode;
    setenv("PORTC_REARM", mode, 1);
    const PortLimits limits = limits_now();
    cr_assert_eq(limits.shared, name == "shared", "%s", mode);
    cr_assert_eq(limits.exact, name == "exact", "%s", mode);
    const Rearm rearm = name == "level"     ? Rearm::kLevel
                        : name == "oneshot" ? Rearm::kOneShot
                                            : Rearm::kAuto;
    cr_assert_eq(static_cast<int>(limits.rearm), static_cast<int>(rearm), "%s", mode);
  }
}
