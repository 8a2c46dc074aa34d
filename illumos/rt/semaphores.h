// SPDX-License-Identifier: MIT
//
// Semaphores in the guest's memory. The results are errno values of Linux's.
#pragma once

#include "illumos/abi/threads.h"
#include "illumos/rt/deadline.h"

namespace portc::illumos {

// 0, EINVAL.
int init(abi::Semaphore& semaphore, uint32_t value, int type);
// 0, EINTR, ETIMEDOUT, EINVAL (the time).
int wait(abi::Semaphore& semaphore, const Deadline& deadline);
// 0, EOVERFLOW.
int post(abi::Semaphore& semaphore);

}  // namespace portc::illumos
