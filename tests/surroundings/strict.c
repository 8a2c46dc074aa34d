/* SPDX-License-Identifier: MIT */
/*
 * seccomp's strict mode leaves a process read, write, exit and sigreturn. A program with ports,
 * and one without, goes on with these.
 */
#include <linux/seccomp.h>
#include <sys/prctl.h>

#include "tests/interpose/support.h"

#pragma weak port_create
#pragma weak port_send
#pragma weak port_get

enum { kDone = 5 };

static void leave(int status) {
  syscall(SYS_exit, status);
  __builtin_trap();
}

int main(void) {
  const struct timespec zero = {0, 0};
  port_event_t event;
  char byte = 'a';
  int ends[2], port = -1;
  CHECK(pipe(ends) == 0);
  if (port_create) {
    port = port_create();
    CHECK(port >= 0 && port_send(port, 1, NULL) == 0);
    CHECK(port_get(port, &event, &zero) == 0);
  }
  CHECK(prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) == 0);
  if (write(ends[1], "b", 1) != 1 || read(ends[0], &byte, 1) != 1 || byte != 'b') leave(1);
  /* Nobody waits: this is only memory. */
  if (port >= 0 && port_send(port, 2, NULL) != 0) leave(2);
  leave(kDone);
}
