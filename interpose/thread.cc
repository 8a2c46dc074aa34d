// SPDX-License-Identifier: MIT
//
// pthread_cancel. The C library wakes a thread only where cancellation is acted on, and that is not
// in a port function; on illumos a signal is sent, which ends its wait.
#include "interpose/next.h"
#include "libportc/api/hooks.h"

extern "C" {

PORTC_EXPORT int pthread_cancel(pthread_t thread) {
  const int error = PORTC_NEXT(pthread_cancel)(thread);
  if (error == 0 && portc::have_ports()) portc_private_cancelled(thread);
  return error;
}

}  // extern "C"
