/* SPDX-License-Identifier: MIT */
/* A library whose constructor calls what we wrap, before our own constructors have run. */
#include "tests/interpose/calls.h"

struct transcript early_transcript;

__attribute__((constructor)) static void early(void) { calls_on_nothing(&early_transcript); }
