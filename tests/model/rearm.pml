/* SPDX-License-Identifier: MIT */
/*
 * How a descriptor is armed again (libportc/source/fd_item.h), and the change from level to one-shot
 * when a second process uses the port, or somebody polls it; with the threads that sleep meanwhile
 * (sleeping.h), and what the kernel does with the item of an epoll set. Checked: when nothing moves any
 * more, no thread sleeps whose events are queued, or while the descriptor is armed and ready; and
 * a port that is polled looks ready if, and only if, an event can be retrieved.
 *
 * One descriptor, associated by the first process, which two threads share: one wants one event, the
 * other two. The second process, a fork child that has the descriptor, sleeps for events, and uses the
 * port for the first time with that; or it gives up the port without ever having used it. Whoever
 * retrieves the descriptor's event reads it empty and associates it again, or does not. Besides, it is written to,
 * one of these happens at any time: a user event is sent, a thread associates the descriptor once more,
 * ready or not, or somebody polls the port (-DTOGETHER: all of them). Whether it was in time, and so gets level again where that is allowed, is left open: so
 * are the modes that PORTC_REARM forces.
 *
 * -DBREAK=n plants a defect, which must be found:
 *   1  to arm an item that was disabled while the kernel had it listed does not collect
 *   2  who joins disables armed items, too
 *   3  the doorbell stays up when the queue is empty
 *   4  a process that is not alone any more arms without a system call
 */
#ifndef BREAK
#define BREAK 0
#endif
#ifndef WRITES
#define WRITES 1
#endif
#define PROCESSES 2
#undef SLEEPERS
#define SLEEPERS 3
#define shared shared_flag
#define TICKETS 8
#ifndef CALLS
#define CALLS 1 /* at most, of each thread that is served */
#endif
#define ENTER d_step { catch_up() };
#define collect(last) sources_collect(last)
#define before_sleep() (me == 0 && level && queued != 0)
#define take() take_events()
#define leaving() unlocking()
#define AGAIN use_events(); calls++; if :: calls == CALLS -> goto gone :: else fi
#define set_looked() listed = false
#define set_ready() (doorbell || listed && watched && ready)

/* The slot. */
mtype = { armed, fired, idle };
mtype state = armed;
bool level = true; /* kSlotLevel */
bool disabled;     /* kSlotDisabled */
/* The port. */
bool shared_flag;
bool exact;
bool solo = true;  /* of the first process; the other's is never set */
bool announced[2];
bool probed[2];

/* The kernel: the item, the list of those that may be ready, and the set as an item of wait sets. */
bool ready; /* the descriptor */
bool watched = true;
bool oneshot;
bool named = true; /* the item's key is the slot's, and not nobody's */
bool listed;
bool doorbell;
bool set_edge[2];

#define level_allowed (me == 0 && (solo && !shared_flag && !exact || BREAK == 4))
#define nobody_waits_here (me == 0 && !waiting[0] && !waiting[1])

/* ep_poll_callback() of the kernel's fs/eventpoll.c, and what a wait set sees of it. */
inline wake_set() {
  set_edge[0] = true;
  set_edge[1] = true
}

/* item_calm() of source/fd_item.cc. The kernel leaves a disabled item in the list. */
inline calm() {
  if
  :: level ->
     watched = false;
     oneshot = true;
     named = false;
     level = false;
     disabled = true;
     if
     :: exact -> probed[me] = true
     :: else
     fi
  :: else
  fi
}

/* sources_collect() of source/sources.cc, fd_reported() of source/fd.cc, and item_reported() and
   item_fired() of source/fd_item.cc; epoll_wait() of one item. */
inline sources_collect(last) {
  if
  :: state == armed || me == 0 && level || probed[me] ->
     probed[me] = false;
     if
     :: listed && watched && ready ->
        listed = !oneshot;
        watched = !oneshot;
        if
        :: !named
        :: named && state == armed ->
           state = fired;
           queued++;
           seq++;
           rang = true;
           if
           :: !level_allowed -> calm()
           :: else
           fi
        :: named && state != armed && (!level || state == fired && !last)
        :: named && state != armed && level && (state == idle || last) -> calm()
        fi
     :: else -> listed = false
     fi
  :: else
  fi
}

/* fd_joined() and fd_not_solo() of source/fd.cc. */
inline calm_unarmed() {
  if
  :: state != armed -> calm()
  :: else
  fi
}

/* catch_up() of core/lock.cc; needs_catching_up() says when. */
inline catch_up() {
  if
  :: !announced[me] ->
     announced[me] = true;
     if
     :: !shared_flag -> edge[0] = true; edge[1] = true
     :: else
     fi;
     shared_flag = true;
     if
     :: BREAK == 2 -> calm()
     :: else -> calm_unarmed()
     fi
  :: else
  fi;
  if
  :: me == 0 && solo && (shared_flag || exact) -> solo = false; calm_unarmed()
  :: else
  fi
}

/* port_unlock() of core/lock.cc, before it settles. */
inline unlocking() {
  if
  :: probed[me] -> sources_collect(true)
  :: else
  fi;
  if
  :: exact && doorbell && queued == 0 && BREAK != 3 -> doorbell = false
  :: exact && !doorbell && queued != 0 -> doorbell = true; wake_set()
  :: else
  fi
}

/* Getter::take() of core/queue.cc, retire() of source/fd.cc, item_retired() of source/fd_item.cc.
   Which of two events came first is left open. */
inline take_events() {
  if
  :: state == fired ->
     state = idle;
     has_it = true;
     if
     :: !level_allowed -> calm()
     :: else
     fi
  :: state != fired || queued > want[self]
  fi;
  queued = queued - want[self]
}

/* rearm_known() of source/fd.cc: item_stands(), or item_arm(), of source/fd_item.cc. */
inline associate() {
  if
  :: level && level_allowed && nobody_waits_here
  :: else ->
     oneshot = true;
     if
     :: level_allowed -> oneshot = false
     :: true
     fi;
     watched = true;
     named = true;
     if
     :: ready && !listed -> listed = true; wake_set()
     :: else
     fi;
     level = !oneshot;
     if
     :: disabled -> disabled = false; probed[me] = (BREAK != 1)
     :: else
     fi
  fi;
  if
  :: state == fired -> queued--
  :: else
  fi;
  state = armed
}

/* port_associate(). */
inline call_associate() {
  atomic {
    ENTER
    associate();
    leave()
  }
  perform()
}

/* What the program does with what it has retrieved. */
inline use_events() {
  if
  :: has_it ->
     has_it = false;
     if
     :: ready = false; call_associate()
     :: ready = false
     :: true
     fi
  :: else
  fi
}

#define EXTRA bool has_it; byte calls
#include "sleeping.h"

/* The other end of the descriptor; the kernel tells the item. */
proctype Writer() {
  byte writes;
  do
  :: break
  :: writes < WRITES ->
     atomic {
       writes++;
       ready = true;
       if
       :: watched -> listed = true; wake_set()
       :: else
       fi
     }
  od
}

proctype Sender(byte me) {
  LOCALS;
  send()
}

proctype Associator(byte me) {
  LOCALS;
  call_associate()
}

/* port_set_exact() of core/lock.cc. */
proctype Poller(byte me) {
  LOCALS;
  atomic {
    ENTER
    exact = true;
    solo = false;
    calm_unarmed();
    probed[me] = true;
    leave()
  }
  perform()
}

/* Purpose::kGiveUp of core/port.h: a process that has not used the port does not catch up. */
proctype Leaver(byte me) {
  LOCALS;
  atomic { leave() }
  perform()
}

init {
  byte i;
  atomic {
    nobody_leads();
    announced[0] = true;
    begin(0, 0, 1);
    if
    :: begin(1, 0, 2)
    :: true
    fi;
    if
    :: begin(2, 1, 1)
    :: run Leaver(1)
    fi;
    run Writer();
#ifdef TOGETHER
    run Sender(0);
    run Associator(0);
    run Poller(0)
#else
    if
    :: run Associator(0)
    :: run Poller(0)
    :: run Sender(0)
    fi
#endif
  }
  /* Nothing can move. */
  timeout ->
  d_step {
    do
    :: i == SLEEPERS -> break
    :: else ->
       assert(!waiting[i] || want[i] > queued);
       assert(!waiting[i] || state != armed || !ready);
       i++
    od;
    assert(!exact || set_ready() == (queued != 0 || state == armed && ready))
  }
}
