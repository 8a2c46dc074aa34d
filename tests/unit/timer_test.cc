// SPDX-License-Identifier: MIT
//
// The heap, the ids and the clocks of timers; and what a program cannot easily bring about: calls
// inside a critical section, ports that go without a word, peers that write over slots.
#include "libportc/source/timer.h"

#include <criterion/criterion.h>
#include <port.h>
#include <sys/wait.h>

#include <algorithm>
#include <random>
#include <set>
#include <vector>

#include "libportc/api/hooks.h"
#include "libportc/api/timer.h"
#include "libportc/core/owner.h"
#include "libportc/core/registry.h"
#include "libportc/source/timer_heap.h"
#include "libportc/source/timer_port.h"

using namespace portc;

namespace {

constexpr struct timespec kAtOnce = {0, 0};
constexpr int64_t kHour = int64_t{3600} * 1'000'000'000;

struct Item {
  uint32_t place = 0;
  int64_t key = 0;
};

int port() {
  const int fd = port_create();
  cr_assert_geq(fd, 0);
  return fd;
}

TimerId make(int port_fd, uint64_t user = 0) {
  const Result<TimerId> id = timer_make(CLOCK_MONOTONIC, port_fd, user);
  cr_assert(bool(id), "errno %d", id.error());
  return *id;
}

bool set(TimerId id, bool absolute, int64_t value, int64_t interval = 0) {
  TimerSetting before;
  return bool(timer_set(id, absolute, {interval, value}, before));
}

int next_events(int port_fd) {
  port_event_t event = {};
  return port_get(port_fd, &event, &kAtOnce) == 0 ? event.portev_events : 0;
}

// Runs `body` as a signal handler would that interrupted a section of `fd`.
template <typename Body>
void inside_section(int fd, Body body) {
  Result<PortRef> ref = port_acquire(fd);
  cr_assert(bool(ref));
  PortGuard guard(**ref);
  cr_assert(bool(guard));
  body(**ref);
}

}  // namespace

Test(timer_heap, gives_out_by_key_whatever_is_taken_out) {
  constexpr uint32_t kItems = 500;
  std::mt19937 random(7);
  std::vector<TimerHeap<Item>::Entry> room(kItems);
  TimerHeap<Item> heap(room.data());
  std::vector<Item> items(kItems);
  std::multiset<int64_t> inside;
  for (int step = 0; step < 20000; ++step) {
    Item& item = items[random() % kItems];
    if (item.place == 0) {
      item.key = static_cast<int64_t>(random() % 300);
      heap.insert(item, item.key);
      inside.insert(item.key);
    } else {
      heap.remove(item);
      inside.erase(inside.find(item.key));
    }
    cr_assert_eq(heap.size(), inside.size());
    if (!heap.empty()) cr_assert_eq(heap.first().key, *inside.begin());
  }
  for (int64_t previous = 0; !heap.empty();) {
    Item& item = *heap.first().item;
    cr_assert_geq(item.key, previous);
    previous = item.key;
    heap.remove(item);
    cr_assert_eq(item.place, 0u);
  }
}

Test(timer_table, every_id_is_new_and_none_of_libcs) {
  std::set<TimerId> seen;
  for (int i = 0; i < 1000; ++i) {
    Timer* timer = timer_reserve();
    cr_assert_not_null(timer);
    const TimerId id = timer_future_id(*timer);
    cr_assert(timer_id_is_ours(id));
    cr_assert(seen.insert(id).second, "given out twice");
    cr_assert_neq(timer->id.load(), id, "not published yet");
    timer_publish(*timer);
    cr_assert_eq(timer_find(id), timer);
    cr_assert_eq(timer->id.load(), id);
    timer_unreserve(*timer);
    cr_assert_neq(timer->id.load(), id);
  }
  cr_assert(!timer_id_is_ours(0));
  cr_assert(!timer_id_is_ours(1234));
  cr_assert(!timer_id_is_ours(uint64_t{1} << 63 | 0x7f5054000000));
}

Test(timer_table, has_room_for_so_many_and_no_more) {
  std::vector<Timer*> all;
  while (Timer* timer = timer_reserve()) all.push_back(timer);
  cr_assert_eq(all.size(), kMaxTimers);
  std::sort(all.begin(), all.end());
  cr_assert(std::adjacent_find(all.begin(), all.end()) == all.end(), "given out twice");
  cr_assert_eq(timer_make(CLOCK_MONOTONIC, -1, 0).error(), EAGAIN, "before it looks at the port");
  timer_unreserve(*all.front());
  cr_assert_eq(timer_reserve(), all.front());
}

Test(timer_clock, routes) {
  for (const int32_t clock : {CLOCK_MONOTONIC_RAW, CLOCK_REALTIME_COARSE, 10, 4711, -5})
    cr_assert_eq(timer_clock_resolve(clock).error(), EINVAL, "%d", clock);
  cr_assert_eq(*timer_clock_resolve(CLOCK_TAI), CLOCK_TAI);
  const Result<int32_t> thread = timer_clock_resolve(CLOCK_THREAD_CPUTIME_ID);
  clockid_t libcs;
  pthread_getcpuclockid(pthread_self(), &libcs);
  cr_assert_eq(*thread, libcs);
  const Result<int32_t> process = timer_clock_resolve(CLOCK_PROCESS_CPUTIME_ID);
  clock_getcpuclockid(0, &libcs);
  cr_assert_eq(*process, libcs);
  cr_assert(timer_route(CLOCK_REALTIME, false).base == TimerBase::kMonotonic);
  cr_assert(timer_route(CLOCK_REALTIME, true).base == TimerBase::kRealtime);
}

Test(timer_clock, when_to_look_at_one_that_cannot_wake_us) {
  const TimerRoute thread = timer_route(*timer_clock_resolve(CLOCK_THREAD_CPUTIME_ID), false);
  cr_assert(!timer_is_exact(thread));
  const int64_t before = timer_base_now(TimerBase::kMonotonic);
  cr_assert_geq(timer_look_at(thread, 100, 100), before + 1'000'000, "not at once");
  const int64_t far = timer_look_at(thread, kHour, 0);
  cr_assert(far >= before + kHour && far < before + 2 * kHour);
  cr_assert_eq(timer_look_at(timer_route(CLOCK_MONOTONIC, false), 55, 0), 55);
  const TimerRoute tai = timer_route(CLOCK_TAI, true);
  const int64_t now = *timer_clock_now(CLOCK_TAI);
  const int64_t at = timer_look_at(tai, now + kHour, now);
  cr_assert_lt(std::abs(at - timer_base_now(TimerBase::kRealtime) - kHour), 1'000'000'000);
}

Test(timer_clock, times_have_an_end) {
  cr_assert_eq(timer_add(INT64_MAX, 1), INT64_MAX);
  const int p = port();
  const TimerId id = make(p);
  cr_assert(set(id, false, INT64_MAX, INT64_MAX));
  Result<TimerSetting> left = timer_time_left(id);
  cr_assert_gt(left->value, INT64_MAX / 2);
  cr_assert_eq(left->interval, INT64_MAX);
  cr_assert(set(id, true, 1, INT64_MAX));
  cr_assert_eq(next_events(p), 1);
  cr_assert_eq(next_events(p), 0);
}

Test(timer, section_interrupted_by_a_handler) {
  const int p = port();
  const TimerId id = make(p);
  inside_section(p, [&](Port&) {
    cr_assert(!set(id, false, kHour));
    cr_assert_eq(timer_time_left(id).error(), EAGAIN);
    cr_assert_eq(timer_remove(id).error(), EAGAIN);
    cr_assert_eq(timer_make(CLOCK_MONOTONIC, p, 0).error(), EAGAIN);
    cr_assert(timer_exists(id));
  });
  cr_assert(bool(timer_remove(id)));
}

// The close could not tell the timers, which find out by themselves.
Test(timer, port_closed_by_a_handler) {
  const int p = port();
  const TimerId id = make(p);
  cr_assert(set(id, false, kHour, kHour));
  inside_section(p, [&](Port&) { portc_private_closing(p); });
  cr_assert_eq(timer_time_left(id)->interval, kHour);
  cr_assert(set(id, false, kHour));
  cr_assert_eq(timer_find(id)->port.load(), 0u);
  cr_assert(bool(timer_remove(id)));
  cr_assert_eq(timer_remove(id).error(), EINVAL);
}

// ... and so they do when another port has the old one's place by then.
Test(timer, port_replaced_behind_its_back) {
  const int p = port();
  const TimerId id = make(p);
  cr_assert(set(id, true, 1));
  uint32_t place = 0;
  inside_section(p, [&](Port& it) {
    place = it.pool_number;
    portc_private_closing(p);
  });
  const int q = port();
  const TimerId other = make(q, 9);
  cr_assert_eq(port_known(q)->pool_number, place, "or this tests nothing");
  cr_assert(set(id, true, 1));
  cr_assert_eq(next_events(q), 0);
  cr_assert(bool(timer_remove(id)));
  cr_assert(set(other, true, 1));
  cr_assert_eq(next_events(q), 1);
}

// Whatever another holder of the port does to the slots, our own memory stays whole.
Test(timer, slots_overwritten_by_a_peer) {
  const int p = port();
  std::vector<TimerId> timers;
  for (int i = 0; i < 100; ++i) timers.push_back(make(p));
  inside_section(p, [&](Port& it) {
    for (uint32_t number = 1; number <= 100; ++number) {
      Slot& slot = it.segment.slot(number);
      if (number % 4 == 0) slot.object = uint64_t{timers[0]};
      if (number % 4 == 1) slot.owner = owner_self() + 1;
      if (number % 4 == 2) slot.object = 0x5054ull << 48 | 77777;
    }
  });
  for (const TimerId id : timers) cr_assert(set(id, true, 1));
  while (next_events(p) != 0) {
  }
  for (const TimerId id : timers) cr_assert(bool(timer_remove(id)));
  close(p);
}

Test(timer, no_more_timers_than_a_port_has_slots) {
  setenv("PORTC_MAX_EVENTS", "4", 1);
  const int p = port();
  for (int i = 0; i < 4; ++i) (void)make(p);
  cr_assert_eq(timer_make(CLOCK_MONOTONIC, p, 0).error(), EAGAIN);
  inside_section(p, [](Port& it) { it.segment.header().in_use = 0; });  // a peer's lie
  cr_assert_eq(timer_make(CLOCK_MONOTONIC, p, 0).error(), EAGAIN, "a heap has room for four");
}

Test(timer, detached_when_the_port_is_closed) {
  const int p = port();
  const TimerId queued = make(p);
  const TimerId waits = make(p);
  cr_assert(set(queued, true, 1));
  cr_assert(set(waits, false, kHour));
  portc_private_closing(p);
  for (const TimerId id : {queued, waits}) {
    cr_assert_eq(timer_find(id)->port.load(), 0u);
    cr_assert_eq(timer_find(id)->place, 0u);
    cr_assert(set(id, false, kHour));
    cr_assert_gt(timer_time_left(id)->value, kHour / 2);
    cr_assert(bool(timer_remove(id)));
  }
}

// The timerfd is set for something earlier; for something later only if somebody polls the port.
void check_settings(bool exact) {
  const int p = port();
  inside_section(p, [exact](Port& it) {
    Shared<uint32_t>& flags = it.segment.header().flags;
    flags = exact ? flags | kFlagExact : flags & ~uint32_t{kFlagExact};
  });
  std::vector<TimerId> timers;
  const int64_t base = timer_base_now(TimerBase::kMonotonic);
  for (int i = 0; i < 10; ++i) {
    timers.push_back(make(p));
    cr_assert(set(timers.back(), true, base + kHour * (i + 1)));
  }
  const auto check = [p](uint32_t waiting, int64_t set_for) {
    inside_section(p, [=](Port& it) {
      const TimerQueue& queue = port_timers(it)->queues[0];
      cr_assert_eq(queue.heap.size(), waiting);
      cr_assert_eq(queue.set_for, set_for);
    });
  };
  check(10, base + kHour);
  cr_assert(set(timers[0], false, 0));
  check(9, base + kHour * (exact ? 2 : 1));
  cr_assert(set(timers[1], true, 1));  // queued at once, and in no heap
  check(8, base + kHour * (exact ? 3 : 1));
  cr_assert(set(timers[9], true, base + kHour / 2));
  check(8, base + kHour / 2);
  cr_assert(bool(timer_remove(timers[9])));
  check(7, exact ? base + 3 * kHour : base + kHour / 2);
  cr_assert_eq(next_events(p), 1);
}

Test(timer, timerfd_of_a_port) { check_settings(false); }

Test(timer, timerfd_of_a_polled_port) { check_settings(true); }
