// SPDX-License-Identifier: MIT
//
// Limits, priorities, and what was used.
//
// Sources: illumos getrlimit(2), getrusage(3C), getpriority(3C), ulimit(2), getrctl(2),
// rctlblk_set_value(3C), resource_controls(5), <sys/rctl.h>.
#include "illumos/rt/resources.h"

#include <ulimit.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>

#include "illumos/rt/errno.h"
#include "illumos/rt/numbers.h"

namespace portc::illumos {
namespace {

constexpr Number kLimits[] = {
#include "illumos/tables/limits.inc"
};
constexpr rlim_t kGuestInfinity = static_cast<rlim_t>(-3);

rlim_t limit_to_guest(rlim_t host) { return host == RLIM_INFINITY ? kGuestInfinity : host; }
// Also RLIM_SAVED_MAX and RLIM_SAVED_CUR, which 64-bit programs never see.
rlim_t limit_to_host(rlim_t guest) { return guest >= kGuestInfinity ? RLIM_INFINITY : guest; }

int host_limit(int guest) { return static_cast<int>(host_number(kLimits, guest, -1)); }

constexpr int kUsageOfThread = 1;  // RUSAGE_LWP

// A value that may be -1 though nothing has failed.
template <typename Call>
int unless_error(Call call) {
  const int before = errno;
  errno = 0;
  const int result = call();
  if (result == -1 && errno != 0) set_guest_errno();
  errno = before;
  return result;
}

// What a program can learn of its resource controls is what its limits say: two values each, the
// basic one that it may change and the privileged one, and the system's above them.
struct Control {
  uint64_t value;
  uint64_t privilege;
  uint32_t flags;
  uint32_t action;
  int32_t signal;
  int32_t recipient;
  uint32_t step;  // which of the values this is
};

struct ControlName {
  const char* name;
  int limit;
};
constexpr ControlName kControls[] = {
    {"process.max-cpu-time", RLIMIT_CPU},     {"process.max-file-size", RLIMIT_FSIZE},
    {"process.max-data-size", RLIMIT_DATA},   {"process.max-stack-size", RLIMIT_STACK},
    {"process.max-core-size", RLIMIT_CORE},   {"process.max-file-descriptor", RLIMIT_NOFILE},
    {"process.max-address-space", RLIMIT_AS},
};

constexpr uint32_t kFirst = 0, kNext = 1, kUsage = 2;
constexpr uint64_t kBasic = 0x1000000, kPrivileged = 0x2000000, kSystem = 0x4000000;
constexpr uint32_t kMaximal = 0x80000000, kDeny = 2;
constexpr uint32_t kSteps = 3;

int find_control(const char* name) {
  for (const ControlName& control : kControls)
    if (strcmp(control.name, name) == 0) return control.limit;
  return -1;
}

Control control_at(uint32_t step, const rlimit& limit) {
  const rlim_t values[kSteps] = {limit.rlim_cur, limit.rlim_max, RLIM_INFINITY};
  constexpr uint64_t kPrivileges[kSteps] = {kBasic, kPrivileged, kSystem};
  const bool endless = values[step] == RLIM_INFINITY;
  return {.value = endless ? UINT64_MAX : values[step],
          .privilege = kPrivileges[step],
          .flags = endless ? kMaximal : 0,
          .action = kDeny,
          .signal = 0,
          .recipient = step == 0 ? static_cast<int32_t>(getpid()) : -1,
          .step = step};
}

}  // namespace

void resources_to_guest(rusage& used) { used.ru_maxrss /= getpagesize() / 1024; }

}  // namespace portc::illumos

using namespace portc::illumos;

extern "C" {

int il_getrlimit(int which, rlimit* guest) {
  const int limit = host_limit(which);
  if (limit < 0) return fail(EINVAL);
  rlimit host;
  if (getrlimit(static_cast<__rlimit_resource>(limit), &host) != 0) return fail(errno);
  *guest = {limit_to_guest(host.rlim_cur), limit_to_guest(host.rlim_max)};
  return 0;
}

int il_setrlimit(int which, const rlimit* guest) {
  const int limit = host_limit(which);
  if (limit < 0) return fail(EINVAL);
  const rlimit host = {limit_to_host(guest->rlim_cur), limit_to_host(guest->rlim_max)};
  return setrlimit(static_cast<__rlimit_resource>(limit), &host) == 0 ? 0 : fail(errno);
}

int il_getrusage(int who, rusage* used) {
  const auto whose = static_cast<__rusage_who>(who == kUsageOfThread ? RUSAGE_THREAD : who);
  if (getrusage(whose, used) != 0) return fail(errno);
  resources_to_guest(*used);
  return 0;
}

int il_getpriority(int which, id_t who) {
  return unless_error([&] { return getpriority(static_cast<__priority_which>(which), who); });
}

int il_setpriority(int which, id_t who, int priority) {
  return setpriority(static_cast<__priority_which>(which), who, priority) == 0 ? 0 : fail(errno);
}

int il_nice(int change) {
  return unless_error([&] { return nice(change); });
}

// In blocks of 512 bytes; the break is wherever memory ends.
long il_ulimit(int command, long value) {
  enum { kGetFileSize = 1, kSetFileSize = 2, kGetBreak = 3, kGetDescriptors = 4 };
  rlimit limit;
  switch (command) {
    case kGetFileSize:
      getrlimit(RLIMIT_FSIZE, &limit);
      return static_cast<long>(limit.rlim_cur / 512);
    case kSetFileSize:
      limit.rlim_cur = limit.rlim_max = static_cast<rlim_t>(value) * 512;
      return setrlimit(RLIMIT_FSIZE, &limit) == 0 ? value : fail(errno);
    case kGetBreak:
      return INT64_MAX;
    case kGetDescriptors:
      return sysconf(_SC_OPEN_MAX);
    default:
      return fail(EINVAL);
  }
}

size_t il_rctlblk_size() { return sizeof(Control); }

// ENOENT is the end of the list. A zone's controls have none: Linux's containers say nothing.
int il_getrctl(const char* name, const Control* before, Control* control, uint32_t flags) {
  const int limit = find_control(name);
  if (limit < 0) return fail(strncmp(name, "zone.", 5) == 0 ? ENOENT : EINVAL);
  if (flags != kFirst && flags != kNext) return fail(flags == kUsage ? ENOTSUP : EINVAL);
  const uint32_t step = flags == kFirst ? 0 : before->step + 1;
  if (step >= kSteps) return fail(ENOENT);
  rlimit host;
  if (getrlimit(static_cast<__rlimit_resource>(limit), &host) != 0) return fail(errno);
  *control = control_at(step, host);
  return 0;
}

int il_setrctl(const char* name, Control* before, Control* control, uint32_t flags) {
  const int limit = find_control(name);
  if (limit < 0 || control == nullptr) return fail(EINVAL);
  if (control->privilege == kSystem) return fail(EPERM);
  static_cast<void>(before);
  static_cast<void>(flags);
  rlimit host;
  getrlimit(static_cast<__rlimit_resource>(limit), &host);
  const rlim_t value = control->value == UINT64_MAX ? RLIM_INFINITY : control->value;
  (control->privilege == kBasic ? host.rlim_cur : host.rlim_max) = value;
  if (host.rlim_cur > host.rlim_max) host.rlim_cur = host.rlim_max;
  return setrlimit(static_cast<__rlimit_resource>(limit), &host) == 0 ? 0 : fail(errno);
}

uint64_t il_rctlblk_get_value(const Control* control) { return control->value; }
uint64_t il_rctlblk_get_enforced_value(const Control* control) { return control->value; }
uint64_t il_rctlblk_get_privilege(const Control* control) { return control->privilege; }
uint32_t il_rctlblk_get_local_flags(const Control* control) { return control->flags; }
uint32_t il_rctlblk_get_global_flags(const Control*) { return 0; }
uint32_t il_rctlblk_get_global_action(const Control*) { return 0; }
int64_t il_rctlblk_get_firing_time(const Control*) { return 0; }
int32_t il_rctlblk_get_recipient_pid(const Control* control) { return control->recipient; }

uint32_t il_rctlblk_get_local_action(const Control* control, int32_t* signal) {
  if (signal != nullptr) *signal = control->signal;
  return control->action;
}

void il_rctlblk_set_value(Control* control, uint64_t value) { control->value = value; }
void il_rctlblk_set_privilege(Control* control, uint64_t privilege) {
  control->privilege = privilege;
}
void il_rctlblk_set_local_flags(Control* control, uint32_t flags) { control->flags = flags; }
void il_rctlblk_set_recipient_pid(Control* control, int32_t process) {
  control->recipient = process;
}
void il_rctlblk_set_local_action(Control* control, uint32_t action, int32_t signal) {
  control->action = action;
  control->signal = signal;
}

}  // extern "C"
