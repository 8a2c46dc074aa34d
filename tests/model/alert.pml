/* SPDX-License-Identifier: MIT */
/*
 * Alert mode (sleeping.h): port_alert() reaches every thread that sleeps, in every process, also if
 * the alert has ended when it looks; and the event that a thread was woken for when the alert took it
 * away goes to another. Checked: when nothing moves any more, no thread sleeps whose events are queued,
 * and none that slept when an alert was set has not got it.
 *
 * An alert is set and ended by another process, at any time between the sends. Source:
 * libportc/source/alert.cc, and Getter::alerted() and take_alert() of core/queue.cc.
 *
 * -DBREAK=n plants a defect, which must be found:
 *   1  an alert does not read the ticket: only its own process is woken
 *   2  an alert that has ended when the thread looks is taken as seen
 *   3  an event that was meant for a thread which the alert took away is not passed on
 */
#ifndef BREAK
#define BREAK 0
#endif
#ifndef SENDS
#define SENDS 1 /* at most, of each sender */
#endif
#ifndef ALERTS
#define ALERTS 1 /* at most, of each who alerts */
#endif
#define PROCESSES 3
#ifndef SLEEPERS
#define SLEEPERS 3
#endif
#define BREAK_ALERT_UNREAD (BREAK == 1)
#define BREAK_ALERT_OVER (BREAK == 2)
#define BREAK_PASSING (BREAK == 3)
#include "sleeping.h"

proctype Sender(byte me) {
  LOCALS;
  byte sends;
  do
  :: break
  :: sends < SENDS -> sends++; send()
  od
}

/* alert_set() and alert_clear(). */
proctype Alerter(byte me) {
  LOCALS;
  byte sets;
  do
  :: break
  :: sets < ALERTS ->
     sets++;
     atomic {
       ENTER
       set_alert();
       leave()
     }
     perform();
     atomic {
       ENTER
       alert_on = false;
       leave()
     }
     perform()
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
    begin(3, 1, 1);
#endif
    run Sender(0);
    run Sender(2);
    run Alerter(2)
  }
  /* Nothing can move. */
  timeout ->
  d_step {
    do
    :: i == SLEEPERS -> break
    :: else ->
       assert(!waiting[i] || want[i] > queued);
       assert(!due[i]);
       i++
    od
  }
}
