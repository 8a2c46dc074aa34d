/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(138, 3, "of two threads that wait for one event each, one is served first") {
  int port = new_port();
  struct waiter early, late;
  waiter_get(&early, port, NULL);
  waiter_get(&late, port, NULL);
  SEND(port, 1, COOKIE(1));
  bool early_waits = task_settle(&early.task), late_waits = task_settle(&late.task);
  SEND(port, 2, COOKIE(2));
  waiter_join(&early);
  waiter_join(&late);
  CHECK_INT(early.result, 0);
  CHECK_INT(late.result, 0);
  CHECK_INT(early.list[0].portev_events + late.list[0].portev_events, 3);
  if (early_waits == late_waits)
    outcome("unclear"); /* the first wake-up was not seen in time */
  else
    outcome(early.list[0].portev_events == 1 ? "FIFO" : "LIFO");
  CHECK_EMPTY(port);
  CLOSE(port);
}
