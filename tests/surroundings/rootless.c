/* SPDX-License-Identifier: MIT */
/*
 * A worker locks itself into an empty folder, where there is no /proc, associates a descriptor,
 * and is killed. The process that forked it, which has /proc, cleans up after it.
 *
 *   rootless FOLDER
 */
#include <poll.h>

#include "tests/interpose/support.h"

enum { kSeconds = 20 };

static const struct timespec kZero = {0, 0};

static uint_t count_queued(int port) {
  port_event_t none[1];
  uint_t queued = 1;
  CHECK(port_getn(port, none, 0, &queued, NULL) == 0);
  return queued;
}

static void work(const char *folder, int port, int ready) {
  int ends[2];
  alarm(kSeconds);
  CHECK(chroot(folder) == 0 && chdir("/") == 0);
  CHECK(pipe(ends) == 0);
  write_byte(ends[1]);
  CHECK(port_associate(port, PORT_SOURCE_FD, (uintptr_t)ends[0], POLLIN, NULL) == 0);
  CHECK(count_queued(port) == 1);
  write_byte(ready);
  pause();
}

int main(int argc, char **argv) {
  port_event_t event;
  int ready[2], status;
  CHECK(argc == 2 && pipe(ready) == 0);
  alarm(kSeconds);
  const int port = port_create();
  CHECK(port >= 0);
  const pid_t worker = fork();
  CHECK(worker >= 0);
  if (worker == 0) work(argv[1], port, ready[1]);
  read_byte(ready[0]);
  CHECK_FAILS(port_get(port, &event, &kZero), ETIME);
  CHECK(count_queued(port) == 1);
  CHECK(kill(worker, SIGKILL) == 0);
  CHECK(waitpid(worker, &status, 0) == worker && WIFSIGNALED(status));
  CHECK_FAILS(port_get(port, &event, &kZero), ETIME);
  CHECK(count_queued(port) == 0);
  puts("EXIT-SUCCESS");
  return 0;
}
