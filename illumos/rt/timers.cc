// SPDX-License-Identifier: MIT
//
// illumos's timer ids are small numbers, Linux's are pointers. A timer that notifies a port is
// libportc's, whose ids have an index that is small enough; the others are numbered from there on.
//
// Source: timer_create(3C), timer_settime(3C) of illumos.
#include <sys/mman.h>

#include <csignal>
#include <ctime>

#include "illumos/rt/clocks.h"
#include "illumos/rt/errno.h"
#include "illumos/rt/lock.h"
#include "illumos/rt/realtime.h"
#include "illumos/rt/signal_frames.h"
#include "include/port.h"
#include "libportc/source/timer_table.h"

namespace portc::illumos {
namespace {

constexpr int kMaxOthers = 32768;
constexpr uint64_t kIndexMask = (1 << 20) - 1;
static_assert(kMaxTimers <= kIndexMask);

struct Entry {
  std::atomic<timer_t> host;
  std::atomic<bool> used;
};

Entry* entries;  // kMaxTimers of libportc's, then kMaxOthers

bool make_entries() {
  const Locked locked(timer_lock);
  if (entries != nullptr) return true;
  void* at = mmap(nullptr, (kMaxTimers + kMaxOthers) * sizeof(Entry), PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (at == MAP_FAILED) return false;
  entries = static_cast<Entry*>(at);
  return true;
}

int take_number() {
  for (uint32_t i = kMaxTimers; i < kMaxTimers + kMaxOthers; ++i)
    if (!entries[i].used.exchange(true)) return static_cast<int>(i);
  return -1;
}

// False if there is none.
bool find(int id, timer_t& host) {
  if (entries == nullptr || id < 0 || static_cast<uint32_t>(id) >= kMaxTimers + kMaxOthers ||
      !entries[id].used.load())
    return false;
  host = entries[id].host.load();
  return true;
}

int result(int r) {
  if (r < 0) set_guest_errno();
  return r;
}

int create_for_port(clockid_t clock, sigevent& event, int* id) {
  timer_t host;
  if (timer_create(clock, &event, &host) != 0) return result(-1);
  const auto index = static_cast<uint32_t>(reinterpret_cast<uint64_t>(host) & kIndexMask);
  entries[index].host.store(host);
  entries[index].used.store(true);
  *id = static_cast<int>(index);
  return 0;
}

int create_other(clockid_t clock, sigevent* event, int* id) {
  const int number = take_number();
  if (number < 0) return fail(EAGAIN);
  sigevent usual = {};
  if (event == nullptr) {
    usual.sigev_notify = SIGEV_SIGNAL;
    usual.sigev_signo = SIGALRM;
    usual.sigev_value.sival_int = number;
    event = &usual;
  }
  timer_t host;
  if (timer_create(clock, event, &host) != 0) {
    entries[number].used.store(false);
    return result(-1);
  }
  entries[number].host.store(host);
  *id = number;
  return 0;
}

}  // namespace

uint64_t timer_object_to_guest(uint64_t host) { return host & kIndexMask; }

extern "C" {

int il_timer_create(int clock, const abi::SigEvent* event, int* id) {
  const clockid_t host_clock = timer_clock_to_host(clock);
  sigevent host;
  if (host_clock == kNoClock || (event != nullptr && !event_to_host(*event, host)))
    return fail(EINVAL);
  if (!make_entries()) return fail(ENOMEM);
  if (event != nullptr && host.sigev_notify == SIGEV_PORT)
    return create_for_port(host_clock, host, id);
  return create_other(host_clock, event != nullptr ? &host : nullptr, id);
}

int il_timer_settime(int id, int flags, const itimerspec* next, itimerspec* before) {
  timer_t host;
  return find(id, host) ? result(timer_settime(host, flags, next, before)) : fail(EINVAL);
}

int il_timer_gettime(int id, itimerspec* left) {
  timer_t host;
  return find(id, host) ? result(timer_gettime(host, left)) : fail(EINVAL);
}

int il_timer_getoverrun(int id) {
  timer_t host;
  return find(id, host) ? result(timer_getoverrun(host)) : fail(EINVAL);
}

int il_timer_delete(int id) {
  timer_t host;
  if (!find(id, host)) return fail(EINVAL);
  entries[id].used.store(false);
  return result(timer_delete(host));
}

}  // extern "C"

}  // namespace portc::illumos
