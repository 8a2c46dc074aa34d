/* SPDX-License-Identifier: MIT */
/*
 * Every name of interpose/symbols.def, called where it does no harm, and what came of it: one
 * line per call, "NAME RESULT ERRNO". errno is 33 before each call.
 */
#ifndef TESTS_INTERPOSE_CALLS_H
#define TESTS_INTERPOSE_CALLS_H

#include <stddef.h>

struct transcript {
  char text[16384];
  size_t used;
};

void transcript_add(struct transcript *transcript, const char *name, long result);

/* LOG(transcript, call): the call is its own name. */
#define LOG(transcript, call) (errno = 33, transcript_add((transcript), #call, (long)(call)))

void calls_on_nothing(struct transcript *transcript);

#endif
