/* SPDX-License-Identifier: MIT */
/*
 * Runs a program that may not make some system calls.
 *
 *   forbid ERRNO CALL... -- PROGRAM [ARG...]    these calls fail with ERRNO, "kill" for SIGSYS
 *
 * ERRNO and the calls are numbers. Exits with 125 if it cannot run the program.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { kMost = 64, kFailed = 125 };

static struct sock_filter filter[kMost + 3];

static unsigned short build(unsigned action, char **calls, int count) {
  unsigned short n = 0;
  filter[n++] =
      (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
  for (int i = 0; i < count; ++i)
    filter[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)atoi(calls[i]),
                                               (unsigned char)(count - i), 0);
  filter[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  filter[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, action);
  return n;
}

int main(int argc, char **argv) {
  int end = 2;
  while (end < argc && strcmp(argv[end], "--") != 0) ++end;
  if (end + 1 >= argc || end - 2 > kMost) return kFailed;
  const unsigned action = strcmp(argv[1], "kill") == 0
                              ? SECCOMP_RET_KILL_PROCESS
                              : SECCOMP_RET_ERRNO | (unsigned)atoi(argv[1]);
  const struct sock_fprog program = {build(action, argv + 2, end - 2), filter};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
      prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
    perror("forbid");
    return kFailed;
  }
  execvp(argv[end + 1], argv + end + 1);
  perror(argv[end + 1]);
  return kFailed;
}
