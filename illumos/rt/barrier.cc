// SPDX-License-Identifier: MIT
//
// Barriers, and what is done once.
// Source: pthread_barrier_init(3C), pthread_barrier_wait(3C), pthread_once(3C) of illumos.
#include <sched.h>

#include <cstdlib>

#include "illumos/abi/threads.h"
#include "illumos/rt/errno.h"
#include "illumos/rt/futex.h"
#include "illumos/rt/threads.h"

namespace portc::illumos {
namespace {

struct Place {
  int* shared;
};

int invalid() { return errno_to_guest(EINVAL); }

uint32_t arrived(uint64_t state) { return static_cast<uint32_t>(state); }
uint32_t cycle(uint64_t state) { return static_cast<uint32_t>(state >> 32); }
uint64_t opened(uint64_t state) { return uint64_t{cycle(state) + 1} << 32; }

// One change tells both that a thread has come and which opening it waits for: there may be more
// threads than it counts, and those of the next round come while it opens for this one.
int wait(abi::Barrier& barrier) {
  const bool shared = barrier.type == abi::kShared;
  Word& cycle_word = reinterpret_cast<Word*>(&barrier.state)[1];
  barrier.leaving.fetch_add(1);
  uint64_t state = barrier.state.load();
  bool last;
  do {
    last = arrived(state) + 1 == barrier.count;
  } while (!barrier.state.compare_exchange_weak(state, last ? opened(state) : state + 1));
  if (last)
    futex_wake(cycle_word, INT_MAX, shared);
  else
    while (cycle(barrier.state.load()) == cycle(state))
      futex_wait(cycle_word, cycle(state), shared);
  barrier.leaving.fetch_sub(1);
  return last ? abi::kBarrierSerialThread : 0;
}

constexpr uint32_t kIdle = 0, kBusy = 1, kAwaited = 2;

void open_again(void* argument) {
  auto& once = *static_cast<abi::Once*>(argument);
  if (once.busy.exchange(kIdle) == kAwaited) futex_wake(once.busy, INT_MAX, false);
}

// A thread that is cancelled inside has not done it.
void do_once(abi::Once& once, void (*function)()) {
  Thread& thread = self();
  abi::Cleanup undo = {thread.cleanups, &open_again, &once, nullptr};
  thread.cleanups = &undo;
  function();
  thread.cleanups = undo.next;
  once.done.store(1, std::memory_order_release);
}

}  // namespace

extern "C" {

int il_pthread_barrier_init(abi::Barrier* barrier, const Place* place, uint32_t count) {
  if (count == 0 || (place != nullptr && place->shared == nullptr)) return invalid();
  barrier->count = count;
  barrier->state.store(0);
  barrier->leaving.store(0);
  barrier->type = place != nullptr ? static_cast<uint32_t>(*place->shared) : 0;
  return 0;
}

// Those who passed it last may still be looking at it.
int il_pthread_barrier_destroy(abi::Barrier* barrier) {
  if (arrived(barrier->state.load()) != 0) return errno_to_guest(EBUSY);
  while (barrier->leaving.load() != 0) sched_yield();
  return 0;
}

int il_pthread_barrier_wait(abi::Barrier* barrier) { return wait(*barrier); }

int il_pthread_barrierattr_init(Place* place) {
  place->shared = static_cast<int*>(calloc(1, sizeof(int)));
  return place->shared != nullptr ? 0 : errno_to_guest(ENOMEM);
}
int il_pthread_barrierattr_destroy(Place* place) {
  if (place == nullptr || place->shared == nullptr) return invalid();
  free(place->shared);
  place->shared = nullptr;
  return 0;
}
int il_pthread_barrierattr_setpshared(Place* place, int shared) {
  if (place == nullptr || place->shared == nullptr || (shared != 0 && shared != abi::kShared))
    return invalid();
  *place->shared = shared;
  return 0;
}
int il_pthread_barrierattr_getpshared(const Place* place, int* shared) {
  if (place == nullptr || place->shared == nullptr || shared == nullptr) return invalid();
  *shared = *place->shared;
  return 0;
}

int il_pthread_once(abi::Once* once, void (*function)()) {
  if (once == nullptr || function == nullptr) return invalid();
  while (once->done.load(std::memory_order_acquire) == 0) {
    uint32_t state = kIdle;
    if (once->busy.compare_exchange_strong(state, kBusy)) {
      if (once->done.load() == 0) do_once(*once, function);
      open_again(once);
      break;
    }
    if (state == kBusy && !once->busy.compare_exchange_strong(state, kAwaited)) continue;
    futex_wait(once->busy, kAwaited, false);
  }
  return 0;
}

}  // extern "C"

}  // namespace portc::illumos
