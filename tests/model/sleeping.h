/* SPDX-License-Identifier: MIT */
/*
 * What the models of this folder share: sleeping on a port and being woken, as
 * libportc/core/lock.cc and wait.cc have it, across processes (a write to `wake`, an edge for every
 * process's wait set) and within one (leader, followers, their futexes).
 *
 * A critical section is one atomic step here; that the lock excludes is its own affair. Between the
 * steps lies what the code does without it: to sleep, to take an edge, to ring, to clear the ticket,
 * to wake a futex.
 *
 * A model defines before it includes this, or leaves out:
 *   PROCESSES, SLEEPERS   how many
 *   KILLED                the process whose leader may be killed in its sleep
 *   ALERTS                there is alert mode
 *   NUMBERS               threads come by several numbers of the port, which can be closed
 *   AGAIN                 who has got what it wants comes again
 *   shared                more than one process has used the port (kFlagShared)
 *   ENTER                 catch_up() of core/lock.cc
 *   collect(last)         sources_collect(); `last`: before_sleep
 *   take()                Getter::take() of core/queue.cc
 *   leaving()             what port_unlock() does besides
 *   set_ready()           whether the port's own set, of which set_edge[] is an edge, has something
 * BREAK numbers are the including model's: BREAK_name is true if it plants that defect.
 */
#define NONE 15
#define LOCALS                              \
  byte i, best, any, available, rung, seen_; \
  byte follower = NONE;                     \
  bool ring, somebody, rang, served

#ifndef KILLED
#define KILLED NONE
#endif
#ifndef shared
#define shared true
#endif
/* Numbers of tickets. That one is used again only adds to what can happen. */
#ifndef TICKETS
#define TICKETS 250
#endif
#ifndef BREAK_TICKET
#define BREAK_TICKET false
#endif
#ifndef BREAK_UNREAD
#define BREAK_UNREAD false
#endif
#ifndef BREAK_NOBODY
#define BREAK_NOBODY false
#endif
#ifndef BREAK_PASSING
#define BREAK_PASSING false
#endif
#ifndef BREAK_GAP
#define BREAK_GAP 0
#endif
#ifndef BREAK_ALERT_OVER
#define BREAK_ALERT_OVER false
#endif
#ifndef BREAK_ALERT_UNREAD
#define BREAK_ALERT_UNREAD false
#endif
#ifdef ALERTS
/* alert_set() of source/alert.cc. */
inline set_alert() {
  alerts++;
  alert_on = true;
  rang = true;
  i = 0;
  do
  :: i == SLEEPERS -> break
  :: else -> due[i] = due[i] || waiting[i]; i++
  od
}
#define alert_is_on (alert_on && !BREAK_ALERT_UNREAD)
#else
#define alert_is_on false
#endif

/* Shared memory, and the kernel. */
byte queued;
byte seq;
byte ticket;  /* 0: nobody needs a ring */
byte tickets; /* last one given out */
bool edge[PROCESSES];
#ifdef ALERTS
bool alert_on;
byte alerts; /* set so far: alert_count */
#endif

/* Each process's own, under the same lock. */
byte leader[PROCESSES];

/* A sleeper. */
byte process_of[SLEEPERS];
byte want[SLEEPERS];
byte seen[SLEEPERS]; /* seq when it last looked */
bool waiting[SLEEPERS];
bool woken[SLEEPERS];
bool word[SLEEPERS];
#ifdef ALERTS
byte alert_seen[SLEEPERS];
bool due[SLEEPERS]; /* an alert was set while it slept */
#endif
#ifdef NUMBERS
byte number_of[SLEEPERS];
bool closed[NUMBERS];
bool kicked[SLEEPERS];
#endif

/* send_on_its_way() of core/lock.cc. */
inline send_on_its_way(w) {
  woken[w] = true;
  if
  :: w == leader[me] -> ring = true
  :: else -> follower = w
  fi
}

/* wake_for_alert() of core/lock.cc: the followers' calls are made in the section. */
inline wake_for_alert() {
#ifdef ALERTS
  i = 0;
  do
  :: i == SLEEPERS -> break
  :: else ->
     if
     :: waiting[i] && process_of[i] == me && !woken[i] && alert_seen[i] != alerts ->
        woken[i] = true;
        if
        :: i == leader[me] -> ring = true
        :: else -> word[i] = true
        fi
     :: else
     fi;
     i++
  od
#else
  skip
#endif
}

/* choose() of core/lock.cc: the waiting thread of process `me` with the smallest need that is
   satisfied and not spoken for. */
inline choose() {
  available = queued;
  best = NONE;
  i = 0;
  do
  :: i == SLEEPERS -> break
  :: else ->
     if
     :: waiting[i] && process_of[i] == me && woken[i] ->
        available = (available < want[i] -> 0 : available - want[i])
     :: else
     fi;
     i++
  od;
  i = 0;
  do
  :: i == SLEEPERS -> break
  :: else ->
     if
     :: waiting[i] && process_of[i] == me && !woken[i] && seen[i] != seq && want[i] <= available &&
        (best == NONE || want[i] < want[best]) -> best = i
     :: else
     fi;
     i++
  od
}

/* settle() and settle_local() of core/lock.cc, at the end of port_unlock(): what has to be done once
   the lock is released. `rang`: this section has queued events, or set an alert. */
inline settle() {
  ring = false;
  rung = 0;
  follower = NONE;
  if
  :: rang && shared && (queued != 0 || alert_is_on) && !BREAK_UNREAD ->
     rung = ticket;
     ring = (ticket != 0);
     if
     :: ring && leader[me] != NONE -> woken[leader[me]] = true
     :: else
     fi
  :: else
  fi;
  wake_for_alert();
  if
  :: rang || !BREAK_PASSING -> choose()
  :: else -> best = NONE
  fi;
  if
  :: best != NONE -> send_on_its_way(best)
  :: best == NONE && leader[me] == NONE && !BREAK_NOBODY ->
     /* Somebody has to lead, unless one is on its way. */
     i = 0;
     any = NONE;
     somebody = false;
     do
     :: i == SLEEPERS -> break
     :: else ->
        if
        :: waiting[i] && process_of[i] == me && woken[i] -> somebody = true
        :: waiting[i] && process_of[i] == me && !woken[i] -> any = i
        :: else
        fi;
        i++
     od;
     if
     :: !somebody && any != NONE -> send_on_its_way(any)
     :: else
     fi
  :: else
  fi;
  rang = false;
  i = 0;
  best = 0;
  any = 0;
  somebody = false;
  available = 0;
  seen_ = 0
}

/* port_lock() and port_unlock() of core/lock.cc, around what a section does. No section may begin with
   a statement that only this process sees, such as skip: spin would take the whole of it for one. */
#ifndef ENTER
#define ENTER
#endif

inline leave() {
  d_step {
#ifdef leaving
    leaving();
#endif
    settle()
  }
}

/* perform() of core/lock.cc: without the lock. */
inline perform() {
  if
  :: ring -> d_step { i = 0; do :: i == PROCESSES -> break :: else -> edge[i] = true; i++ od; i = 0 }
  :: else
  fi;
  if
  :: rung != 0 -> d_step { if :: ticket == rung || BREAK_TICKET -> ticket = 0 :: else fi }
  :: else
  fi;
  if
  :: follower != NONE -> word[follower] = true
  :: else
  fi;
  ring = false;
  rung = 0;
  follower = NONE
}

/* port_kick() of core/wait.cc: those who came by that number. In the section. */
inline kick(number) {
#ifdef NUMBERS
  i = 0;
  do
  :: i == SLEEPERS -> break
  :: else ->
     if
     :: waiting[i] && process_of[i] == me && number_of[i] == number ->
        kicked[i] = true;
        woken[i] = true;
        if
        :: i == leader[me] -> somebody = !BREAK_KICKED_LEADER
        :: else -> word[i] = true
        fi
     :: else
     fi;
     i++
  od;
  if
  :: somebody -> i = 0; do :: i == PROCESSES -> break :: else -> edge[i] = true; i++ od
  :: else
  fi;
  i = 0;
  somebody = false
#else
  skip
#endif
}

/* remove_waiter() of core/wait.cc. */
inline remove_waiter() {
  waiting[self] = false;
  woken[self] = false;
  word[self] = false;
  if
  :: leader[me] == self -> leader[me] = NONE
  :: else
  fi
}

/* port_get(): Getter::run() of core/queue.cc, and port_sleep() of core/wait.cc. */
proctype Sleeper(byte self; byte me) {
  LOCALS;
  bool leads;
#ifdef EXTRA
  EXTRA;
#endif
call:
#ifdef ALERTS
  atomic { ENTER alert_seen[self] = alerts; goto look }
#endif
again:
  atomic {
    ENTER
    d_step { remove_waiter() };
    served = false;
#ifdef NUMBERS
    if
    :: kicked[self] -> leave(); goto left
    :: else
    fi;
#endif
look:
#ifdef ALERTS
    /* Getter::alerted() */
    if
    :: !alert_on && BREAK_ALERT_OVER -> alert_seen[self] = alerts
    :: else
    fi;
    if
    :: alert_on || alerts != alert_seen[self] -> due[self] = false; leave(); goto left
    :: else
    fi;
#endif
#ifdef collect
    d_step { collect(false) };
#endif
    if
    :: queued >= want[self] -> goto get
    :: else
    fi;
#ifdef collect
    /* Getter::wait() */
    seen_ = seq;
    if
    :: before_sleep() -> d_step { collect(true) }
    :: else
    fi;
    if
    :: seq != seen_ && queued >= want[self] -> goto get
    :: else
    fi;
#endif
#ifdef NUMBERS
    if
    :: closed[number_of[self]] && !BREAK_CLOSED_BEFORE -> leave(); goto left
    :: else
    fi;
#endif
    seen[self] = seq;
    waiting[self] = true;
    woken[self] = false;
    word[self] = false;
#if BREAK_GAP
  }
  atomic {
#endif
    leads = (leader[me] == NONE);
    if
    :: leads ->
       tickets = tickets % TICKETS + 1;
       ticket = tickets;
       leader[me] = self
    :: else
    fi;
    leave();
    goto sleep;
get:
    served = true;
#ifdef take
    take();
#else
    queued = queued - want[self];
#endif
    leave();
    goto left
  }
sleep:
  perform();
  if
  :: leads ->
end_leading:
     if
     :: atomic { edge[me] -> edge[me] = false }
#ifdef set_ready
     :: atomic { set_edge[me] && set_ready() -> set_edge[me] = false }
     :: atomic { set_edge[me] && !set_ready() -> set_edge[me] = false; set_looked(); goto end_leading }
#endif
     :: me == KILLED -> atomic { waiting[self] = false; leader[me] = NONE; goto gone }
     fi
  :: else ->
end_following:
     word[self]
  fi;
  goto again;
left:
  perform();
#ifdef AGAIN
  if
  :: served -> AGAIN; goto call
  :: else
  fi;
#endif
gone:
  skip
}

/* port_send(). */
inline send() {
  atomic {
    ENTER
    queued++;
    seq++;
    rang = true;
    leave()
  }
  perform()
}

inline begin(number, process, needs) {
  process_of[number] = process;
  want[number] = needs;
  run Sleeper(number, process)
}

inline nobody_leads() {
  i = 0;
  do
  :: i == PROCESSES -> break
  :: else -> leader[i] = NONE; i++
  od;
  i = 0
}
