// SPDX-License-Identifier: MIT
//
// Sources: illumos <sys/siginfo.h>, <sys/machsig.h>, <sys/ucontext.h>; Linux sigaction(2) and
// <asm/sigcontext.h>.
#include "illumos/rt/signal_frames.h"

#include <cstring>

#include "illumos/rt/errno.h"
#include "illumos/rt/signal_numbers.h"
#include "include/port.h"

namespace portc::illumos {
namespace {

struct Place {
  abi::Register guest;
  int host;
};
constexpr Place kGeneral[] = {
    {abi::kR15, REG_R15},   {abi::kR14, REG_R14}, {abi::kR13, REG_R13}, {abi::kR12, REG_R12},
    {abi::kR11, REG_R11},   {abi::kR10, REG_R10}, {abi::kR9, REG_R9},   {abi::kR8, REG_R8},
    {abi::kRdi, REG_RDI},   {abi::kRsi, REG_RSI}, {abi::kRbp, REG_RBP}, {abi::kRbx, REG_RBX},
    {abi::kRdx, REG_RDX},   {abi::kRcx, REG_RCX}, {abi::kRax, REG_RAX}, {abi::kRip, REG_RIP},
    {abi::kFlags, REG_EFL}, {abi::kRsp, REG_RSP},
};

// Of the 512 bytes that FXSAVE writes, the last ones are the kernel's own notes here.
constexpr size_t kFpImage = 416;

bool is_fault(int host) {
  return host == SIGSEGV || host == SIGBUS || host == SIGILL || host == SIGFPE || host == SIGTRAP;
}

int sender_code(int host) {
  switch (host) {
    case SI_TKILL:
      return abi::kSiLwp;
    case SI_QUEUE:
      return abi::kSiQueue;
    case SI_TIMER:
      return abi::kSiTimer;
    case SI_MESGQ:
      return abi::kSiMesgq;
    case SI_ASYNCIO:
      return abi::kSiAsyncIo;
    default:
      return abi::kSiUser;
  }
}

// A general protection fault has no code of its own on illumos; int3 is a breakpoint there.
int fault_code(const siginfo_t& host) {
  constexpr int kSegvMaxCode = SEGV_ACCERR;
  if (host.si_code == SI_KERNEL)
    return host.si_signo == SIGTRAP ? int{TRAP_BRKPT} : int{SEGV_MAPERR};
  if (host.si_signo == SIGSEGV && host.si_code > kSegvMaxCode) return SEGV_ACCERR;
  return host.si_code;
}

void add_child(const siginfo_t& host, abi::SigInfo& guest) {
  guest.code = host.si_code;
  guest.child.pid = host.si_pid;
  guest.child.user_time = host.si_utime;
  guest.child.system_time = host.si_stime;
  const int number = host.si_code == CLD_EXITED ? kNoSignal : signal_to_guest(host.si_status);
  guest.child.status = number == kNoSignal ? host.si_status : number;
}

}  // namespace

abi::SigInfo info_to_guest(const siginfo_t& host) {
  abi::SigInfo guest = {};
  guest.signo = signal_to_guest(host.si_signo);
  guest.error = host.si_errno == 0 ? 0 : errno_to_guest(host.si_errno);
  if (host.si_code <= 0) {
    guest.code = sender_code(host.si_code);
    guest.sent.pid = host.si_pid;
    guest.sent.uid = host.si_uid;
    guest.sent.value.pointer = host.si_value.sival_ptr;
  } else if (is_fault(host.si_signo)) {
    guest.code = fault_code(host);
    guest.fault.address = host.si_addr;
  } else if (host.si_signo == SIGCHLD) {
    add_child(host, guest);
  } else if (host.si_signo == SIGPOLL) {
    guest.code = host.si_code;
    guest.file.fd = host.si_fd;
    guest.file.band = host.si_band;
  } else {
    guest.code = abi::kSiUser;  // the kernel itself: a terminal, an alarm, a limit
  }
  return guest;
}

siginfo_t info_to_host(const abi::SigInfo& guest) {
  siginfo_t host = {};
  host.si_signo = signal_to_host(guest.signo);
  host.si_code = SI_QUEUE;
  host.si_pid = guest.sent.pid;
  host.si_uid = guest.sent.uid;
  host.si_value.sival_ptr = guest.sent.value.pointer;
  return host;
}

void context_to_guest(const ucontext_t& host, abi::UContext& guest) {
  guest = {};
  guest.flags = abi::kUcAll;
  guest.link = link_of_current;
  guest.mask = set_to_guest(host.uc_sigmask);
  if ((host.uc_stack.ss_flags & SS_ONSTACK) != 0) {
    guest.stack.sp = host.uc_stack.ss_sp;
    guest.stack.size = host.uc_stack.ss_size;
    guest.stack.flags = abi::kSsOnStack;
  }
  const greg_t* registers = host.uc_mcontext.gregs;
  for (const Place& place : kGeneral) guest.registers[place.guest] = registers[place.host];
  guest.registers[abi::kTrapNumber] = registers[REG_TRAPNO];
  guest.registers[abi::kError] = registers[REG_ERR];
  guest.registers[abi::kCs] = registers[REG_CSGSFS] & 0xffff;
  guest.registers[abi::kSs] = (registers[REG_CSGSFS] >> 48) & 0xffff;
  guest.registers[abi::kFsBase] = reinterpret_cast<int64_t>(__builtin_thread_pointer());
  if (host.uc_mcontext.fpregs == nullptr) return;
  memcpy(guest.fp.image, host.uc_mcontext.fpregs, kFpImage);
  guest.fp.status = host.uc_mcontext.fpregs->swd;
  guest.fp.xstatus = host.uc_mcontext.fpregs->mxcsr;
}

void registers_to_host(const abi::UContext& guest, ucontext_t& host) {
  greg_t* registers = host.uc_mcontext.gregs;
  for (const Place& place : kGeneral) registers[place.host] = guest.registers[place.guest];
  if (host.uc_mcontext.fpregs != nullptr) memcpy(host.uc_mcontext.fpregs, guest.fp.image, kFpImage);
}

bool event_to_host(const abi::SigEvent& guest, sigevent& host) {
  host = {};
  host.sigev_value.sival_ptr = guest.value.pointer;
  switch (guest.notify) {
    case abi::kSigevNone:
      host.sigev_notify = SIGEV_NONE;
      return true;
    case abi::kSigevSignal:
      host.sigev_notify = SIGEV_SIGNAL;
      host.sigev_signo = signal_to_host(guest.signo);
      return host.sigev_signo > 0;
    case abi::kSigevThread:
      host.sigev_notify = SIGEV_THREAD;
      host.sigev_notify_function =
          reinterpret_cast<void (*)(sigval)>(reinterpret_cast<uintptr_t>(guest.function));
      return true;
    case abi::kSigevPort:
      host.sigev_notify = SIGEV_PORT;
      return true;
    default:
      return false;
  }
}

}  // namespace portc::illumos
