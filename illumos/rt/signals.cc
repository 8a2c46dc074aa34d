// SPDX-License-Identifier: MIT
//
// The kernel's action for a signal that a guest catches is always the same handler of ours, which
// makes illumos's structures on the stack that the kernel has chosen, calls the guest's handler,
// and gives back to the kernel what that has changed: registers, floating point and mask.
//
// Signals that Linux does not have can be caught, blocked and sent by a thread to itself; they are
// kept here, and are delivered by way of kNudge.
//
// Source: sigaction(2), signal(3C), sigset(3C), sigwait(2), sigsend(2) of illumos.
#include "illumos/rt/signals.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "illumos/rt/cancel.h"
#include "illumos/rt/errno.h"
#include "illumos/rt/numbers.h"
#include "illumos/rt/signal_frames.h"
#include "illumos/rt/signal_numbers.h"
#include "illumos/rt/threads.h"

namespace portc::illumos {
namespace {

constexpr Number kFlags[] = {
    {SA_ONSTACK, abi::kSaOnStack},     {static_cast<int64_t>(SA_RESETHAND), abi::kSaResetHand},
    {SA_RESTART, abi::kSaRestart},     {SA_NODEFER, abi::kSaNoDefer},
    {SA_NOCLDWAIT, abi::kSaNoCldWait}, {SA_NOCLDSTOP, abi::kSaNoCldStop},
};

// What the guest has asked for. The handler is written last, and read first.
struct Shadow {
  std::atomic<uint64_t> handler;  // kSigDefault: the kernel knows
  std::atomic<uint32_t> flags;
  abi::SigSet mask;
};
Shadow shadows[abi::kMaxSignal + 1];

struct Hostless {
  abi::SigSet blocked;
  abi::SigSet pending;
  abi::SigSet by_process;  // those that were sent to the process, not to the thread
};
thread_local Hostless hostless;

bool is_caught(uint64_t handler) {
  return handler != abi::kSigDefault && handler != abi::kSigIgnore;
}

bool overlap(const abi::SigSet& pending, const abi::SigSet& blocked) {
  for (int i = 0; i < 4; ++i)
    if ((pending.bits[i] & ~blocked.bits[i]) != 0) return true;
  return false;
}

void add(abi::SigSet& set, const abi::SigSet& more) {
  for (int i = 0; i < 4; ++i) set.bits[i] |= more.bits[i];
}

void nudge_myself() { (void)syscall(SYS_tgkill, getpid(), gettid(), kNudge); }

using Handler = void (*)(int, abi::SigInfo*, abi::UContext*);

void run_handler(int number, abi::SigInfo& info, ucontext_t& context) {
  Shadow& shadow = shadows[number];
  const uint64_t handler = shadow.handler.load(std::memory_order_acquire);
  if (!is_caught(handler)) return;  // changed a moment ago
  const uint32_t flags = shadow.flags.load(std::memory_order_relaxed);
  if ((flags & abi::kSaResetHand) != 0) shadow.handler.store(abi::kSigDefault);

  abi::UContext frame;
  context_to_guest(context, frame);
  if (info.code > 0) info.fault.pc = reinterpret_cast<void*>(frame.registers[abi::kRip]);
  add(frame.mask, hostless.blocked);
  add(hostless.blocked, hostless_part(shadow.mask));
  const bool with_info = (flags & abi::kSaSigInfo) != 0;
  reinterpret_cast<Handler>(handler)(number, with_info ? &info : nullptr, &frame);

  link_of_current = frame.link;
  registers_to_host(frame, context);
  merge_to_host(frame.mask, context.uc_sigmask);
  hostless.blocked = hostless_part(frame.mask);
  if (overlap(hostless.pending, hostless.blocked)) nudge_myself();
}

class KeepErrnos {
 public:
  KeepErrnos() : host_(errno), guest_(guest_errno) {}
  ~KeepErrnos() {
    errno = host_;
    guest_errno = guest_;
  }

 private:
  int host_, guest_;
};

void on_signal(int host, siginfo_t* sent, void* context) {
  const KeepErrnos keep;
  const NoCancelPoint outside;
  abi::SigInfo info = info_to_guest(*sent);
  run_handler(signal_to_guest(host), info, *static_cast<ucontext_t*>(context));
}

// What becomes of a signal that Linux does not have and nobody catches.
void default_hostless(int number) {
  constexpr int kEmt = 7;
  if (number != kEmt && number != abi::kMaxSignal) return;  // the others are ignored
  signal(kNudge, SIG_DFL);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, kNudge);
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
  nudge_myself();
}

// Those signals without a number here are delivered that are not blocked.
void deliver_hostless(ucontext_t& context) {
  for (int number = 1; number <= abi::kMaxSignal; ++number) {
    if (!has_signal(hostless.pending, number) || has_signal(hostless.blocked, number)) continue;
    signal_word(hostless.pending, number) &= ~signal_bit(number);
    if (shadows[number].handler.load() == abi::kSigDefault) default_hostless(number);
    abi::SigInfo info = {};
    info.signo = number;
    info.code = has_signal(hostless.by_process, number) ? abi::kSiUser : abi::kSiLwp;
    info.sent.pid = getpid();
    info.sent.uid = getuid();
    const sigset_t more = set_to_host(shadows[number].mask);
    sigset_t before;
    pthread_sigmask(SIG_BLOCK, &more, &before);
    run_handler(number, info, context);
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }
}

void on_nudge(int, siginfo_t*, void* context) {
  const KeepErrnos keep;
  auto& interrupted = *static_cast<ucontext_t*>(context);
  suspend_if_asked();
  cancel_if_asked(interrupted.uc_sigmask);
  const NoCancelPoint outside;
  deliver_hostless(interrupted);
}

// What the kernel has, of a signal about which the guest has not said anything.
uint64_t inherited(int host) {
  struct sigaction action;
  if (host <= 0 || sigaction(host, nullptr, &action) != 0) return abi::kSigDefault;
  return action.sa_handler == SIG_IGN ? abi::kSigIgnore : abi::kSigDefault;
}

void report(int number, abi::SigAction& out) {
  const Shadow& shadow = shadows[number];
  out = {};
  out.handler = shadow.handler.load(std::memory_order_acquire);
  if (is_caught(out.handler)) {
    out.flags = shadow.flags.load(std::memory_order_relaxed);
    out.mask = shadow.mask;
  } else {
    out.handler = inherited(signal_to_host(number));
  }
}

void remember(int number, const abi::SigAction& action) {
  Shadow& shadow = shadows[number];
  shadow.mask = action.mask;
  shadow.flags.store(action.flags, std::memory_order_relaxed);
  shadow.handler.store(action.handler, std::memory_order_release);
}

// Tells the kernel. False with errno set.
bool tell(int host, const abi::SigAction& action) {
  struct sigaction mine = {};
  int64_t unknown = 0;
  mine.sa_flags = static_cast<int>(host_flags(kFlags, action.flags, unknown));
  mine.sa_mask = set_to_host(action.mask);
  if (is_caught(action.handler)) {
    mine.sa_flags |= SA_SIGINFO;
    mine.sa_sigaction = &on_signal;
  } else {
    mine.sa_handler = action.handler == abi::kSigIgnore ? SIG_IGN : SIG_DFL;
  }
  return sigaction(host, &mine, nullptr) == 0;
}

// 0 or an errno of Linux's.
int set_action(int number, const abi::SigAction& action) {
  if (number == signal_to_guest(SIGKILL) || number == signal_to_guest(SIGSTOP)) return EINVAL;
  const int host = signal_to_host(number);
  if (host == kNoSignal) {
    catch_nudges();
    remember(number, action);
    return 0;
  }
  // Before the kernel knows, if it is to be caught: nothing may arrive that nobody is known for.
  if (is_caught(action.handler)) remember(number, action);
  if (!tell(host, action)) return errno;
  remember(number, action);
  return 0;
}

int action(int number, const abi::SigAction* next, abi::SigAction* before) {
  if (!is_guest_signal(number)) return EINVAL;
  const abi::SigAction wanted = next != nullptr ? *next : abi::SigAction{};
  if (before != nullptr) report(number, *before);
  return next != nullptr ? set_action(number, wanted) : 0;
}

void raise_hostless(int number, bool by_process) {
  const uint64_t handler = shadows[number].handler.load();
  if (handler == abi::kSigIgnore) return;
  if (handler == abi::kSigDefault && !has_signal(hostless.blocked, number))
    return default_hostless(number);
  catch_nudges();
  signal_word(hostless.pending, number) |= signal_bit(number);
  signal_word(hostless.by_process, number) &= ~signal_bit(number);
  if (by_process) signal_word(hostless.by_process, number) |= signal_bit(number);
  if (!has_signal(hostless.blocked, number)) nudge_myself();
}

enum class Target : uint8_t { kThread, kProcess, kOthers };

Target target_of(int pid) { return pid == getpid() ? Target::kProcess : Target::kOthers; }

// 0 or an errno of Linux's; what the process sends to itself it can send even if Linux cannot.
template <typename Send>
int send(int number, Target target, Send send_host) {
  if (number != 0 && !is_guest_signal(number)) return EINVAL;
  const int host = signal_to_host(number);
  if (host != kNoSignal) return send_host(host) == 0 ? 0 : errno;
  if (send_host(0) != 0) return errno;
  if (target == Target::kOthers) return EINVAL;
  raise_hostless(number, target == Target::kProcess);
  return 0;
}

int fail_unless(int error) { return error == 0 ? 0 : fail(error); }

int how_to_host(int how) {
  switch (how) {
    case abi::kSigBlock:
      return SIG_BLOCK;
    case abi::kSigUnblock:
      return SIG_UNBLOCK;
    case abi::kSigSetMask:
      return SIG_SETMASK;
    default:
      return -1;
  }
}

int mask(int how, const abi::SigSet* next, abi::SigSet* before) {
  const int host_how = how_to_host(how);
  if (next == nullptr) {
    if (before != nullptr) change_mask(SIG_BLOCK, abi::SigSet{}, before);
    return 0;
  }
  if (host_how == -1) return EINVAL;
  const abi::SigSet wanted = *next;
  change_mask(host_how, wanted, before);
  return 0;
}

abi::SigSet only(int number) {
  abi::SigSet set = {};
  signal_word(set, number) |= signal_bit(number);
  return set;
}

uint64_t install(int number, uint64_t handler, uint32_t flags) {
  abi::SigAction next = {}, before;
  next.handler = handler;
  next.flags = flags;
  if (number == signal_to_guest(SIGCHLD) && handler == abi::kSigIgnore)
    next.flags |= abi::kSaNoCldWait;
  const int error = action(number, &next, &before);
  if (error == 0) return before.handler;
  fail(error);
  return abi::kSigError;
}

// Waits for a signal of the set. Its number, or -1 and the guest's errno.
int wait_for(const abi::SigSet& set, const timespec* timeout, abi::SigInfo* info) {
  const sigset_t host = set_to_host(set);
  siginfo_t got;
  const CancelPoint point;
  const int number = sigtimedwait(&host, &got, timeout);
  if (number < 0) {
    set_guest_errno();
    return -1;
  }
  if (info != nullptr) *info = info_to_guest(got);
  return signal_to_guest(number);
}

}  // namespace

void catch_nudges() {
  static std::atomic<bool> done;
  if (done.load(std::memory_order_acquire)) return;
  struct sigaction mine = {};
  // What waits goes on waiting, unless the handler ends it.
  mine.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART;
  mine.sa_sigaction = &on_nudge;
  sigaction(kNudge, &mine, nullptr);
  done.store(true, std::memory_order_release);
}

void change_mask(int how, const abi::SigSet& set, abi::SigSet* old) {
  const sigset_t host = set_to_host(set);
  sigset_t before;
  pthread_sigmask(how, &host, &before);
  if (old != nullptr) {
    abi::SigSet was = set_to_guest(before);
    add(was, hostless.blocked);
    *old = was;
  }
  const abi::SigSet part = hostless_part(set);
  for (int i = 0; i < 4; ++i) {
    uint32_t& blocked = hostless.blocked.bits[i];
    if (how == SIG_BLOCK)
      blocked |= part.bits[i];
    else if (how == SIG_UNBLOCK)
      blocked &= ~part.bits[i];
    else
      blocked = part.bits[i];
  }
  if (overlap(hostless.pending, hostless.blocked)) nudge_myself();
}

int raise_guest(int number) {
  return send(number, Target::kThread, [](int host) {
    return static_cast<int>(syscall(SYS_tgkill, getpid(), gettid(), host));
  });
}

extern "C" {

int il_sigaction(int number, const abi::SigAction* next, abi::SigAction* before) {
  return fail_unless(action(number, next, before));
}

int il_sigprocmask(int how, const abi::SigSet* next, abi::SigSet* before) {
  return fail_unless(mask(how, next, before));
}

int il_pthread_sigmask(int how, const abi::SigSet* next, abi::SigSet* before) {
  const int error = mask(how, next, before);
  return error == 0 ? 0 : errno_to_guest(error);
}

int il_sigaltstack(const abi::Stack* next, abi::Stack* before) {
  stack_t mine = {}, was = {};
  if (next != nullptr) {
    mine.ss_sp = next->sp;
    mine.ss_size = next->size;
    mine.ss_flags = (next->flags & abi::kSsDisable) != 0 ? SS_DISABLE : 0;
    if ((next->flags & ~abi::kSsDisable) != 0) return fail(EINVAL);
  }
  if (sigaltstack(next != nullptr ? &mine : nullptr, &was) != 0) {
    set_guest_errno();
    return -1;
  }
  if (before != nullptr) {
    before->sp = was.ss_sp;
    before->size = was.ss_size;
    before->flags = was.ss_flags & (SS_ONSTACK | SS_DISABLE);
  }
  return 0;
}

int il_kill(int pid, int number) {
  return fail_unless(send(number, target_of(pid), [&](int host) { return kill(pid, host); }));
}

int il_killpg(int group, int number) {
  return fail_unless(send(number, Target::kOthers, [&](int host) { return killpg(group, host); }));
}

int il_raise(int number) { return fail_unless(raise_guest(number)); }

int il_sigqueue(int pid, int number, abi::SigVal value) {
  sigval mine;
  mine.sival_ptr = value.pointer;
  return fail_unless(
      send(number, target_of(pid), [&](int host) { return sigqueue(pid, host, mine); }));
}

// P_PID, P_PGID and P_ALL; P_MYID is oneself.
int il_sigsend(int kind, int id, int number) {
  constexpr int kPid = 0, kGroup = 2, kAll = 7, kMyId = -1;
  switch (kind) {
    case kPid:
      return il_kill(id == kMyId ? getpid() : id, number);
    case kGroup:
      return il_killpg(id == kMyId ? getpgrp() : id, number);
    case kAll:
      return il_kill(-1, number);
    default:
      return fail(EINVAL);
  }
}

int il_sigpending(abi::SigSet* set) {
  sigset_t host;
  sigpending(&host);
  *set = set_to_guest(host);
  add(*set, hostless.pending);
  return 0;
}

int il_sigsuspend(const abi::SigSet* set) {
  const sigset_t host = set_to_host(*set);
  const abi::SigSet before = hostless.blocked;
  // Only the wait lets the nudge in, and so ends when it comes.
  sigset_t nudge, mask;
  sigemptyset(&nudge);
  sigaddset(&nudge, kNudge);
  pthread_sigmask(SIG_BLOCK, &nudge, &mask);
  hostless.blocked = hostless_part(*set);
  if (overlap(hostless.pending, hostless.blocked)) nudge_myself();
  {
    const CancelPoint point;
    sigsuspend(&host);
  }
  hostless.blocked = before;
  pthread_sigmask(SIG_SETMASK, &mask, nullptr);
  return fail(EINTR);
}

int il_sigpause(int number) {
  if (!is_guest_signal(number)) return fail(EINVAL);
  abi::SigSet now;
  change_mask(SIG_BLOCK, abi::SigSet{}, &now);
  signal_word(now, number) &= ~signal_bit(number);
  return il_sigsuspend(&now);
}

// The older one: the signal is the result.
int il_sigwait(const abi::SigSet* set) {
  int number;
  do {
    number = wait_for(*set, nullptr, nullptr);
  } while (number < 0 && guest_errno == errno_to_guest(EINTR));
  return number;
}

int il___posix_sigwait(const abi::SigSet* set, int* got) {
  const int kept = guest_errno;
  const int number = il_sigwait(set);
  if (number < 0) {
    const int error = guest_errno;
    guest_errno = kept;
    return error;
  }
  *got = number;
  return 0;
}

int il_sigwaitinfo(const abi::SigSet* set, abi::SigInfo* info) {
  return wait_for(*set, nullptr, info);
}

int il_sigtimedwait(const abi::SigSet* set, abi::SigInfo* info, const timespec* timeout) {
  return wait_for(*set, timeout, info);
}

uint64_t il_signal(int number, uint64_t handler) {
  return install(number, handler, abi::kSaResetHand | abi::kSaNoDefer);
}

uint64_t il_bsd_signal(int number, uint64_t handler) {
  return install(number, handler, abi::kSaRestart);
}

// The handler until now, or SIG_HOLD if the signal was blocked.
uint64_t il_sigset(int number, uint64_t handler) {
  if (!is_guest_signal(number)) {
    fail(EINVAL);
    return abi::kSigError;
  }
  abi::SigAction before;
  abi::SigSet was;
  report(number, before);
  if (handler != abi::kSigHold) {
    if (install(number, handler, 0) == abi::kSigError) return abi::kSigError;
    change_mask(SIG_UNBLOCK, only(number), &was);
  } else {
    change_mask(SIG_BLOCK, only(number), &was);
  }
  return has_signal(was, number) ? abi::kSigHold : before.handler;
}

int il_sighold(int number) {
  if (!is_guest_signal(number)) return fail(EINVAL);
  change_mask(SIG_BLOCK, only(number), nullptr);
  return 0;
}

int il_sigrelse(int number) {
  if (!is_guest_signal(number)) return fail(EINVAL);
  change_mask(SIG_UNBLOCK, only(number), nullptr);
  return 0;
}

int il_sigignore(int number) {
  return install(number, abi::kSigIgnore, 0) == abi::kSigError ? -1 : 0;
}

int il_siginterrupt(int number, int flag) {
  abi::SigAction now;
  if (!is_guest_signal(number)) return fail(EINVAL);
  report(number, now);
  if (flag != 0)
    now.flags &= ~abi::kSaRestart;
  else
    now.flags |= abi::kSaRestart;
  return is_caught(now.handler) ? fail_unless(set_action(number, now)) : 0;
}

int il_sigemptyset(abi::SigSet* set) {
  *set = {};
  return 0;
}

int il_sigfillset(abi::SigSet* set) {
  *set = {{0xffffffff, 0xffffffff, (1u << (abi::kMaxSignal - 64)) - 1, 0}};
  return 0;
}

int il_sigaddset(abi::SigSet* set, int number) {
  if (!is_guest_signal(number)) return fail(EINVAL);
  signal_word(*set, number) |= signal_bit(number);
  return 0;
}

int il_sigdelset(abi::SigSet* set, int number) {
  if (!is_guest_signal(number)) return fail(EINVAL);
  signal_word(*set, number) &= ~signal_bit(number);
  return 0;
}

int il_sigismember(const abi::SigSet* set, int number) {
  if (!is_guest_signal(number)) return fail(EINVAL);
  return has_signal(*set, number) ? 1 : 0;
}

}  // extern "C"

}  // namespace portc::illumos
