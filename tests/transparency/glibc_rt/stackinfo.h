/* SPDX-License-Identifier: MIT */
/*
 * Stands in for the header of this name inside glibc: which way stacks grow, and what may be done
 * with their memory.
 */
#ifndef TESTS_TRANSPARENCY_GLIBC_RT_STACKINFO_H
#define TESTS_TRANSPARENCY_GLIBC_RT_STACKINFO_H

#include <elf.h>

#define _STACK_GROWS_DOWN 1
#define DEFAULT_STACK_PERMS (PF_R | PF_W)

#endif
