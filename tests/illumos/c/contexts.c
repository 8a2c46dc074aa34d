// SPDX-License-Identifier: MIT
//
// Contexts that a program saves and resumes, and signals that Linux does not have.
#include "check.h"
#include "threads.h"

static ucontext_t outer, inner, again;
static char stack[65536];
static int steps, arguments;
static volatile int got, code;
static volatile long value;

static void routine(int a, int b, int c, int d, int e, int f, int g, int h) {
  arguments = a + 2 * b + 4 * c + 8 * d + 16 * e + 32 * f + 64 * g + 128 * h;
  ++steps;
  swapcontext(&inner, &outer);
  ++steps;
}

static void coroutines(void) {
  CHECK("getcontext", getcontext(&inner) == 0);
  inner.uc_stack.ss_sp = stack;
  inner.uc_stack.ss_size = sizeof stack;
  inner.uc_link = &outer;
  makecontext(&inner, (void (*)())routine, 8, 1, 1, 1, 1, 1, 1, 1, 1);
  CHECK("swapcontext", swapcontext(&outer, &inner) == 0 && steps == 1);
  CHECK("arguments", arguments == 255);
  CHECK("link", swapcontext(&outer, &inner) == 0 && steps == 2);
}

static void resume(int number) {
  (void)number;
  setcontext(&again);
}

static void repetition(void) {
  struct sigaction action;
  volatile int turns = 0;
  sigset_t set;
  getcontext(&again);
  if (turns++ < 3) setcontext(&again);
  CHECK("setcontext", turns == 4);
  memset(&action, 0, sizeof action);
  action.sa_handler = resume;
  sigaction(SIGUSR1, &action, NULL);
  turns = 0;
  getcontext(&again);
  if (turns++ < 3) raise(SIGUSR1);
  CHECK("out-of-handler", turns == 4);
  CHECK("mask-restored", sigprocmask(SIG_BLOCK, NULL, &set) == 0 && !sigismember(&set, SIGUSR1));
}

static void inform(int number, siginfo_t* info, void* context) {
  got = number;
  code = info->si_code;
  value = (long)info->data.proc.kill.value.sival_ptr;
  (void)context;
}

static void foreign(void) {
  static const int numbers[] = {SIGEMT, SIGINFO, SIGRT_LAST};
  struct sigaction action;
  sigset_t set, now;
  memset(&action, 0, sizeof action);
  action.sa_sigaction = inform;
  action.sa_flags = SA_SIGINFO;
  for (unsigned i = 0; i < sizeof numbers / sizeof numbers[0]; ++i) {
    const int number = numbers[i];
    got = 0;
    sigemptyset(&set);
    sigaddset(&set, number);
    CHECK("foreign-action", sigaction(number, &action, NULL) == 0);
    CHECK("foreign-caught", kill(getpid(), number) == 0 && got == number && code == 0);
    CHECK("foreign-raised", raise(number) == 0 && got == number && code == -1);
    got = 0;
    CHECK("foreign-blocked", sigprocmask(SIG_BLOCK, &set, NULL) == 0 && raise(number) == 0 &&
                                 got == 0 && sigpending(&now) == 0 && sigismember(&now, number));
    CHECK("foreign-unblocked", sigprocmask(SIG_UNBLOCK, &set, NULL) == 0 && got == number);
  }
}

static void queued(void) {
  struct sigaction action;
  sigset_t set;
  memset(&action, 0, sizeof action);
  action.sa_sigaction = inform;
  action.sa_flags = SA_SIGINFO;
  sigaction(SIGUSR2, &action, NULL);
  const union sigval with = {.sival_ptr = (void*)0x123456789aL};
  CHECK("sigqueue", sigqueue(getpid(), SIGUSR2, with) == 0 && code == -2 && value == 0x123456789aL);
  sigemptyset(&set);
  sigaddset(&set, SIGUSR2);
  sigprocmask(SIG_BLOCK, &set, NULL);
  raise(SIGUSR2);
  CHECK("sigwait", sigwait(&set) == SIGUSR2);
}

int main(void) {
  coroutines();
  repetition();
  foreign();
  queued();
  return check_status();
}
