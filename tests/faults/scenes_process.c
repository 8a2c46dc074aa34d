/* SPDX-License-Identifier: MIT */
/* Threads that sleep, and other processes that have the port. */
#include "tests/faults/parts.h"

#include <sys/prctl.h>

static void *sleep_in_get(void *argument) {
  struct world *w = argument;
  __atomic_store_n(&w->tid, (int)syscall(SYS_gettid), __ATOMIC_RELEASE);
  w->thread_result = port_get(w->port, &w->event, &kLong);
  return NULL;
}

/* Until a thread of /proc/WHO sleeps in the kernel's wait for a port. */
static void wait_asleep(const char *who) {
  char path[64], text[64];
  snprintf(path, sizeof path, "/proc/%s/syscall", who);
  for (;;) {
    FILE *file = fopen(path, "r");
    CHECK(file != NULL && fgets(text, sizeof text, file) != NULL);
    fclose(file);
    const int number = atoi(text);
    if (number == SYS_ppoll || number == SYS_futex) return;
    sched_yield();
  }
}

static void a_sleeper(struct world *w) {
  char who[32];
  a_port(w);
  CHECK(pthread_create(&w->thread, NULL, sleep_in_get, w) == 0);
  while (__atomic_load_n(&w->tid, __ATOMIC_ACQUIRE) == 0) sched_yield();
  snprintf(who, sizeof who, "self/task/%d", w->tid);
  wait_asleep(who);
}

/* It sends and gets once, then does what it is told, a letter at a time. */
static void be_peer(struct world *w, int orders, int answers) {
  port_event_t event;
  char letter;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  CHECK(port_send(w->port, 1, NULL) == 0 && port_get(w->port, &event, &kLong) == 0);
  while (read(orders, &letter, 1) == 1) {
    if (letter == 'g') CHECK(port_get(w->port, &event, &kLong) == 0);
    if (letter == 'a') CHECK(associate_pipe(w) == 0);
    if (letter == 'q') exit(0);
    CHECK(write(answers, &letter, 1) == 1);
  }
  _exit(0);
}

static void order(struct world *w, char letter) { CHECK(write(w->hears, &letter, 1) == 1); }

static void await_answer(struct world *w, char letter) {
  struct pollfd item = {w->says, POLLIN, 0};
  char said = 0;
  CHECK(poll(&item, 1, 5000) == 1 && read(w->says, &said, 1) == 1 && said == letter);
}

static void a_peer(struct world *w) {
  int orders[2], answers[2];
  a_pipe(w);
  CHECK(pipe(orders) == 0 && pipe(answers) == 0);
  w->peer = fork();
  CHECK(w->peer >= 0);
  if (w->peer == 0) {
    close(orders[1]);
    close(answers[0]);
    be_peer(w, orders[0], answers[1]);
  }
  close(orders[0]);
  close(answers[1]);
  w->hears = orders[1];
  w->says = answers[0];
  order(w, '-');
  await_answer(w, '-');
}

static void a_sleeping_peer(struct world *w) {
  char who[16];
  a_peer(w);
  order(w, 'g');
  snprintf(who, sizeof who, "%d", (int)w->peer);
  wait_asleep(who);
}

static void a_peers_association(struct world *w) {
  a_peer(w);
  order(w, 'a');
  await_answer(w, 'a');
}

static void a_peers_ready_pipe(struct world *w) {
  a_peers_association(w);
  CHECK(write(w->ends[1], "x", 1) == 1);
}

static void forget_peer(struct world *w) {
  int status;
  CHECK(waitpid(w->peer, &status, 0) == w->peer);
  close(w->hears);
  close(w->says);
  w->peer = 0;
}

/* It gives up what it has in the port. */
static void end_peer(struct world *w) {
  order(w, 'q');
  forget_peer(w);
}

/* It had an event of its own in the queue when it was killed. */
static void a_dead_peer(struct world *w) {
  uint_t count = 0;
  a_peers_ready_pipe(w);
  CHECK(port_getn(w->port, NULL, 0, &count, NULL) == 0);
  CHECK(kill(w->peer, SIGKILL) == 0);
  forget_peer(w);
}

static void pipe_of_peer_works(struct world *w) {
  CHECK(write(w->ends[1], "x", 1) == 1);
  takes(w, PORT_SOURCE_FD);
  end_peer(w);
}

static void sleeper_wakes(struct world *w) {
  CHECK(pthread_join(w->thread, NULL) == 0);
  CHECK(w->thread_result == 0 && w->event.portev_source == PORT_SOURCE_USER);
}

static void sleeper_sees_alert(struct world *w) {
  CHECK(pthread_join(w->thread, NULL) == 0);
  CHECK(w->thread_result == 0 && w->event.portev_source == PORT_SOURCE_ALERT);
  CHECK(alert_end(w) == 0);
}

static void sleeper_is_next(struct world *w) {
  CHECK(port_send(w->port, kValue, w) == 0);
  sleeper_wakes(w);
}

static void peer_wakes(struct world *w) {
  await_answer(w, 'g');
  end_peer(w);
}

static void settle_peer(struct world *w) {
  took(w);
  end_peer(w);
}

const struct scene process_scenes[] = {
    {"send to a sleeper", "port_send", send_one, a_sleeper, sleeper_wakes, NULL, 0, 0},
    {"send to a process", "port_send", send_one, a_sleeping_peer, peer_wakes, NULL, 0, 0},
    {"get and sleep behind", "port_get", get_soon, a_sleeper, sleeper_is_next, NULL, 0, 0},
    {"get what is shared", "port_get", get_patiently, a_peers_ready_pipe, settle_peer, NULL, 0, 0},
    {"get what a dead process left", "port_get", get_now, a_dead_peer, NULL, NULL, 0, 0},
    {"associate another's", "port_associate", associate_pipe, a_peers_association,
     pipe_of_peer_works, NULL, 0, 0},
    {"alert a sleeper", "port_alert", alert_set, a_sleeper, sleeper_sees_alert, NULL, 0, 0},
    {NULL, NULL, NULL, NULL, NULL, NULL, 0, 0}};
