/* SPDX-License-Identifier: MIT */
/*
 * The wake-up protocol of a shared port, as libportc/core/lock.cc and wait.cc have it: who is woken
 * by an event, across processes (a write to `wake`, an edge for every process's wait set) and within
 * one (leader, followers, their futexes). Checked: when nothing moves any more, no thread sleeps whose
 * events are queued.
 *
 * Senders may stop at any time, and the sleeper of the second process may be killed in its sleep.
 * A critical section is one atomic step here; that the lock excludes is its own affair. Between the
 * steps lies what the code does without it: to sleep, to take an edge, to ring, to clear the ticket,
 * to wake a futex. Sequence numbers are bounded by the number of events.
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
#ifndef PROCESSES
#define PROCESSES 3
#endif
#ifndef SLEEPERS
#define SLEEPERS 3
#endif
#ifndef SENDERS
#define SENDERS 2
#endif
#ifndef SENDS
#define SENDS 2 /* at most, of each sender */
#endif
#define NONE 15
#define LOCALS                         \
  byte i, best, any, available, rung;  \
  byte follower = NONE;                \
  bool ring, somebody

/* Shared memory, and the kernel. */
byte queued;
byte seq;
byte ticket;  /* 0: nobody needs a ring */
byte tickets; /* last one given out */
bool edge[PROCESSES];

/* Each process's own, under the same lock. */
byte leader[PROCESSES];

/* A sleeper. */
byte process_of[SLEEPERS];
byte want[SLEEPERS];
byte seen[SLEEPERS]; /* seq when it last looked */
bool waiting[SLEEPERS];
bool woken[SLEEPERS];
bool word[SLEEPERS];

inline send_on_its_way(w) {
  woken[w] = true;
  if
  :: w == leader[me] -> ring = true
  :: else -> follower = w
  fi
}

/* The waiting thread of process `me` with the smallest need that is satisfied and not spoken for. */
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

/* port_unlock: what has to be done once the lock is released. */
inline settle(rang) {
  ring = false;
  rung = 0;
  follower = NONE;
  if
  :: rang && queued != 0 && BREAK != 2 ->
     rung = ticket;
     ring = (ticket != 0);
     if
     :: ring && leader[me] != NONE -> woken[leader[me]] = true
     :: else
     fi
  :: else
  fi;
  if
  :: rang || BREAK != 4 -> choose()
  :: else -> best = NONE
  fi;
  if
  :: best != NONE -> send_on_its_way(best)
  :: best == NONE && leader[me] == NONE && BREAK != 3 ->
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
  i = 0;
  best = 0;
  any = 0;
  somebody = false;
  available = 0
}

/* perform(): without the lock. */
inline perform() {
  if
  :: ring -> d_step { i = 0; do :: i == PROCESSES -> break :: else -> edge[i] = true; i++ od; i = 0 }
  :: else
  fi;
  if
  :: rung != 0 -> d_step { if :: ticket == rung || BREAK == 1 -> ticket = 0 :: else fi }
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

proctype Sleeper(byte self; byte me) {
  LOCALS;
  bool leads;
again:
  atomic {
    /* port_lock */
    waiting[self] = false;
    if
    :: leader[me] == self -> leader[me] = NONE
    :: else
    fi;
    if
    :: queued >= want[self] ->
       queued = queued - want[self];

       settle(false);
       goto leave
    :: else
    fi;
    seen[self] = seq;
    waiting[self] = true;
    woken[self] = false;
    word[self] = false;
#if BREAK == 5
  }
  atomic {
#endif
    leads = (leader[me] == NONE);
    if
    :: leads ->
       tickets++;
       ticket = tickets;
       leader[me] = self
    :: else
    fi;
    settle(false)
  }
  perform();
  if
  :: leads ->
end_leading:
     if
     :: atomic { edge[me] -> edge[me] = false }
     :: me == 1 -> atomic { waiting[self] = false; leader[me] = NONE; goto gone } /* killed */
     fi
  :: else ->
end_following:
     word[self]
  fi;
  goto again;
leave:
  perform();
gone:
  skip
}

proctype Sender(byte me) {
  LOCALS;
  byte sends;
  do
  :: break
  :: sends < SENDS ->
     atomic {
       queued++;
       seq++;
       sends++;
       settle(true)
     }
     perform()
  od
}

init {
  byte i;
  atomic {
    do
    :: i == PROCESSES -> break
    :: else -> leader[i] = NONE; i++
    od;
    process_of[0] = 0; want[0] = 1;
    process_of[1] = 0; want[1] = 2;
    process_of[2] = 1; want[2] = 1;
    run Sleeper(0, 0);
    run Sleeper(1, 0);
    run Sleeper(2, 1);
    run Sender(0);
    run Sender(2);
    i = 0
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
