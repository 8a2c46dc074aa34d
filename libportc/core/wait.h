// SPDX-License-Identifier: MIT
//
// Sleeping on a port. See lock.cc for who is woken when.
#pragma once

#include "libportc/base/deadline.h"
#include "libportc/core/port.h"

namespace portc {

enum class Wakeup {
  kLook,    // something may have happened, or the deadline has passed
  kSignal,  // a signal handler ran, or the thread was cancelled
};

// Leaves the lock, sleeps, takes the lock again. `waiter` has want, port_fd, alert_seen and
// seq_seen filled in; kicked says afterwards whether its number was closed meanwhile.
// SA_RESTART has no effect; stopping and continuing the process is not a signal. A handler may leave
// the sleep for good (base/abandon_guard.h): the port is then released on the caller's behalf.
// Locks: the port's, held before, and after unless an error is returned.
// Errors: EBADFD (the memory is damaged).
struct SleepResult {
  Wakeup wakeup;
  int error;    // 0, or an errno
  bool locked;  // the lock is held
};
SleepResult port_sleep(Port& port, Waiter& waiter, Deadline deadline);

// The thread was cancelled: if it is asleep, and has not forbidden it, its sleep ends as after a
// signal. The lock is held.
void port_cancelled(Port& port, pthread_t thread);

// Threads asleep through the number `fd` return EBADF. The lock is held.
void port_kick(Port& port, int fd);

}  // namespace portc
