/* SPDX-License-Identifier: MIT */
/*
 * Descriptors that are associated again before the next retrieval, which the runtime does without
 * a system call (libportc/source/fd_item.h): nothing is lost when the descriptor becomes another
 * file unseen, when somebody sleeps, when the port becomes shared, or when it is polled. With
 * PORTC_REARM, portc(7), the same in each of the other modes.
 */
#include <poll.h>
#include <sys/epoll.h>

#include "tests/interpose/support.h"

static const struct timespec kNow = {0, 0};
static const struct timespec kLong = {20, 0};

static int forced(const char *mode) {
  const char *value = getenv("PORTC_REARM");
  return value != NULL && strcmp(value, mode) == 0;
}

/* Does a descriptor that is associated again in time stay enabled in the kernel? */
static int kept_enabled(void) {
  return !forced("oneshot") && !forced("shared") && !forced("exact");
}

static void associate(int port, int fd) {
  CHECK(port_associate(port, PORT_SOURCE_FD, (uintptr_t)fd, POLLIN, NULL) == 0);
}

/* What is there without waiting; its number of events. */
static unsigned take(int port, port_event_t *events, unsigned max) {
  unsigned count = 1;
  CHECK(port_getn(port, events, max, &count, &kNow) == 0);
  return count;
}

static void check_takes_fd(int port, int fd) {
  port_event_t event;
  CHECK(port_get(port, &event, &kLong) == 0);
  CHECK(event.portev_source == PORT_SOURCE_FD && event.portev_object == (uintptr_t)fd);
}

static void check_empty(int port) {
  port_event_t event;
  CHECK(take(port, &event, 1) == 0);
}

static int readable(int port, int raw) {
  struct pollfd item = {port, POLLIN, 0};
  CHECK((raw ? syscall(SYS_poll, &item, 1, 0) : poll(&item, 1, 0)) >= 0);
  return (item.revents & POLLIN) != 0;
}

/* Is the descriptor an item of the port's epoll set that stays enabled when it reports? */
static int is_level(int port, int fd) {
  char name[64], line[256];
  unsigned events = 0;
  int number, found = 0;
  snprintf(name, sizeof name, "/proc/self/fdinfo/%d", port);
  FILE *file = fopen(name, "r");
  CHECK(file != NULL);
  while (!found && fgets(line, sizeof line, file) != NULL)
    found = sscanf(line, "tfd: %d events: %x", &number, &events) == 2 && number == fd;
  fclose(file);
  CHECK(found);
  return (events & EPOLLONESHOT) == 0;
}

/* A pipe whose end has gone through the loop once, so that it is armed without a system call. */
struct channel {
  int in, out;
};

static struct channel looped(int port) {
  int ends[2];
  CHECK(pipe(ends) == 0);
  associate(port, ends[0]);
  write_byte(ends[1]);
  check_takes_fd(port, ends[0]);
  read_byte(ends[0]);
  associate(port, ends[0]);
  return (struct channel){ends[0], ends[1]};
}

/* Another pipe takes the number of c's reading end, whose closing no wrapper sees. The old writer
   stays: with it gone, a duplicate of the old end would report its hang-up. */
static struct channel replace_unseen(struct channel c) {
  int ends[2];
  CHECK(pipe(ends) == 0);
  CHECK(syscall(SYS_dup3, ends[0], c.in, 0) == c.in);
  close(ends[0]);
  return (struct channel){c.in, ends[1]};
}

static void again(void) {
  const int port = port_create();
  const struct channel c = looped(port);
  for (int i = 0; i < 10; ++i) {
    check_empty(port);
    write_byte(c.out);
    check_takes_fd(port, c.in);
    check_empty(port);
    associate(port, c.in); /* still readable */
    check_takes_fd(port, c.in);
    read_byte(c.in);
    associate(port, c.in);
  }
  closefrom(3);
}

static void late(void) {
  const int port = port_create();
  const struct channel c = looped(port);
  for (int i = 0; i < 10; ++i) {
    write_byte(c.out);
    check_takes_fd(port, c.in);
    check_empty(port);
    check_empty(port);
    read_byte(c.in);
    associate(port, c.in);
    check_empty(port);
  }
  closefrom(3);
}

/* Retrieves an event, and associates the descriptor again when the kernel has been asked since. */
static void go_late(int port, struct channel c) {
  write_byte(c.out);
  check_takes_fd(port, c.in);
  check_empty(port);
  read_byte(c.in);
  associate(port, c.in);
}

/* What is tested is what PORTC_REARM says. */
static void mode(void) {
  const int port = port_create();
  int ends[2];
  CHECK(pipe(ends) == 0);
  associate(port, ends[0]);
  CHECK(is_level(port, ends[0]) == kept_enabled());
  const struct channel c = looped(port);
  CHECK(is_level(port, c.in) == kept_enabled());
  go_late(port, c);
  CHECK(is_level(port, c.in) == forced("level"));
  closefrom(3);
}

static void unseen_close(void) {
  const int port = port_create();
  struct channel c = looped(port);
  write_byte(c.out);
  check_takes_fd(port, c.in);
  c = replace_unseen(c);
  associate(port, c.in);
  check_empty(port);
  write_byte(c.out);
  check_takes_fd(port, c.in);
  closefrom(3);
}

/* The same with a duplicate that keeps the old file, and its item, alive. */
static void unseen_close_dup(void) {
  const int port = port_create();
  struct channel c = looped(port);
  write_byte(c.out);
  check_takes_fd(port, c.in);
  read_byte(c.in);
  const int old = dup(c.in);
  c = replace_unseen(c);
  associate(port, c.in);
  check_empty(port);
  write_byte(c.out);
  check_takes_fd(port, c.in);
  close(old);
  closefrom(3);
}

/* Several are armed without a system call: they are asked about a millisecond after the port was
   found empty, by who sleeps then. */
static void unseen_close_many(void) {
  enum { kChannels = 8 };
  const int port = port_create();
  struct channel c[kChannels];
  port_event_t events[kChannels];
  for (int i = 0; i < kChannels; ++i) c[i] = looped(port);
  for (int i = 0; i < kChannels; ++i) write_byte(c[i].out);
  CHECK(take(port, events, kChannels) == kChannels);
  for (int i = 0; i < kChannels; ++i) {
    read_byte(c[i].in);
    if (i == kChannels / 2) c[i] = replace_unseen(c[i]);
    associate(port, c[i].in);
  }
  write_byte(c[kChannels / 2].out);
  CHECK(port_get(port, events, NULL) == 0); /* without a deadline nothing else makes it look */
  CHECK(events[0].portev_object == (uintptr_t)c[kChannels / 2].in);
  check_empty(port);
  closefrom(3);
}

/* The loop never runs empty: the question is asked all the same. */
static void unseen_close_busy(void) {
  const int port = port_create();
  struct channel lost = looped(port);
  const struct channel busy = looped(port);
  write_byte(lost.out);
  check_takes_fd(port, lost.in);
  lost = replace_unseen(lost);
  associate(port, lost.in);
  write_byte(lost.out);
  write_byte(busy.out);
  port_event_t event;
  for (int i = 0;; ++i) {
    CHECK(i < 100000);
    CHECK(port_get(port, &event, &kNow) == 0);
    if (event.portev_object == (uintptr_t)lost.in) break;
    associate(port, busy.in); /* still readable */
  }
  closefrom(3);
}

static void *sleep_for_fd(void *argument) {
  struct sleeper *sleeper = argument;
  __atomic_store_n(&sleeper->tid, (int)syscall(SYS_gettid), __ATOMIC_RELEASE);
  sleeper->result = port_get(sleeper->port, &sleeper->event, &kLong);
  return NULL;
}

/* The thread that sleeps has taken the event before. */
static void *take_and_sleep(void *argument) {
  struct sleeper *sleeper = argument;
  CHECK(port_get(sleeper->port, &sleeper->event, &kLong) == 0);
  return sleep_for_fd(argument);
}

/* A thread sleeps; this one arms a descriptor that has stayed readable all the time. */
static void check_arming_wakes(void *(*body)(void *)) {
  const int port = port_create();
  const struct channel c = looped(port);
  for (int i = 0; i < 20; ++i) {
    struct sleeper sleeper;
    write_byte(c.out);
    if (body == sleep_for_fd) check_takes_fd(port, c.in);
    sleeper_start_as(&sleeper, port, body);
    associate(port, c.in);
    CHECK(pthread_join(sleeper.thread, NULL) == 0);
    CHECK(sleeper.result == 0 && sleeper.event.portev_object == (uintptr_t)c.in);
    read_byte(c.in);
    associate(port, c.in);
  }
  closefrom(3);
}

static void sleeper_woken(void) { check_arming_wakes(sleep_for_fd); }
static void handed_over(void) { check_arming_wakes(take_and_sleep); }

static void *sleep_twice(void *argument) {
  struct sleeper *sleeper = argument;
  __atomic_store_n(&sleeper->tid, (int)syscall(SYS_gettid), __ATOMIC_RELEASE);
  CHECK(port_get(sleeper->port, &sleeper->event, &kLong) == 0);
  __atomic_store_n(&sleeper->error, 1, __ATOMIC_RELEASE);
  sleeper->result = port_get(sleeper->port, &sleeper->event, &kLong);
  return NULL;
}

/* The thread was woken by the descriptor, and sleeps again with the edge used up. The kernel still
   lists the descriptor as ready, so arming it makes no other. */
static void woken_before(void) {
  const int port = port_create();
  const struct channel c = looped(port);
  for (int i = 0; i < 20; ++i) {
    struct sleeper sleeper;
    sleeper_start_as(&sleeper, port, sleep_twice);
    write_byte(c.out);
    while (!__atomic_load_n(&sleeper.error, __ATOMIC_ACQUIRE)) sched_yield();
    sleeper_check_asleep(&sleeper);
    associate(port, c.in);
    CHECK(pthread_join(sleeper.thread, NULL) == 0);
    CHECK(sleeper.result == 0 && sleeper.event.portev_object == (uintptr_t)c.in);
    read_byte(c.in);
    associate(port, c.in);
  }
  closefrom(3);
}

/* A child that has closed the descriptor looks at the queue; that changes nothing for us. */
static void look_without_it(void *argument) {
  const int *numbers = argument;
  port_event_t event;
  close(numbers[1]);
  CHECK_FAILS(port_get(numbers[0], &event, &kNow), ETIME);
  CHECK(readable(numbers[0], 0)); /* the event is queued, for the parent */
}

static void child_looks(void) {
  const int port = port_create();
  const struct channel c = looped(port);
  int numbers[2] = {port, c.in};
  write_byte(c.out);
  check_child(start_child(look_without_it, numbers));
  check_takes_fd(port, c.in);
  CHECK(!readable(port, 0));
  associate(port, c.in);
  CHECK(readable(port, 0));
  check_takes_fd(port, c.in);
  closefrom(3);
}

/* Two events are wanted and one is queued: the second one of the same descriptor counts. */
static void *want_two(void *argument) {
  struct sleeper *sleeper = argument;
  port_event_t events[2];
  unsigned count = 2;
  __atomic_store_n(&sleeper->tid, (int)syscall(SYS_gettid), __ATOMIC_RELEASE);
  sleeper->result = port_getn(sleeper->port, events, 2, &count, &kLong);
  sleeper->error = (int)count;
  return NULL;
}

static void sleeper_wants_two(void) {
  const int port = port_create();
  const struct channel a = looped(port), b = looped(port);
  struct sleeper sleeper;
  write_byte(a.out);
  sleeper_start_as(&sleeper, port, want_two);
  associate(port, a.in); /* takes the queued event back, and fires anew */
  write_byte(b.out);
  CHECK(pthread_join(sleeper.thread, NULL) == 0);
  CHECK(sleeper.result == 0 && sleeper.error == 2);
  closefrom(3);
}

static long switches_of(int tid) {
  char name[64], line[256];
  long count = -1;
  snprintf(name, sizeof name, "/proc/self/task/%d/status", tid);
  FILE *file = fopen(name, "r");
  CHECK(file != NULL);
  while (count < 0 && fgets(line, sizeof line, file) != NULL)
    (void)sscanf(line, "voluntary_ctxt_switches: %ld", &count);
  fclose(file);
  CHECK(count >= 0);
  return count;
}

/* A descriptor that is ready and not associated does not wake who sleeps, however often it becomes
   ready again. (A port that is shared is looked at once a second.) */
static void stays_ready(void) {
  enum { kWrites = 1000, kLooks = 20 };
  const int port = port_create();
  const struct channel c = looped(port);
  for (int i = 0; i < 2; ++i) {
    struct sleeper sleeper;
    write_byte(c.out);
    check_takes_fd(port, c.in);
    sleeper_start(&sleeper, port);
    const long before = switches_of(sleeper.tid);
    for (int n = 0; n < kWrites; ++n) write_byte(c.out);
    const long after = switches_of(sleeper.tid);
    CHECK(after - before <= kLooks);
    CHECK(port_send(port, 88, (void *)(intptr_t)88) == 0);
    sleeper_check_got(&sleeper, 88);
    for (int n = 0; n <= kWrites; ++n) read_byte(c.in);
    associate(port, c.in); /* late: the second time it is another mode's turn */
  }
  closefrom(3);
}

/* More ready descriptors than one look at the kernel shows. */
static void many(void) {
  enum { kChannels = 400 };
  const int port = port_create();
  struct channel c[kChannels];
  static char seen[4 * kChannels];
  port_event_t events[kChannels];
  for (int i = 0; i < kChannels; ++i) c[i] = looped(port);
  for (int round = 0; round < 5; ++round) {
    int taken = 0;
    memset(seen, 0, sizeof seen);
    for (int i = 0; i < kChannels; ++i) write_byte(c[i].out);
    while (taken < kChannels) {
      const unsigned count = take(port, events, round == 0 ? kChannels : 37);
      CHECK(count > 0);
      for (unsigned i = 0; i < count; ++i) {
        const int fd = (int)events[i].portev_object;
        CHECK(fd < (int)sizeof seen && !seen[fd]);
        seen[fd] = 1;
        read_byte(fd);
        associate(port, fd);
      }
      taken += (int)count;
    }
    check_empty(port);
  }
  closefrom(3);
}

static void take_in_child(void *argument) {
  const int *numbers = argument;
  check_takes_fd(numbers[0], numbers[1]);
  read_byte(numbers[1]);
}

/* The child retrieves the parent's event; the parent arms it again, and so on. */
static void forked(void) {
  const int port = port_create();
  const struct channel c = looped(port);
  int numbers[2] = {port, c.in};
  for (int i = 0; i < 5; ++i) {
    const pid_t child = start_child(take_in_child, numbers);
    write_byte(c.out);
    check_child(child);
    associate(port, c.in);
    check_empty(port);
  }
  write_byte(c.out);
  check_takes_fd(port, c.in);
  closefrom(3);
}

/* A child that gives up what it inherited leaves the parent as it was: its descriptors stay enabled
   between two calls, if they were, which a raw system call shows (see polled_raw). */
static void exit_at_once(void *argument) { (void)argument; }

static void give_up(void *argument) {
  const int *numbers = argument;
  close(numbers[1]);
  close(numbers[0]);
}

static void given_up(void) {
  const int port = port_create();
  const struct channel c = looped(port);
  int numbers[2] = {port, c.in};
  check_child(start_child(give_up, numbers));
  check_child(start_child(exit_at_once, NULL));
  write_byte(c.out);
  check_takes_fd(port, c.in);
  CHECK(readable(port, 1) == kept_enabled());
  closefrom(3);
}

/* A child that does use the port sees no descriptor ready that is not armed. */
static void look_at_idle(void *argument) {
  const int *numbers = argument;
  CHECK(!readable(numbers[0], 0));
  check_empty(numbers[0]);
  CHECK(!readable(numbers[0], 1));
}

static void child_polls(void) {
  const int port = port_create();
  const struct channel c = looped(port);
  int numbers[2] = {port, c.in};
  write_byte(c.out);
  check_takes_fd(port, c.in);
  check_child(start_child(look_at_idle, numbers));
  associate(port, c.in);
  check_takes_fd(port, c.in);
  closefrom(3);
}

/* DEVIATION portc(7) inherited-poll: without the descriptor it cannot help seeing it, until the
   parent has used the port. */
static void look_without_descriptor(void *argument) {
  const int *numbers = argument;
  close(numbers[1]);
  CHECK(readable(numbers[0], 0) == kept_enabled());
  check_empty(numbers[0]);
  write_byte(numbers[2]);
  read_byte(numbers[3]);
  CHECK(!readable(numbers[0], 0));
}

static void child_polls_without(void) {
  const int port = port_create();
  const struct channel c = looped(port);
  int to_parent[2], to_child[2];
  CHECK(pipe(to_parent) == 0 && pipe(to_child) == 0);
  int numbers[4] = {port, c.in, to_parent[1], to_child[0]};
  write_byte(c.out);
  check_takes_fd(port, c.in);
  const pid_t child = start_child(look_without_descriptor, numbers);
  read_byte(to_parent[0]);
  check_empty(port);
  write_byte(to_child[1]);
  check_child(child);
  closefrom(3);
}

/* A child sleeps, without the descriptor; the parent arms one that has stayed readable. What is
   then queued is the parent's, and its user events are the child's. */
static void sleep_without_it(void *argument) {
  const int *numbers = argument;
  close(numbers[1]);
  check_takes(numbers[0], 7);
}

static void child_sleeps(void) {
  const int port = port_create();
  const struct channel c = looped(port);
  int numbers[2] = {port, c.in};
  for (int i = 0; i < 5; ++i) {
    write_byte(c.out);
    check_takes_fd(port, c.in);
    const pid_t child = start_child(sleep_without_it, numbers);
    wait_process_asleep(child);
    associate(port, c.in);
    CHECK(port_send(port, 7, (void *)(intptr_t)7) == 0);
    check_child(child);
    check_takes_fd(port, c.in);
    read_byte(c.in);
    associate(port, c.in);
  }
  closefrom(3);
}

/* The child has the descriptor, and sleeps for its events. */
static void sleep_for_it(void *argument) {
  const int *numbers = argument;
  port_event_t event;
  CHECK(port_get(numbers[0], &event, NULL) == 0);
  CHECK(event.portev_source == PORT_SOURCE_FD && event.portev_object == (uintptr_t)numbers[1]);
  read_byte(numbers[1]);
}

static void child_woken(void) {
  for (int i = 0; i < 5; ++i) {
    const int port = port_create();
    const struct channel c = looped(port);
    int numbers[2] = {port, c.in};
    write_byte(c.out);
    check_takes_fd(port, c.in);
    const pid_t child = start_child(sleep_for_it, numbers);
    wait_process_asleep(child);
    associate(port, c.in);
    check_child(child);
    closefrom(3);
  }
}

/* A retrieved event that nobody asked for again does not make the port readable. */
static void polled(void) {
  const int port = port_create();
  const struct channel c = looped(port);
  write_byte(c.out);
  check_takes_fd(port, c.in);
  CHECK(!readable(port, 0));
  associate(port, c.in);
  CHECK(readable(port, 0));
  check_takes_fd(port, c.in);
  CHECK(!readable(port, 1));
  closefrom(3);
}

/* A hang-up neither, which is there whatever is asked for. */
static void polled_hung_up(void) {
  const int port = port_create();
  const struct channel c = looped(port);
  close(c.out);
  check_takes_fd(port, c.in);
  CHECK(!readable(port, 0));
  associate(port, c.in);
  CHECK(readable(port, 0));
  check_takes_fd(port, c.in);
  CHECK(!readable(port, 0));
  closefrom(3);
}

/* A port in a port, of which only POLLRDNORM is asked. */
static void nested_normal(void) {
  port_event_t event;
  const int outer = port_create(), inner = port_create();
  for (int i = 0; i < 3; ++i) {
    CHECK(port_associate(outer, PORT_SOURCE_FD, (uintptr_t)inner, POLLRDNORM, NULL) == 0);
    check_empty(outer);
    CHECK(port_send(inner, 1, NULL) == 0);
    CHECK(take(outer, &event, 1) == 1);
    CHECK(event.portev_events == POLLRDNORM && event.portev_object == (uintptr_t)inner);
    CHECK(take(inner, &event, 1) == 1);
  }
  closefrom(3);
}

/* Fills the queue with an event that only this process can retrieve, and one for everybody. */
static void associate_own(void *argument) {
  const int *numbers = argument;
  int ends[2];
  CHECK(pipe(ends) == 0);
  write_byte(ends[1]);
  associate(numbers[0], ends[0]);
  CHECK(port_send(numbers[0], 1, NULL) == 0);
  write_byte(numbers[1]);
  pause();
}

/* Events that this process may not retrieve do not hide what has become ready since. */
static void others_in_the_way(void) {
  port_event_t events[2];
  int told[2], status;
  CHECK(pipe(told) == 0);
  const int port = port_create();
  int numbers[2] = {port, told[1]};
  const pid_t child = start_child(associate_own, numbers);
  read_byte(told[0]);
  write_byte(told[1]);
  associate(port, told[0]);
  CHECK(take(port, events, 2) == 2);
  CHECK(events[0].portev_source == PORT_SOURCE_USER &&
        events[1].portev_object == (uintptr_t)told[0]);
  CHECK(kill(child, SIGKILL) == 0 && waitpid(child, &status, 0) == child);
  closefrom(3);
}

/* DEVIATION portc(7) raw-calls: by a raw system call it does, until the next call on the port. */
static void polled_raw(void) {
  const int port = port_create();
  const struct channel c = looped(port);
  write_byte(c.out);
  check_takes_fd(port, c.in);
  CHECK(readable(port, 1) == kept_enabled());
  check_empty(port);
  CHECK(!readable(port, 1));
  closefrom(3);
}

/* The same after it was late, when only a forced level keeps it enabled; and then by the wrapper.
 */
static void late_polled(void) {
  const int port = port_create();
  const struct channel c = looped(port);
  go_late(port, c);
  write_byte(c.out);
  check_takes_fd(port, c.in);
  CHECK(readable(port, 1) == forced("level"));
  CHECK(!readable(port, 0));
  CHECK(!readable(port, 1));
  closefrom(3);
}

/* DEVIATION portc(7) raw-calls: an event that does not satisfy who sleeps for two is seen by a raw
   system call only if the port is exactly pollable. */
static void polled_beside_sleeper(void) {
  const int port = port_create();
  struct sleeper sleeper;
  sleeper_start_as(&sleeper, port, want_two);
  CHECK(port_send(port, 1, NULL) == 0);
  CHECK(readable(port, 1) == forced("exact"));
  CHECK(port_send(port, 2, NULL) == 0);
  CHECK(pthread_join(sleeper.thread, NULL) == 0);
  CHECK(sleeper.result == 0 && sleeper.error == 2);
  closefrom(3);
}

int main(int argc, char **argv) {
  static const struct test_case cases[] = {
      {"again", again},
      {"late", late},
      {"mode", mode},
      {"unseen-close", unseen_close},
      {"unseen-close-dup", unseen_close_dup},
      {"unseen-close-busy", unseen_close_busy},
      {"unseen-close-many", unseen_close_many},
      {"sleeper-woken", sleeper_woken},
      {"handed-over", handed_over},
      {"woken-before", woken_before},
      {"child-looks", child_looks},
      {"sleeper-wants-two", sleeper_wants_two},
      {"stays-ready", stays_ready},
      {"many", many},
      {"forked", forked},
      {"given-up", given_up},
      {"child-polls", child_polls},
      {"child-polls-without", child_polls_without},
      {"child-sleeps", child_sleeps},
      {"child-woken", child_woken},
      {"polled", polled},
      {"polled-raw", polled_raw},
      {"late-polled", late_polled},
      {"polled-beside-sleeper", polled_beside_sleeper},
      {"polled-hung-up", polled_hung_up},
      {"nested-normal", nested_normal},
      {"others-in-the-way", others_in_the_way},
      {NULL, NULL},
  };
  return run_case(cases, argc, argv);
}
