// SPDX-License-Identifier: MIT
//
// Waiting for children: statuses with illumos's signal numbers.
//
// Source: illumos waitid(2), waitpid(3C), wait3(3C), <sys/wait.h>, <sys/procset.h>.
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "illumos/abi/process.h"
#include "illumos/rt/errno.h"
#include "illumos/rt/numbers.h"
#include "illumos/rt/resources.h"
#include "illumos/rt/signal_numbers.h"

namespace portc::illumos {
namespace {

constexpr Number kOptions[] = {
#include "illumos/tables/wait_options.inc"
};
constexpr Number kIdTypes[] = {{P_PID, 0}, {P_PGID, 2}, {P_ALL, 7}};
constexpr int kTrapped = 0x2;                  // a traced child's stops: always told to who traces
constexpr int kOldOptions = 0x40 | 0x4 | 0x8;  // all that wait3 and wait4 know
constexpr int kContinuedStatus = 0xffff;

int guest_signal(int host) {
  const int guest = signal_to_guest(host);
  return guest == kNoSignal ? host : guest;
}

bool host_options(int guest, int& host) {
  int64_t rest = 0;
  host = static_cast<int>(host_flags(kOptions, guest & ~kTrapped, rest));
  return rest == 0;
}

// The status that wait would have given for what waitid says.
int status_of(const siginfo_t& info) {
  switch (info.si_code) {
    case CLD_EXITED:
      return (info.si_status & 0xff) << 8;
    case CLD_KILLED:
      return guest_signal(info.si_status);
    case CLD_DUMPED:
      return guest_signal(info.si_status) | WCOREFLAG;
    case CLD_CONTINUED:
      return kContinuedStatus;
    default:
      return guest_signal(info.si_status) << 8 | 0x7f;
  }
}

// wait4's pid as waitid's pair.
idtype_t id_of(pid_t process, id_t& id) {
  id = static_cast<id_t>(process > 0 ? process : process < -1 ? -process : 0);
  return process == -1 ? P_ALL : process > 0 ? P_PID : P_PGID;
}

// Linux's wait4 has no WNOWAIT.
pid_t look(pid_t process, int* status, int options) {
  id_t id = 0;
  const idtype_t type = id_of(process, id);
  siginfo_t info = {};
  if (waitid(type, id, &info, options | WEXITED) != 0) return fail(errno);
  if (info.si_pid != 0 && status != nullptr) *status = status_of(info);
  return info.si_pid;
}

pid_t wait_for(pid_t process, int* status, int guest_options, rusage* used) {
  int options = 0;
  if (!host_options(guest_options, options)) return fail(EINVAL);
  if ((options & WNOWAIT) != 0) return look(process, status, options);
  int host = 0;
  const pid_t child = wait4(process, &host, options & ~WEXITED, used);
  if (child < 0) return fail(errno);
  if (child > 0 && status != nullptr) *status = status_to_guest(host);
  if (used != nullptr) resources_to_guest(*used);
  return child;
}

}  // namespace

int status_to_guest(int host) {
  if (WIFSIGNALED(host)) return guest_signal(WTERMSIG(host)) | (host & WCOREFLAG);
  if (WIFSTOPPED(host)) return guest_signal(WSTOPSIG(host)) << 8 | 0x7f;
  return host;
}

}  // namespace portc::illumos

using namespace portc::illumos;

extern "C" {

// A status is told even when there is none.
pid_t il_waitpid(pid_t process, int* status, int options) {
  const pid_t child = wait_for(process, status, options, nullptr);
  if (child == 0 && status != nullptr) *status = 0;
  return child;
}

pid_t il_wait(int* status) { return wait_for(-1, status, 0, nullptr); }

// 0 is any child. So is -1 here: illumos takes it for the process group 1, as it did in 1992.
pid_t il_wait4(pid_t process, int* status, int options, rusage* used) {
  if ((options & ~kOldOptions) != 0) return fail(EINVAL);
  return wait_for(process == 0 ? -1 : process, status, options, used);
}

pid_t il_wait3(int* status, int options, rusage* used) {
  return il_wait4(0, status, options, used);
}

int il_waitid(int type, id_t id, abi::ChildInfo* guest, int guest_options) {
  int options = 0;
  const auto host_type = static_cast<int>(host_number(kIdTypes, type, -1));
  if (host_type < 0 || !host_options(guest_options, options)) return fail(EINVAL);
  siginfo_t info = {};
  rusage used = {};
  // The call, not libc's function: that one does not tell what the child used.
  if (syscall(SYS_waitid, host_type, id, &info, options, &used) != 0) return fail(errno);
  if (guest == nullptr) return 0;
  *guest = {};
  if (info.si_pid == 0) return 0;
  const bool exited = info.si_code == CLD_EXITED;
  guest->signal = guest_signal(SIGCHLD);
  guest->code = info.si_code;
  guest->process = info.si_pid;
  guest->status = exited ? info.si_status : guest_signal(info.si_status);
  guest->user_time = ticks(used.ru_utime);
  guest->system_time = ticks(used.ru_stime);
  return 0;
}

}  // extern "C"
