// SPDX-License-Identifier: MIT
//
// What the runtime keeps per thread: 48 bytes of initial-exec TLS, no constructor.
#pragma once

#include <cstdint>

namespace portc {

// struct robust_list_head of <linux/futex.h>, with the members spelled for what they do here.
struct RobustHead {
  void* list;  // itself, if it is empty
  long futex_offset;
  void* pending;
};

struct ThreadState {
  int tid;                // kernel thread id as this thread sees it; 0 = not asked yet
  bool robust_asked;      // robust_head is final
  bool forking;           // this thread took the registry's lock to fork
  RobustHead* robust;     // this thread's robust list, usually libc's; or null
  const void* held;       // the lock this thread is inside of, or null
  uintptr_t checked_low;  // user memory known to be writable, see usermem.h
  uintptr_t checked_high;
  uintptr_t checked_page;  // user memory known to be readable: one page
};

extern constinit thread_local ThreadState tls;

// The calling thread's id, asked once per thread and process.
int thread_id();

// In a fork child: the one thread left has a new id, and holds nothing.
void thread_reset_child();

}  // namespace portc
