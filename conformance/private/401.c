/* SPDX-License-Identifier: MIT */
#include "conformance/privates.h"

ASSERTION(401, 1,
          "events of timers, requests, queues, descriptors and senders come in firing order") {
  struct privates privates;
  struct ends pipe = new_pipe();
  int port = new_port();
  privates_start(&privates, port);
  ASSOCIATE(port, pipe.r, POLLIN, COOKIE(4));
  SEND(port, 1, COOKIE(1));
  fire_queue(&privates);
  AWAIT_QUEUED(port, 2);
  SEND(port, 2, COOKIE(2));
  fire_request(&privates);
  AWAIT_QUEUED(port, 4);
  put(pipe.w);
  AWAIT_QUEUED(port, 5);
  fire_timer(&privates);
  AWAIT_QUEUED(port, 6);
  SEND(port, 3, COOKIE(3));

  CHECK_NEXT_USER(port, 1, COOKIE(1));
  CHECK_NEXT_MQ(port, privates.queue, COOKIE(kQueueUser));
  CHECK_NEXT_USER(port, 2, COOKIE(2));
  CHECK_NEXT_AIO(port, &privates.request, kAioRead, COOKIE(kRequestUser));
  CHECK_NEXT_FD(port, pipe.r, POLLIN, COOKIE(4));
  CHECK_NEXT_TIMER(port, privates.timer, 1, COOKIE(kTimerUser));
  CHECK_NEXT_USER(port, 3, COOKIE(3));
  CHECK_EMPTY(port);
  privates_end(&privates);
  CLOSE(port, pipe.r, pipe.w);
}
