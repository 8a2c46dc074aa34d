// SPDX-License-Identifier: MIT
//
// Policies have the same numbers as far as both systems have them; priorities have illumos's
// range of 0 to 59 here, and Linux's of 1 to 99 there.
//
// Source: sched_setparam(3C), sched_get_priority_max(3C) of illumos.
#include <sched.h>

#include "illumos/abi/threads.h"
#include "illumos/rt/errno.h"

namespace portc::illumos {
namespace {

constexpr int kMaxPriority = 59;

bool known(int policy) {
  return policy == SCHED_OTHER || policy == SCHED_FIFO || policy == SCHED_RR;
}

sched_param to_host(int policy, const abi::SchedParam& guest) {
  return {policy == SCHED_OTHER ? 0 : guest.priority + 1};
}

int result(int r) {
  if (r < 0) set_guest_errno();
  return r;
}

}  // namespace

extern "C" {

int il_sched_get_priority_max(int policy) { return known(policy) ? kMaxPriority : fail(EINVAL); }
int il_sched_get_priority_min(int policy) { return known(policy) ? 0 : fail(EINVAL); }

int il_sched_getscheduler(int pid) { return result(sched_getscheduler(pid)); }

int il_sched_setscheduler(int pid, int policy, const abi::SchedParam* param) {
  if (!known(policy) || param->priority < 0 || param->priority > kMaxPriority) return fail(EINVAL);
  const int before = sched_getscheduler(pid);
  const sched_param host = to_host(policy, *param);
  return sched_setscheduler(pid, policy, &host) == 0 ? before : result(-1);
}

int il_sched_getparam(int pid, abi::SchedParam* param) {
  sched_param host;
  if (sched_getparam(pid, &host) != 0) return result(-1);
  *param = {};
  param->priority = host.sched_priority > 0 ? host.sched_priority - 1 : 0;
  return 0;
}

int il_sched_setparam(int pid, const abi::SchedParam* param) {
  const int policy = sched_getscheduler(pid);
  if (policy < 0) return result(-1);
  const sched_param host = to_host(policy, *param);
  return result(sched_setparam(pid, &host));
}

void il_smt_pause() { __builtin_ia32_pause(); }

}  // extern "C"

}  // namespace portc::illumos
