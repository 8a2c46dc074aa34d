/* SPDX-License-Identifier: MIT */
#include "conformance/queues.h"

struct family {
  mqd_t queue;
  int port;
};

static void child_body(struct peer *parent, void *arg) {
  struct family *family = arg;
  int own = new_port();
  CHECK_FAILS(try_notify(family->queue, own, COOKIE(3)), EBUSY);
  CHECK_FAILS(try_notify(family->queue, family->port, COOKIE(4)), EBUSY);
  (void)parent;
}

ASSERTION(279, 1, "while one is registered with a queue, another registration fails with EBUSY") {
  struct family family = {new_queue(), new_port()};
  int other = new_port();
  struct peer child;
  NOTIFY(family.queue, family.port, COOKIE(1));
  CHECK_FAILS(try_notify(family.queue, family.port, COOKIE(2)), EBUSY);
  CHECK_FAILS(try_notify(family.queue, other, COOKIE(2)), EBUSY);
  child_start(&child, child_body, &family);
  child_join(&child);
  put_message(family.queue); /* the first one is not affected */
  CHECK_NEXT_MQ(family.port, family.queue, COOKIE(1));
  CHECK_SILENT(family.port);
  CHECK_EMPTY(other);
  SETUP(mq_close(family.queue));
  CLOSE(family.port, other);
}
