/* SPDX-License-Identifier: MIT */
/*
 * A port that is closed while threads sleep on it (sleeping.h): whoever came by the number that is
 * closed returns, whoever came by another number of the same port sleeps on, and gets the events and
 * the place of leader that were the others'. Checked: when nothing moves any more, no thread sleeps
 * whose number is closed, or whose events are queued.
 *
 * The first process has two numbers and closes one of them; the second one closes its only one,
 * which is how a process gives a port up. Source: close_port_number() of
 * libportc/core/descriptor.cc, port_kick() of core/wait.cc, Getter::wait() of core/queue.cc.
 *
 * -DBREAK=n plants a defect, which must be found:
 *   1  a thread that is about to sleep does not look whether its number has been closed
 *   2  closing does not ring for the leader
 *   3  a leader that is sent away leaves nobody to lead
 *   4  an event that was meant for a thread which is sent away is not passed on
 */
#ifndef BREAK
#define BREAK 0
#endif
#ifndef SENDS
#define SENDS 1 /* at most, of each sender */
#endif
#define PROCESSES 3
#if !defined SLEEPERS && BREAK == 4
#define SLEEPERS 4 /* which this defect needs to show */
#elif !defined SLEEPERS
#define SLEEPERS 3
#endif
#define NUMBERS 3 /* 0 and 1: of the first process; 2: of the second */
#define BREAK_CLOSED_BEFORE (BREAK == 1)
#define BREAK_KICKED_LEADER (BREAK == 2)
#define BREAK_NOBODY (BREAK == 3)
#define BREAK_PASSING (BREAK == 4)
#include "sleeping.h"

proctype Sender(byte me) {
  LOCALS;
  byte sends;
  do
  :: break
  :: sends < SENDS -> sends++; send()
  od
}

/* close_port_number() of core/descriptor.cc. */
proctype Closer(byte me; byte number) {
  LOCALS;
  atomic {
    ENTER
    kick(number);
    closed[number] = true;
    leave()
  }
  perform()
}

init {
  byte i;
  atomic {
    nobody_leads();
    number_of[1] = 1;
    number_of[2] = 2;
    begin(0, 0, 1);
    begin(1, 0, 2);
    begin(2, 1, 1);
#if SLEEPERS > 3
    number_of[3] = 1;
    begin(3, 0, 1);
#endif
    run Sender(0);
    run Sender(2);
    run Closer(0, 0);
    run Closer(1, 2)
  }
  /* Nothing can move. */
  timeout ->
  d_step {
    do
    :: i == SLEEPERS -> break
    :: else ->
       assert(!waiting[i] || want[i] > queued);
       assert(!waiting[i] || !closed[number_of[i]]);
       i++
    od
  }
}
