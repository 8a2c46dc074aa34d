/* SPDX-License-Identifier: MIT */
#include "tests/faults/inject.h"

#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <linux/filter.h>
#include <linux/futex.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/ucontext.h>
#include <unistd.h>

enum { kMostErrors = 5, kAny = -1 };

/*
 * How a call can fail that is made as the library makes it, according to its manual page and the
 * kernel's source. No errors: it cannot, or nobody looks (close). What a sandbox forbids is the
 * business of tests/surroundings.
 */
struct rule {
  long number;
  int argument; /* kAny, or the argument that has to be `value` */
  long value;
  int errors[kMostErrors];
};

static const struct rule rules[] = {
    {SYS_clock_gettime, kAny, 0, {0}},
    {SYS_close, kAny, 0, {0}},
    {SYS_dup3, kAny, 0, {0}},
    {SYS_epoll_create1, kAny, 0, {EMFILE, ENFILE, ENOMEM}},
    {SYS_epoll_ctl, 1, EPOLL_CTL_ADD, {ENOMEM, ENOSPC}},
    {SYS_epoll_ctl, kAny, 0, {0}},
    {SYS_epoll_pwait, kAny, 0, {0}},
    {SYS_eventfd2, kAny, 0, {EMFILE, ENFILE, ENOMEM}},
    {SYS_fcntl, 1, F_DUPFD, {EMFILE}},
    {SYS_fcntl, 1, F_DUPFD_CLOEXEC, {EMFILE}},
    {SYS_fcntl, kAny, 0, {0}},
    {SYS_fstat, kAny, 0, {0}},
    {SYS_fstatfs, kAny, 0, {0}},
    {SYS_ftruncate, kAny, 0, {ENOMEM, ENOSPC}},
    {SYS_futex, 1, FUTEX_WAIT, {EINTR, EAGAIN}},
    {SYS_futex, 1, FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG, {EINTR}},
    {SYS_futex, kAny, 0, {0}},
    {SYS_get_robust_list, kAny, 0, {ENOSYS}},
    {SYS_getcwd, kAny, 0, {ENOMEM, ENOENT}},
    {SYS_getdents64, kAny, 0, {ENOMEM}},
    {SYS_getegid, kAny, 0, {0}},
    {SYS_geteuid, kAny, 0, {0}},
    {SYS_getpid, kAny, 0, {0}},
    {SYS_getrandom, kAny, 0, {EINTR, ENOSYS}},
    {SYS_getsockopt, kAny, 0, {0}},
    {SYS_gettid, kAny, 0, {0}},
    {SYS_inotify_add_watch, kAny, 0, {ENOSPC, ENOMEM}},
    {SYS_inotify_init1, kAny, 0, {EMFILE, ENFILE, ENOMEM}},
    {SYS_inotify_rm_watch, kAny, 0, {0}},
    {SYS_io_cancel, kAny, 0, {EINVAL, EAGAIN}},
    {SYS_io_destroy, kAny, 0, {0}},
    {SYS_io_getevents, kAny, 0, {0}},
    {SYS_io_setup, kAny, 0, {EAGAIN, ENOMEM, ENOSYS}},
    {SYS_io_submit, kAny, 0, {EAGAIN, ENOMEM}},
    {SYS_io_uring_enter, kAny, 0, {EAGAIN, EBUSY}},
    {SYS_io_uring_setup, kAny, 0, {EMFILE, ENFILE, ENOMEM, ENOSYS, EPERM}},
    {SYS_kill, kAny, 0, {0}},
    {SYS_madvise, kAny, 0, {ENOMEM, EINVAL}},
    {SYS_memfd_create, kAny, 0, {EMFILE, ENFILE, ENOMEM, EINVAL}},
    {SYS_mmap, kAny, 0, {ENOMEM}},
    {SYS_mq_getsetattr, kAny, 0, {0}},
    {SYS_mq_notify, 1, 0, {0}},
    {SYS_mq_notify, kAny, 0, {ENOMEM}},
    {SYS_munmap, kAny, 0, {0}},
    {SYS_newfstatat, kAny, 0, {ENOMEM}},
    {SYS_openat, kAny, 0, {EMFILE, ENFILE, ENOMEM}},
    {SYS_ppoll, kAny, 0, {EINTR, ENOMEM}},
    {SYS_preadv2, kAny, 0, {EAGAIN, EOPNOTSUPP}},
    {SYS_prlimit64, kAny, 0, {0}},
    {SYS_pwritev2, kAny, 0, {EAGAIN, EOPNOTSUPP}},
    {SYS_read, kAny, 0, {ENOMEM}},
    {SYS_readlink, kAny, 0, {ENOMEM}},
    {SYS_recvfrom, kAny, 0, {0}},
    {SYS_recvmsg, kAny, 0, {0}},
    {SYS_rt_sigprocmask, kAny, 0, {0}},
    {SYS_sendmsg, kAny, 0, {ENOBUFS, ENOMEM, ETOOMANYREFS}},
    {SYS_setsockopt, 2, SO_RCVBUFFORCE, {EPERM}},
    {SYS_setsockopt, kAny, 0, {ENOMEM}},
    {SYS_socket, kAny, 0, {EMFILE, ENFILE, ENOBUFS, ENOMEM, EAFNOSUPPORT}},
    {SYS_socketpair, kAny, 0, {EMFILE, ENFILE, ENOMEM}},
    {SYS_statfs, kAny, 0, {ENOMEM}},
    {SYS_statx, kAny, 0, {ENOMEM}},
    {SYS_timerfd_create, kAny, 0, {EMFILE, ENFILE, ENOMEM}},
    {SYS_timerfd_settime, kAny, 0, {0}},
    {SYS_tkill, kAny, 0, {0}},
    {SYS_write, kAny, 0, {0}},
};

static struct injection armed;
static struct injected state;
static pid_t counted; /* the thread whose calls count; 0: none */
static int unknown = -1;

static long carry_out(const long *call) {
  long result;
  register long r10 __asm__("r10") = call[4];
  register long r8 __asm__("r8") = call[5];
  register long r9 __asm__("r9") = call[6];
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(call[0]), "D"(call[1]), "S"(call[2]), "d"(call[3]), "r"(r10), "r"(r8),
                     "r"(r9)
                   : "rcx", "r11", "memory");
  return result;
}

static const struct rule *rule_for(const long *call) {
  for (size_t i = 0; i < sizeof rules / sizeof rules[0]; ++i) {
    if (rules[i].number != call[0]) continue;
    if (rules[i].argument == kAny || call[1 + rules[i].argument] == rules[i].value)
      return &rules[i];
  }
  return NULL;
}

static int count_errors(const struct rule *rule) {
  int count = 0;
  while (count < kMostErrors && rule->errors[count] != 0) ++count;
  return count;
}

/* 0, or the error with which the call is to fail. */
static int decide(const long *call) {
  const struct rule *rule = rule_for(call);
  if (rule == NULL) {
    if (unknown < 0) unknown = (int)call[0];
    return 0;
  }
  const int variants = count_errors(rule);
  if (variants == 0) return 0;
  ++state.seen;
  if (armed.position == 0 || state.seen < armed.position) return 0;
  const int error = rule->errors[armed.variant < variants ? armed.variant : variants - 1];
  if (state.seen == armed.position) {
    state.number = (int)call[0];
    state.error = error;
    state.variants = variants;
    return error;
  }
  return armed.persistent ? rule->errors[0] : 0;
}

/* A mask that the handler set would end with it; the one to which it returns has to change. */
static long change_mask(const long *call, ucontext_t *context) {
  uint64_t mask, wanted;
  memcpy(&mask, &context->uc_sigmask, sizeof mask);
  if (call[3] != 0) memcpy((void *)call[3], &mask, sizeof mask);
  if (call[2] == 0) return 0;
  memcpy(&wanted, (const void *)call[2], sizeof wanted);
  if (call[1] == SIG_BLOCK) wanted |= mask;
  if (call[1] == SIG_UNBLOCK) wanted = mask & ~wanted;
  wanted &= ~(UINT64_C(1) << (SIGSYS - 1));
  memcpy(&context->uc_sigmask, &wanted, sizeof wanted);
  return 0;
}

static void trapped(int signal, siginfo_t *info, void *argument) {
  static const int places[] = {REG_RAX, REG_RDI, REG_RSI, REG_RDX, REG_R10, REG_R8, REG_R9};
  ucontext_t *context = argument;
  greg_t *registers = context->uc_mcontext.gregs;
  const int saved = errno;
  long call[7], result;
  (void)signal;
  for (int i = 0; i < 7; ++i) call[i] = registers[places[i]];
  call[0] = info->si_syscall;
  const int error = counted != 0 && syscall(SYS_gettid) == counted ? decide(call) : 0;
  if (error != 0)
    result = -error;
  else if (call[0] == SYS_rt_sigprocmask && call[1] >= 0)
    result = change_mask(call, context);
  else
    result = carry_out(call);
  registers[REG_RAX] = result;
  errno = saved;
}

struct text {
  uintptr_t start, end;
};

static int find_text(struct dl_phdr_info *info, size_t size, void *argument) {
  struct text *text = argument;
  (void)size;
  if (strstr(info->dlpi_name, FAULTS_OBJECT) == NULL) return 0;
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr) *part = &info->dlpi_phdr[i];
    if (part->p_type != PT_LOAD || (part->p_flags & PF_X) == 0) continue;
    text->start = info->dlpi_addr + part->p_vaddr;
    text->end = text->start + part->p_memsz;
  }
  return 1;
}

/* The filter compares halves: a text that lies across a multiple of 4 GB is not for it. */
static int install_filter(const struct text *text) {
  const uint32_t high = (uint32_t)(text->start >> 32);
  if (high != (uint32_t)(text->end >> 32)) return -1;
  const uint32_t ip = offsetof(struct seccomp_data, instruction_pointer);
  struct sock_filter filter[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ip + 4),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, high, 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ip),
      BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, (uint32_t)text->start, 0, 1),
      BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, (uint32_t)text->end, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
  };
  struct sock_fprog program = {sizeof filter / sizeof filter[0], filter};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return -1;
  return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program) == 0
             ? 0
             : -1;
}

int inject_install(void) {
  struct text text = {0, 0};
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_sigaction = trapped;
  action.sa_flags = SA_SIGINFO | SA_NODEFER;
  dl_iterate_phdr(find_text, &text);
  if (text.end == 0 || sigaction(SIGSYS, &action, NULL) != 0) return -1;
  return install_filter(&text);
}

void inject_arm(struct injection what) {
  const struct injected nothing = {0, -1, 0, 0};
  state = nothing;
  armed = what;
  counted = (pid_t)syscall(SYS_gettid);
}

struct injected inject_disarm(void) {
  counted = 0;
  return state;
}

int inject_unknown(void) { return unknown; }
