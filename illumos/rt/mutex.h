// SPDX-License-Identifier: MIT
//
// Locks in the guest's memory. The results are errno values of Linux's.
#pragma once

#include "illumos/abi/threads.h"
#include "illumos/rt/deadline.h"

namespace portc::illumos {

inline bool is_shared(const abi::Mutex& mutex) {
  return (mutex.type & (abi::kShared | abi::kSharedRobust)) != 0;
}

// 0, EDEADLK, EAGAIN, EOWNERDEAD (it is held), ENOTRECOVERABLE, ETIMEDOUT, EINVAL (the time).
int lock(abi::Mutex& mutex, const Deadline& deadline = {});
// False if it is of a kind that its owner has to unlock, and the caller is not that.
bool may_unlock(const abi::Mutex& mutex);
// 0, EPERM.
int unlock(abi::Mutex& mutex);

}  // namespace portc::illumos
