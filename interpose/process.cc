// SPDX-License-Identifier: MIT
//
// The exits that run no exit handlers. (exit and a return from main reach the runtime's
// destructor; fork is seen by a fork handler; exec has a file of its own.) And what posix_spawn is
// asked for, since the child that does it is libc's own and calls none of our wrappers.
#include <spawn.h>

#include <cstdlib>

#include "interpose/next.h"
#include "libportc/api/hooks.h"

extern "C" {

PORTC_EXPORT void _exit(int status) {
  if (portc::have_ports()) portc_private_exiting();
  PORTC_NEXT(_exit)(status);
  __builtin_unreachable();
}

PORTC_EXPORT void _Exit(int status) noexcept {
  if (portc::have_ports()) portc_private_exiting();
  PORTC_NEXT(_Exit)(status);
  __builtin_unreachable();
}

PORTC_EXPORT void quick_exit(int status) noexcept {
  if (portc::have_ports()) portc_private_exiting();
  PORTC_NEXT(quick_exit)(status);
  __builtin_unreachable();
}

// The new number of a port stays on exec, and so must what is hidden: an action that duplicates a
// number onto itself does nothing but clear its FD_CLOEXEC.
PORTC_EXPORT int posix_spawn_file_actions_adddup2(posix_spawn_file_actions_t* actions, int fd,
                                                  int onto) noexcept {
  const auto next = PORTC_NEXT(posix_spawn_file_actions_adddup2);
  int error = next(actions, fd, onto);
  if (PORTC_LIKELY(!portc::may_be_ours(fd))) return error;
  int hidden[3];
  const int count = portc_private_hidden(fd, hidden);
  for (int i = 0; i < count && error == 0; ++i) error = next(actions, hidden[i], hidden[i]);
  return error;
}

}  // extern "C"
