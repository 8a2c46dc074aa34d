// SPDX-License-Identifier: MIT
//
// Owner tokens: which process made an association, a private event or an alert.
//
// A token is pid, start time and pid namespace folded into 64 bits: the same after exec,
// different after fork and after the pid is reused, as the pid comparison of illumos's portfs.
#pragma once

#include "libportc/base/export.h"
#include "libportc/base/result.h"
#include "libportc/core/layout.h"

namespace portc {

extern Shared<OwnerToken> own_token;  // 0 until asked for
OwnerToken owner_make_self();

// Makes it where a call can still fail, before the process has a port: a token that was made while
// /proc could not be opened would be another after exec. Errors: EMFILE, ENFILE, ENOMEM.
Result<void> owner_prepare();

// The calling process's own token. Reads /proc once per process; without /proc it is the pid.
inline OwnerToken owner_self() {
  const OwnerToken token = own_token;
  return PORTC_LIKELY(token != 0) ? token : owner_make_self();
}

// The number of the pid namespace that the calling process is in; 0 if it could not be read.
uint32_t owner_namespace();

// In a fork child: this is another process now.
void owner_reset_child();

// Has the process ended (zombies have)? False when in doubt: another pid namespace, no /proc
// or that of another namespace.
bool owner_is_dead(OwnerToken owner);

}  // namespace portc
