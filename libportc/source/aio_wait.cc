// SPDX-License-Identifier: MIT
//
// Sleeping until requests are done. One sleeper, the leader, polls the engine and an eventfd; the
// others wait for it on futexes of their own. Whoever harvests wakes them all, and they look:
// there are seldom two. Both ways of sleeping end with EINTR after a signal handler, whatever
// SA_RESTART says, core/wait.cc.
//
// Also cancelling, which waits for what it has cancelled.
#include <linux/futex.h>
#include <poll.h>

#include "libportc/base/abandon_guard.h"
#include "libportc/base/sys.h"
#include "libportc/source/aio_process.h"

namespace portc {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kFar = int64_t{1} << 60;

struct Sleeper {
  Sleeper* next;
  std::atomic<uint32_t> word;  // 0 asleep, 1 woken
};

// Guarded by aio_lock; the entries are on their threads' stacks.
constinit Sleeper* sleepers = nullptr;
constinit Sleeper* leader = nullptr;
constinit int leader_kick = -1;

void wake(Sleeper& sleeper) {
  if (&sleeper == leader) {
    sys::eventfd_signal(leader_kick);
    return;
  }
  sleeper.word.store(1, std::memory_order_release);
  (void)sys::raw(SYS_futex, sys::arg(&sleeper.word), FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1);
}

// True if it is the leader.
bool lie_down(Sleeper& sleeper, int kick) {
  sleeper.word.store(0, std::memory_order_relaxed);
  sleeper.next = sleepers;
  sleepers = &sleeper;
  if (leader != nullptr) return false;
  leader = &sleeper;
  leader_kick = kick;
  return true;
}

void get_up(Sleeper& sleeper) {
  Sleeper** link = &sleepers;
  while (*link != nullptr && *link != &sleeper) link = &(*link)->next;
  if (*link != nullptr) *link = sleeper.next;
  if (leader != &sleeper) return;
  leader = nullptr;
  sys::eventfd_drain(leader_kick);
}

// The caller sleeps no more: somebody else has to lead.
void hand_over() {
  if (leader == nullptr && sleepers != nullptr) wake(*sleepers);
}

struct timespec to_timespec(int64_t ns) {
  return {static_cast<time_t>(ns / kSecond), static_cast<long>(ns % kSecond)};
}

// Both return false after a signal handler. `until` is a time of CLOCK_MONOTONIC.
bool sleep_as_leader(int engine, int kick, int64_t until) {
  const int64_t left = until - sys::monotonic_ns();
  const struct timespec timeout = to_timespec(left > 0 ? left : 0);
  struct pollfd items[2] = {{engine, POLLIN, 0}, {kick, POLLIN, 0}};
  return sys::raw(SYS_ppoll, sys::arg(items), kick < 0 ? 1 : 2, sys::arg(&timeout), 0, 8) != -EINTR;
}

bool sleep_as_follower(Sleeper& sleeper, int64_t until) {
  const struct timespec limit = to_timespec(until);
  while (sleeper.word.load(std::memory_order_acquire) == 0) {
    const long r =
        sys::raw(SYS_futex, sys::arg(&sleeper.word), FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG, 0,
                 sys::arg(&limit), 0, FUTEX_BITSET_MATCH_ANY);
    if (r == -EINTR) return false;
    if (r == -ETIMEDOUT) break;
  }
  return true;
}

int64_t earliest(Deadline deadline, int64_t every_ns) {
  const int64_t until = deadline.is_never() ? kFar : deadline.at();
  if (every_ns == 0) return until;
  const int64_t soon = sys::monotonic_ns() + every_ns;
  return soon < until ? soon : until;
}

struct Waiting {
  bool (*done)(void*);
  void* context;
  Deadline deadline;
  int64_t every_ns;
  int kick;
};

enum class Outlook { kDone, kExpired, kInterrupted, kLeads, kFollows };

Outlook look(const Waiting& waiting, Sleeper& me, bool undisturbed) {
  AioFired fired(nullptr);
  Outlook outlook = Outlook::kDone;
  {
    LeafGuard lock(aio_lock);
    {
      AioHarvest harvest(fired);
      if (const AioEngine* engine = aio_engine_known()) engine->harvest();
    }
    if (!waiting.done(waiting.context)) {
      if (!undisturbed)
        outlook = Outlook::kInterrupted;
      else if (waiting.deadline.passed())
        outlook = Outlook::kExpired;
      else
        outlook = lie_down(me, waiting.kick) ? Outlook::kLeads : Outlook::kFollows;
    }
    if (outlook < Outlook::kLeads) hand_over();
  }
  aio_deliver(fired);
  return outlook;
}

// The call does not return: it leaves the list, and the engine.
void abandon(void* sleeper) {
  if (lock_is_held()) return;  // in the middle of its work
  {
    LeafGuard lock(aio_lock);
    get_up(*static_cast<Sleeper*>(sleeper));
    hand_over();
  }
  aio_unuse();
  aio_tidy();
}

Result<void> wait_in_turn(const Waiting& waiting) {
  bool undisturbed = true;
  for (;;) {
    Sleeper me{};
    const AbandonGuard guard(abandon, &me);
    const Outlook outlook = look(waiting, me, undisturbed);
    if (outlook == Outlook::kDone) return {};
    if (outlook == Outlook::kExpired) return Errno{EAGAIN};
    if (outlook == Outlook::kInterrupted) return Errno{EINTR};
    const int64_t until = earliest(waiting.deadline, waiting.every_ns);
    undisturbed = outlook == Outlook::kLeads
                      ? sleep_as_leader(aio_descriptor(), waiting.kick, until)
                      : sleep_as_follower(me, until);
    LeafGuard lock(aio_lock);
    get_up(me);
  }
}

// In a handler that interrupted a section: it cannot wait in turn, since the interrupted frame may
// have what others need. It looks now and then.
Result<void> wait_in_handler(const Waiting& waiting) {
  constexpr int64_t kSlice = 1'000'000;
  for (;;) {
    if (aio_lock.try_acquire()) {
      AioFired fired(nullptr);
      {
        AioHarvest harvest(fired);
        if (const AioEngine* engine = aio_engine_known()) engine->harvest();
      }
      const bool done = waiting.done(waiting.context);
      aio_lock.release_tried();
      if (done) return {};
    } else if (aio_lock.is_mine()) {
      return Errno{EINTR};
    }
    if (waiting.deadline.passed()) return Errno{EAGAIN};
    if (!sleep_as_leader(aio_descriptor(), -1, earliest(waiting.deadline, kSlice)))
      return Errno{EINTR};
  }
}

// --- cancelling ---

struct Cancelling {
  int fd;
  bool any;      // cancelled
  bool refused;  // going on
};

void cancel_one(const AioEngine& engine, AioRecord& record, Cancelling& cancelling) {
  if (aio_is_held(record)) {
    aio_cancel_held(record);
    cancelling.any = true;
    return;
  }
  const int error = engine.cancel(record);
  if (error == 0) {
    record.cancelled = true;
    cancelling.any = true;
  } else if (record.state == AioState::kFlying) {
    cancelling.refused = true;
  }
}

void cancel_all(const AioEngine& engine, uint64_t object, Cancelling& cancelling) {
  if (object != 0) {
    AioRecord* record = aio_find(object);
    if (record != nullptr) cancel_one(engine, *record, cancelling);
    return;
  }
  aio_each_flying([&](AioRecord& record) {
    if (record.kind != AioKind::kList && record.fd == cancelling.fd)
      cancel_one(engine, record, cancelling);
  });
}

bool none_left(void* context) {
  const Cancelling& cancelling = *static_cast<const Cancelling*>(context);
  bool left = false;
  aio_each_flying([&](const AioRecord& record) {
    left = left || (record.cancelled && record.fd == cancelling.fd);
  });
  return !left;
}

}  // namespace

void aio_wake_sleepers() {
  for (Sleeper* sleeper = sleepers; sleeper != nullptr; sleeper = sleeper->next) wake(*sleeper);
}

bool aio_anybody_asleep() { return sleepers != nullptr; }

void aio_wait_forget() { sleepers = leader = nullptr; }

Result<void> aio_wait(bool (*done)(void*), void* context, Deadline deadline, int64_t every_ns) {
  Waiting waiting = {done, context, deadline, every_ns, -1};
  if (lock_is_held()) return wait_in_handler(waiting);
  // So that the descriptors it sleeps on stay.
  const Result<void> used = aio_use();
  if (!used) return used;
  const Result<int> kick = aio_kick_descriptor();
  if (kick) waiting.kick = *kick;
  const Result<void> waited = kick ? wait_in_turn(waiting) : Result<void>(Errno{kick.error()});
  aio_unuse();
  aio_tidy();
  return waited;
}

AioCancelled aio_cancel_requests(int fd, uint64_t object) {
  if (lock_is_held()) return AioCancelled::kNotAll;
  Cancelling cancelling = {fd, false, false};
  AioFired fired(nullptr);
  {
    LeafGuard lock(aio_lock);
    AioHarvest harvest(fired);
    if (const AioEngine* engine = aio_engine_known()) {
      engine->harvest();
      cancel_all(*engine, object, cancelling);
      engine->harvest();
    }
  }
  aio_deliver(fired);
  // The kernel has agreed: it takes no longer than the thread that submitted them needs to be
  // scheduled.
  const Deadline soon = Deadline::after({1, 0});
  while (cancelling.any) {
    const Result<void> gone = aio_wait(none_left, &cancelling, soon, 0);
    if (gone || gone.error() != EINTR) break;
  }
  aio_tidy();
  if (cancelling.refused) return AioCancelled::kNotAll;
  return cancelling.any ? AioCancelled::kAll : AioCancelled::kNoneFlying;
}

}  // namespace portc
