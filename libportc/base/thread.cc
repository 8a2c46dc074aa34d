// SPDX-License-Identifier: MIT
#include "libportc/base/thread.h"

#include "libportc/base/sys.h"

namespace portc {

constinit thread_local ThreadState tls{};

int thread_id() {
  if (PORTC_UNLIKELY(tls.tid == 0)) tls.tid = sys::gettid();
  return tls.tid;
}

void thread_reset_child() {
  tls.tid = 0;
  tls.robust_asked = false;
  tls.held = nullptr;
}

}  // namespace portc
