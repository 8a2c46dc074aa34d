/* SPDX-License-Identifier: MIT */
#include "conformance/poller.h"

int polled(int fd, int events) {
  struct pollfd item = {fd, (short)events, 0};
  int count = poll(&item, 1, 0);
  CHECK(count >= 0);
  CHECK_INT(count, item.revents != 0);
  return item.revents;
}

static void poller_body(void *argument) {
  struct poller *poller = argument;
  poller->result = poll(&poller->item, 1, -1);
  poller->error = errno;
}

void poller_start(struct poller *poller, int fd, int events) {
  poller->item = (struct pollfd){fd, (short)events, 0};
  task_start(&poller->task, poller_body, poller);
  if (!task_settle(&poller->task))
    check_failed(HERE, "poll did not block: it gave %d with %s, revents %#x", poller->result,
                 errno_name(poller->error), (unsigned)poller->item.revents);
}

void poller_join(struct poller *poller, int events) {
  task_join(&poller->task);
  CHECK_INT(poller->result, 1);
  CHECK_INT(poller->item.revents, events);
}
