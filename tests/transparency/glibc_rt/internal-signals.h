/* SPDX-License-Identifier: MIT */
/*
 * Stands in for the header of this name inside glibc, of which tst-timer-sigmask needs one
 * function: does the C library keep this signal for itself? It keeps what lies between the
 * kernel's first real-time signal and the one that it tells programs.
 */
#ifndef TESTS_TRANSPARENCY_GLIBC_RT_INTERNAL_SIGNALS_H
#define TESTS_TRANSPARENCY_GLIBC_RT_INTERNAL_SIGNALS_H

#include <signal.h>
#include <stdbool.h>

static inline bool is_internal_signal(int signal) {
  return signal >= __SIGRTMIN && signal < SIGRTMIN;
}

#endif
