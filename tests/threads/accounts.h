/* SPDX-License-Identifier: MIT */
/*
 * Numbered events, of many threads of several processes: what was sent, and how often each has
 * arrived. In memory that forked children share.
 */
#ifndef TESTS_THREADS_ACCOUNTS_H
#define TESTS_THREADS_ACCOUNTS_H

#include <limits.h>

#include "tests/interpose/support.h"

enum { kMostNumbers = 1 << 16 };

struct accounts {
  unsigned sent; /* numbers below it; the next one, before it is sent */
  unsigned char arrived[kMostNumbers];
};

static inline struct accounts *new_accounts(void) {
  void *memory = mmap(NULL, sizeof(struct accounts), PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  CHECK(memory != MAP_FAILED);
  return memory;
}

/* The cookie of an event that is about to be sent. */
static inline void *next_number(struct accounts *accounts) {
  const unsigned number = __atomic_fetch_add(&accounts->sent, 1, __ATOMIC_RELAXED);
  CHECK(number < kMostNumbers);
  return (void *)(uintptr_t)number;
}

static inline void note_arrival(struct accounts *accounts, const port_event_t *event) {
  const uintptr_t number = (uintptr_t)event->portev_user;
  CHECK(number < __atomic_load_n(&accounts->sent, __ATOMIC_RELAXED));
  CHECK(__atomic_fetch_add(&accounts->arrived[number], 1, __ATOMIC_RELAXED) == 0);
}

static inline void check_all_arrived(const struct accounts *accounts) {
  for (unsigned i = 0; i < accounts->sent; ++i) CHECK(accounts->arrived[i] == 1);
}

#endif
