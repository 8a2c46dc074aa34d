// SPDX-License-Identifier: MIT
//
// Signals by illumos's numbers, with its siginfo and ucontext.
#include "check.h"

static volatile int got, got_code, sender;
static void* volatile fault;
static jmp_buf place;

static void note(int number) { got = number; }

static void inform(int number, siginfo_t* info, void* context) {
  got = number;
  got_code = info->si_code;
  sender = info->data.proc.pid;
  (void)context;
}

// Goes on behind the faulting instruction, which is three bytes long.
static void skip(int number, siginfo_t* info, void* context) {
  ucontext_t* at = context;
  got = number;
  if (fault != NULL) _exit(3);  // at the same place again
  fault = info->data.fault.addr;
  at->uc_mcontext.gregs[REG_RIP] += 3;
}

static int install(int number, void (*handler)(int, siginfo_t*, void*), int flags) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_sigaction = handler;
  action.sa_flags = SA_SIGINFO | flags;
  return sigaction(number, &action, NULL);
}

static void numbers(void) {
  struct sigaction action, old;
  memset(&action, 0, sizeof action);
  action.sa_handler = note;
  CHECK("sigaction", sigaction(SIGUSR1, &action, NULL) == 0);
  CHECK("raise", raise(SIGUSR1) == 0 && got == SIGUSR1);
  CHECK("old-action", sigaction(SIGUSR1, NULL, &old) == 0 && old.sa_handler == note);
  CHECK("siginfo", install(SIGUSR2, inform, 0) == 0 && kill(getpid(), SIGUSR2) == 0 &&
                       got == SIGUSR2 && got_code == 0 && sender == getpid());
  CHECK("thread-kill", install(SIGTERM, inform, 0) == 0 &&
                           pthread_kill(pthread_self(), SIGTERM) == 0 && got == SIGTERM);
  CHECK("bad-number", kill(getpid(), 999) == -1 && errno == EINVAL);
}

static void masks(void) {
  sigset_t set, old;
  got = 0;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  CHECK("block", sigprocmask(SIG_BLOCK, &set, &old) == 0 && raise(SIGUSR1) == 0 && got == 0);
  CHECK("suspend", sigsuspend(&old) == -1 && errno == EINTR && got == SIGUSR1);
  CHECK("unblock", sigprocmask(SIG_UNBLOCK, &set, NULL) == 0);
}

static void faults(void) {
  static char area[65536];
  const stack_t stack = {area, sizeof area, 0};
  got = 0;
  CHECK("sigaltstack", sigaltstack(&stack, NULL) == 0);
  CHECK("handler", install(SIGSEGV, skip, SA_ONSTACK) == 0);
  // mov %al, (%rcx): two bytes and a nop that is skipped, or three with an index: written out.
  __asm__ volatile(".byte 0x88, 0x41, 0x10" ::"c"(0x1000L), "a"(0L) : "memory");
  CHECK("fault", got == SIGSEGV && fault == (void*)0x1010);
}

static void jumps(int number) {
  (void)number;
  longjmp(place, 1);
}

static void out_of_handler(void) {
  struct sigaction action;
  volatile int turns = 0;
  memset(&action, 0, sizeof action);
  action.sa_handler = jumps;
  sigaction(SIGUSR2, &action, NULL);
  if (setjmp(place) == 0) {
    ++turns;
    raise(SIGUSR2);
    turns = 100;
  }
  CHECK("longjmp-from-handler", turns == 1);
}

int main(void) {
  numbers();
  masks();
  faults();
  out_of_handler();
  return check_status();
}
