// SPDX-License-Identifier: MIT
#include "illumos/rt/lock.h"

#include <pthread.h>

#include <cstddef>

namespace portc::illumos {

constinit Lock environment_lock, key_lock, aio_lock, timer_lock, semaphore_lock, thread_lock;

namespace {

Lock* const kAll[] = {&environment_lock, &key_lock,       &aio_lock,
                      &timer_lock,       &semaphore_lock, &thread_lock};
constexpr size_t kCount = sizeof kAll / sizeof kAll[0];

void hold_all() {
  for (Lock* lock : kAll) lock->acquire();
}

// In the last-taken-first order, in which each gives back the mask of signals that it has met.
void release_all() {
  for (size_t i = kCount; i > 0; --i) kAll[i - 1]->release();
}

}  // namespace

void hold_locks_in_forks() { pthread_atfork(&hold_all, &release_all, &release_all); }

}  // namespace portc::illumos
