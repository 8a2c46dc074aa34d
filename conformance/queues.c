/* SPDX-License-Identifier: MIT */
#include "conformance/queues.h"

#include <stdio.h>

enum { kMessages = 4, kSize = 8 };

static mqd_t check_queue(mqd_t queue) {
  if (queue == (mqd_t)-1)
    check_failed(HERE, "mq_open failed with %s: are there message queues on this system?",
                 errno_name(errno));
  return queue;
}

void new_queue_pair(mqd_t pair[2]) {
  static int made;
  char name[64];
  struct mq_attr attributes;
  memset(&attributes, 0, sizeof attributes);
  attributes.mq_maxmsg = kMessages;
  attributes.mq_msgsize = kSize;
  snprintf(name, sizeof name, "/portc-conformance-%ld-%d", (long)getpid(), made++);
  pair[0] = check_queue(mq_open(name, O_RDWR | O_CREAT | O_EXCL, 0600, &attributes));
  pair[1] = mq_open(name, O_RDWR);
  mq_unlink(name);
  check_queue(pair[1]);
}

mqd_t new_queue(void) {
  mqd_t pair[2];
  new_queue_pair(pair);
  SETUP(mq_close(pair[1]));
  return pair[0];
}

void put_message(mqd_t queue) { SETUP(mq_send(queue, "message", kSize, 0)); }

void take_message(mqd_t queue) {
  char message[kSize];
  SETUP(mq_receive(queue, message, sizeof message, NULL) == kSize ? 0 : -1);
}

int try_notify(mqd_t queue, int port, void *user) {
  port_notify_t target;
  struct sigevent event = port_sigevent(&target, port, user);
  return mq_notify(queue, &event);
}
