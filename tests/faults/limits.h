/* SPDX-License-Identifier: MIT */
/*
 * Running out of something for real, for the length of a call.
 */
#ifndef TESTS_FAULTS_LIMITS_H
#define TESTS_FAULTS_LIMITS_H

/* This process has few descriptors to use up, and cannot have more. For ever. */
void limit_descriptors(void);

/* With little memory the stack cannot grow, either: as large as it gets. */
void grow_stack(void);

/* From here to few_end(): so many descriptors are left, in all. */
void few_descriptors(int left);
/* So many megabytes of address space are left, besides what is mapped. */
void little_memory(int left);
void few_end(void);

#endif
