/* SPDX-License-Identifier: MIT */
/* Prints what the constructor of libearly.so saw. */
#include <stdio.h>

#include "tests/interpose/calls.h"

extern struct transcript early_transcript;

int main(void) {
  fputs(early_transcript.text, stdout);
  puts("EXIT-SUCCESS");
  return 0;
}
