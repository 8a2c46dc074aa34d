// SPDX-License-Identifier: MIT
//
// A frame that sleeps may never be returned to: the handler of the signal that ends the sleep calls
// siglongjmp or pthread_exit, or the thread is cancelled asynchronously. While a guard lives, the
// C library runs its function then, in that thread, before the frame is gone.
//
// This is the older form of pthread_cleanup_push, which glibc still supports and whose functions,
// unlike the newer one's, longjmp runs too. Not for critical sections: what is half done there
// cannot be put right (portc(7) interrupted-section).
#pragma once

#include <pthread.h>

extern "C" {
// Not in <pthread.h> any more.
void _pthread_cleanup_push(struct _pthread_cleanup_buffer* buffer, void (*routine)(void*),
                           void* argument);
void _pthread_cleanup_pop(struct _pthread_cleanup_buffer* buffer, int execute);
}

namespace portc {

class AbandonGuard {
 public:
  AbandonGuard(void (*abandoned)(void*), void* context) {
    _pthread_cleanup_push(&buffer_, abandoned, context);
  }
  ~AbandonGuard() { _pthread_cleanup_pop(&buffer_, 0); }
  AbandonGuard(const AbandonGuard&) = delete;
  AbandonGuard& operator=(const AbandonGuard&) = delete;

 private:
  struct _pthread_cleanup_buffer buffer_;
};

}  // namespace portc
