/* SPDX-License-Identifier: MIT */
/*
 * The wake-up protocol of a shared port (sleeping.h). Checked: when nothing moves any more, no thread
 * sleeps whose events are queued.
 *
 * Senders may stop at any time, and the sleeper of the second process may be killed in its sleep.
 * Sequence numbers are bounded by the number of events.
 *
 * -DBREAK=n plants a defect, which must be found:
 *   1  whoever has rung clears the ticket, though it may be another one by then
 *   2  a sender does not read the ticket: only its own process is woken
 *   3  a leader that goes leaves nobody to lead
 *   4  an event that the woken thread left behind is not passed on
 *   5  a thread sleeps without having looked after it got its ticket: the section is left between
 */
#ifndef BREAK
#define BREAK 0
#endif
#ifndef SENDS
#define SENDS 2 /* at most, of each sender */
#endif
#define PROCESSES 3
#ifndef SLEEPERS
#define SLEEPERS 3
#endif
#define KILLED 1
#define BREAK_TICKET (BREAK == 1)
#define BREAK_UNREAD (BREAK == 2)
#define BREAK_NOBODY (BREAK == 3)
#define BREAK_PASSING (BREAK == 4)
#define BREAK_GAP (BREAK == 5)
#include "sleeping.h"

proctype Sender(byte me) {
  LOCALS;
  byte sends;
  do
  :: break
  :: sends < SENDS -> sends++; send()
  od
}

init {
  byte i;
  atomic {
    nobody_leads();
    begin(0, 0, 1);
    begin(1, 0, 2);
    begin(2, 1, 1);
#if SLEEPERS > 3
    begin(3, 0, 1);
#endif
    run Sender(0);
    run Sender(2)
  }
  /* Nothing can move. */
  timeout ->
  d_step {
    do
    :: i == SLEEPERS -> break
    :: else -> assert(!waiting[i] || want[i] > queued); i++
    od
  }
}
