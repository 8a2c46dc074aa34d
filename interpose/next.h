// SPDX-License-Identifier: MIT
//
// The definitions that ours stand in front of: the next ones in lookup order, which are libc's
// or another preloaded object's. The only dlsym of a libc name.
#pragma once

#include <poll.h>
#include <pthread.h>
#include <spawn.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstddef>

#include "libportc/base/export.h"

extern "C" {
// Not in today's headers, but in yesterday's programs.
int __fxstat(int version, int fd, struct stat* st);
int __fxstat64(int version, int fd, struct stat64* st);
int __poll_chk(struct pollfd* fds, nfds_t count, int timeout, size_t size);
int __ppoll_chk(struct pollfd* fds, nfds_t count, const struct timespec* timeout,
                const sigset_t* mask, size_t size);
}

namespace portc::interpose {

// Index of a symbol in the table.
enum class Symbol : unsigned {
#define PORTC_SYM(name, family, reason) k_##name,
#include "interpose/symbols.def"
#undef PORTC_SYM
  kCount,
};

constexpr unsigned kSymbols = static_cast<unsigned>(Symbol::kCount);

extern constinit void* next_table[kSymbols];

// Fills one entry. Called before our constructor has run (a library's own constructor may call
// close before), and by it.
void* resolve(Symbol symbol);

template <typename Function>
Function* next_of(Symbol symbol) {
  void* found = __atomic_load_n(&next_table[static_cast<unsigned>(symbol)], __ATOMIC_RELAXED);
  if (PORTC_UNLIKELY(found == nullptr)) found = resolve(symbol);
  return reinterpret_cast<Function*>(found);
}

}  // namespace portc::interpose

// PORTC_NEXT(close)(fd) calls the next close.
#define PORTC_NEXT(name) \
  (::portc::interpose::next_of<decltype(::name)>(::portc::interpose::Symbol::k_##name))
