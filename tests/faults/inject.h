/* SPDX-License-Identifier: MIT */
/*
 * Makes system calls of libportc.so.1 fail: a seccomp filter traps those that are made from its
 * text, and the handler of SIGSYS carries them out or returns an error in their place. So what is
 * tested are the objects that are installed.
 */
#ifndef TESTS_FAULTS_INJECT_H
#define TESTS_FAULTS_INJECT_H

struct injection {
  int position;   /* 1: the first call that can fail; 0: none */
  int variant;    /* which of the errors with which it can fail */
  int persistent; /* and every one after it */
};

struct injected {
  int seen;     /* calls that can fail, so far */
  int number;   /* the system call that failed at `position`; -1: there were not that many */
  int error;    /* how it failed */
  int variants; /* in how many ways it can */
};

/* For all threads, for ever. Returns 0, or -1 where the kernel does not let us. */
int inject_install(void);

/* From here to inject_disarm(), calls of this thread count, and fail as `what` says. */
void inject_arm(struct injection what);
struct injected inject_disarm(void);

/* The first system call of the library that inject.c has no rule for; -1: none. */
int inject_unknown(void);

#endif
