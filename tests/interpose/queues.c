/* SPDX-License-Identifier: MIT */
/*
 * Message queues that notify a port beside queues that notify in libc's ways: each kind behaves as
 * if the other were not there.
 */
#include <dirent.h>
#include <mqueue.h>
#include <poll.h>

#include "tests/interpose/support.h"

enum { kSignal = 40, kRounds = 2000, kHidden = 512 };

static const struct timespec kAtOnce = {0, 0}, kLong = {20, 0};

static mqd_t new_queue(void) {
  static int made;
  char name[64];
  struct mq_attr attributes = {.mq_maxmsg = 1, .mq_msgsize = 1};
  snprintf(name, sizeof name, "/portc-interpose-%d-%d", (int)getpid(), made++);
  const mqd_t queue = mq_open(name, O_RDWR | O_CREAT | O_EXCL, 0600, &attributes);
  CHECK(queue >= 0);
  CHECK(mq_unlink(name) == 0);
  return queue;
}

static void put(mqd_t queue) { CHECK(mq_send(queue, "m", 1, 0) == 0); }

static void take(mqd_t queue) {
  char byte;
  CHECK(mq_receive(queue, &byte, 1, NULL) == 1);
}

static void *as_pointer(long n) { return (void *)n; }

static int notify_port(mqd_t queue, int port, long user) {
  port_notify_t target = {port, as_pointer(user)};
  struct sigevent event = {.sigev_notify = SIGEV_PORT};
  event.sigev_value.sival_ptr = &target;
  return mq_notify(queue, &event);
}

static void check_port_has(int port, mqd_t queue, long user) {
  port_event_t event;
  CHECK(port_get(port, &event, &kLong) == 0);
  CHECK(event.portev_source == PORT_SOURCE_MQ && event.portev_events == 0);
  CHECK(event.portev_object == (uintptr_t)queue && event.portev_user == as_pointer(user));
}

static void check_port_empty(int port) {
  port_event_t event;
  CHECK_FAILS(port_get(port, &event, &kAtOnce), ETIME);
}

/* --- libc's ways --- */

/* Blocked: it is waited for. */
static sigset_t the_signal(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, kSignal);
  return set;
}

static int notify_signal(mqd_t queue, long user) {
  struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = kSignal};
  event.sigev_value.sival_ptr = as_pointer(user);
  return mq_notify(queue, &event);
}

static void check_signal(long user) {
  siginfo_t info;
  const sigset_t set = the_signal();
  CHECK(sigtimedwait(&set, &info, &kLong) == kSignal);
  CHECK(info.si_code == SI_MESGQ && info.si_value.sival_ptr == as_pointer(user));
  CHECK(info.si_pid == getpid() && info.si_uid == getuid());
}

static void check_no_signal(void) {
  const sigset_t set = the_signal();
  CHECK_FAILS(sigtimedwait(&set, NULL, &kAtOnce), EAGAIN);
}

static int notify_none(mqd_t queue) {
  struct sigevent event = {.sigev_notify = SIGEV_NONE};
  return mq_notify(queue, &event);
}

#ifdef __SANITIZE_THREAD__
/* libc makes the thread where ThreadSanitizer cannot see it, and its code cannot run there. */
static int notify_thread(mqd_t queue, int into) {
  (void)into;
  return notify_none(queue);
}

static void check_thread_ran(int end) { (void)end; }
#else
static int threads(void) {
  int count = 0;
  DIR *directory = opendir("/proc/self/task");
  CHECK(directory != NULL);
  while (readdir(directory) != NULL) ++count;
  closedir(directory);
  return count;
}

/* With the one that libc keeps for good, and without those that run what it was asked to. */
static int quiet_threads;

static void write_value(union sigval value) { CHECK(write(value.sival_int, "t", 1) == 1); }

static int notify_thread(mqd_t queue, int into) {
  struct sigevent event = {.sigev_notify = SIGEV_THREAD};
  event.sigev_notify_function = write_value;
  event.sigev_value.sival_int = into;
  const int result = mq_notify(queue, &event);
  quiet_threads = threads();
  return result;
}

/* It has ended, too: libc unblocks every signal in it, and the next one could be delivered there.
 */
static void check_thread_ran(int end) {
  read_byte(end);
  while (threads() > quiet_threads) sched_yield();
}
#endif

/* What libc does with one queue, whatever else is going on. */
static void check_libc_kinds(void) {
  int ends[2];
  CHECK(pipe(ends) == 0);
  const mqd_t queue = new_queue();
  CHECK(mq_notify(queue, NULL) == 0); /* Linux: nothing to end is no error */
  CHECK(notify_signal(queue, 7) == 0);
  CHECK_FAILS(notify_signal(queue, 8), EBUSY);
  CHECK_FAILS(notify_none(queue), EBUSY);
  put(queue);
  check_signal(7);
  take(queue);
  CHECK(notify_thread(queue, ends[1]) == 0);
  put(queue);
  check_thread_ran(ends[0]);
  take(queue);
  CHECK(notify_thread(queue, ends[1]) == 0);
  CHECK(mq_notify(queue, NULL) == 0);
  CHECK(notify_none(queue) == 0);
  CHECK_FAILS(notify_signal(queue, 9), EBUSY);
  put(queue);
  CHECK(notify_none(queue) == 0);
  CHECK(mq_notify(queue, NULL) == 0);
  CHECK(mq_notify(queue, NULL) == 0);
  struct sigevent event = {.sigev_notify = 77};
  CHECK_FAILS(mq_notify(queue, &event), EINVAL);
  CHECK_FAILS(mq_notify(-1, NULL), EBADF);
  CHECK_FAILS(notify_none(ends[0]), EBADF);
  check_no_signal();
  CHECK(mq_close(queue) == 0);
  CHECK_FAILS(mq_close(queue), EBADF);
}

/* In a child, since libc's SIGEV_THREAD leaves a thread and a socket for good. */
static void in_child(void (*body)(void *)) {
  const sigset_t set = the_signal();
  CHECK(sigprocmask(SIG_BLOCK, &set, NULL) == 0);
  check_child(start_child(body, NULL));
}

static void libc_alone(void *unused) {
  (void)unused;
  check_libc_kinds();
  check_nothing_of_ports();
}

static void without_ports(void) { in_child(libc_alone); }

/* --- both --- */

static void every_kind_at_once(void *unused) {
  int ends[2];
  (void)unused;
  CHECK(pipe(ends) == 0);
  const int port = port_create(), other = port_create();
  const mqd_t to_port = new_queue(), to_other = new_queue(), to_signal = new_queue(),
              to_thread = new_queue(), to_none = new_queue();
  for (long round = 0; round < 3; ++round) {
    CHECK(notify_thread(to_thread, ends[1]) == 0);
    CHECK(notify_port(to_port, port, round) == 0);
    CHECK(notify_signal(to_signal, round) == 0);
    CHECK(notify_port(to_other, other, -round) == 0);
    CHECK(notify_none(to_none) == 0);
    const mqd_t all[] = {to_none, to_other, to_signal, to_port, to_thread};
    for (int i = 0; i < 4; ++i) put(all[i]);
    check_signal(round);
    put(to_thread);
    check_port_has(port, to_port, round);
    check_port_has(other, to_other, -round);
    check_thread_ran(ends[0]);
    for (int i = 0; i < 5; ++i) take(all[i]);
    check_libc_kinds();
  }
  check_port_empty(port);
  check_port_empty(other);
  check_no_signal();
}

static void mixed(void) { in_child(every_kind_at_once); }

/* One queue, one kind after the other. Ending what is not there is an error after a port's
 * registration only. */
static void one_after_the_other(void *unused) {
  (void)unused;
  const int port = port_create();
  const mqd_t queue = new_queue();
  CHECK(notify_port(queue, port, 1) == 0);
  CHECK_FAILS(notify_signal(queue, 1), EBUSY);
  CHECK(mq_notify(queue, NULL) == 0);
  CHECK_FAILS(mq_notify(queue, NULL), EBUSY);
  CHECK(notify_signal(queue, 2) == 0);
  CHECK_FAILS(notify_port(queue, port, 2), EBUSY);
  CHECK(mq_notify(queue, NULL) == 0);
  CHECK(mq_notify(queue, NULL) == 0);
  CHECK(notify_signal(queue, 3) == 0);
  put(queue);
  check_signal(3);
  take(queue);
  CHECK(notify_port(queue, port, 4) == 0);
  put(queue);
  check_port_has(port, queue, 4);
  CHECK_FAILS(mq_notify(queue, NULL), EBUSY);
  take(queue);
  CHECK(notify_none(queue) == 0);
  CHECK(mq_notify(queue, NULL) == 0);
  CHECK(mq_notify(queue, NULL) == 0);
  put(queue);
  check_no_signal();
  check_port_empty(port);
}

static void changing_kind(void) { in_child(one_after_the_other); }

/* --- ends --- */

static void check_unpolled(int port) {
  struct pollfd item = {port, POLLIN, 0};
  CHECK(poll(&item, 1, 0) == 0);
}

static void closing_queue(void) {
  const int port = port_create();
  const mqd_t queue = new_queue(), same = dup(queue);
  CHECK(notify_port(queue, port, 1) == 0);
  CHECK(mq_close(queue) == 0);
  check_unpolled(port);
  CHECK(notify_port(same, port, 2) == 0);
  put(same);
  check_port_has(port, same, 2);
  CHECK(mq_close(same) == 0);
  /* What the wrappers do not see, the kernel does. */
  const mqd_t next = new_queue();
  CHECK(notify_port(next, port, 3) == 0);
  CHECK(close(next) == 0);
  check_port_empty(port);
  check_unpolled(port);
  CHECK(close(port) == 0);
}

static void *register_none(void *queue) {
  CHECK(notify_none(*(mqd_t *)queue) == 0);
  return NULL;
}

static void child_registers(void *queue) { register_none(queue); }

static void closing_port(void) {
  const int port = port_create(), same = dup(port);
  const mqd_t queue = new_queue();
  CHECK(notify_port(queue, port, 1) == 0);
  CHECK(close(port) == 0);
  CHECK_FAILS(notify_none(queue), EBUSY); /* not the last number */
  CHECK(close(same) == 0);
  mqd_t shared = queue;
  check_child(start_child(child_registers, &shared));
  check_nothing_of_ports();
  CHECK(count_links("self", "socket:[") == 0);
  CHECK(mq_close(queue) == 0);
}

static void register_and_leave(void *queue) {
  CHECK(notify_port(*(mqd_t *)queue, port_create(), 1) == 0);
}

static void exiting(void) {
  mqd_t queue = new_queue();
  check_child(start_child(register_and_leave, &queue));
  CHECK(notify_none(queue) == 0);
  CHECK(mq_close(queue) == 0);
}

/* The child has the queue and the port, but not its parent's registration. */
static void child_without(void *argument) {
  const int *both = argument;
  CHECK(mq_notify(both[0], NULL) == 0);
  CHECK(count_links("self", "socket:[") == 0);
  CHECK_FAILS(notify_port(both[0], both[1], 2), EBUSY);
  CHECK(mq_close(both[0]) == 0);
}

static void forking(void) {
  const int port = port_create();
  const mqd_t queue = new_queue();
  CHECK(notify_port(queue, port, 1) == 0);
  int both[] = {queue, port};
  check_child(start_child(child_without, both));
  const pid_t pid = raw_fork();
  CHECK(pid >= 0);
  if (pid == 0) {
    child_without(both);
    _exit(0);
  }
  check_child(pid);
  check_unpolled(port);
  put(queue);
  check_port_has(port, queue, 1);
  CHECK(mq_close(queue) == 0);
  CHECK(close(port) == 0);
}

/* --- the hidden socket --- */

static void replacing_socket(void) {
  const int port = port_create(), null = open("/dev/null", O_RDWR);
  const mqd_t first = new_queue(), second = new_queue();
  CHECK(notify_port(first, port, 1) == 0);
  const int socket = find_link("socket:[", kHidden);
  CHECK(socket >= kHidden && (fcntl(socket, F_GETFD) & FD_CLOEXEC) != 0);
  CHECK_FAILS(close(socket), EBADF);
  CHECK(dup2(null, socket) == socket);
  CHECK(is_file(socket, "/dev/null"));
  CHECK(notify_port(second, port, 2) == 0);
  put(first);
  put(second);
  check_port_has(port, first, 1);
  check_port_has(port, second, 2);
  CHECK(close(socket) == 0);
  CHECK(close(null) == 0);
  CHECK(mq_close(first) == 0);
  CHECK(mq_close(second) == 0);
  CHECK(close(port) == 0);
}

/* --- threads --- */

static int stress_port;
static mqd_t stress_queue;
static int stress_over, registered, ended;

static void *registers(void *unused) {
  (void)unused;
  while (registered < kRounds) {
    if (notify_port(stress_queue, stress_port, 1) == 0) {
      ++registered;
    } else {
      CHECK(errno == EBUSY);
      sched_yield();
    }
  }
  return NULL;
}

static void *ends(void *unused) {
  (void)unused;
  while (!__atomic_load_n(&stress_over, __ATOMIC_ACQUIRE)) {
    if (mq_notify(stress_queue, NULL) == 0)
      ++ended;
    else
      CHECK(errno == EBUSY);
    sched_yield();
  }
  return NULL;
}

static void *sends(void *unused) {
  (void)unused;
  while (!__atomic_load_n(&stress_over, __ATOMIC_ACQUIRE)) {
    put(stress_queue);
    take(stress_queue);
  }
  return NULL;
}

static void run_threads(void *(*const bodies[3])(void *), void (*meanwhile)(void)) {
  pthread_t threads[3];
  for (int i = 0; i < 3; ++i) CHECK(pthread_create(&threads[i], NULL, bodies[i], NULL) == 0);
  if (meanwhile != NULL) meanwhile();
  CHECK(pthread_join(threads[0], NULL) == 0);
  __atomic_store_n(&stress_over, 1, __ATOMIC_RELEASE);
  for (int i = 1; i < 3; ++i) CHECK(pthread_join(threads[i], NULL) == 0);
}

/* Every registration ends in one way: an event, or mq_notify. */
static void exactly_once(void) {
  static void *(*const bodies[3])(void *) = {registers, ends, sends};
  stress_port = port_create();
  stress_queue = new_queue();
  CHECK(notify_port(stress_queue, stress_port, 0) == 0);
  CHECK(mq_notify(stress_queue, NULL) == 0);
  run_threads(bodies, NULL);
  if (mq_notify(stress_queue, NULL) == 0) ++ended;
  port_event_t event;
  int events = 0;
  while (port_get(stress_port, &event, &kAtOnce) == 0) ++events;
  fprintf(stderr, "%d registered, %d ended, %d events\n", registered, ended, events);
  CHECK(registered > 0 && ended + events == registered);
  check_unpolled(stress_port);
  CHECK(mq_close(stress_queue) == 0);
  CHECK(close(stress_port) == 0);
}

static void *registers_anywhere(void *unused) {
  (void)unused;
  for (int i = 0; i < kRounds; ++i)
    CHECK(notify_port(stress_queue, stress_port, 1) == 0 || errno == EBUSY || errno == EBADF);
  return NULL;
}

static void *ends_anyhow(void *unused) {
  (void)unused;
  while (!__atomic_load_n(&stress_over, __ATOMIC_ACQUIRE)) {
    CHECK(mq_notify(stress_queue, NULL) == 0 || errno == EBUSY);
    sched_yield();
  }
  return NULL;
}

static void reopen(void) {
  for (int i = 0; i < kRounds / 4; ++i) {
    CHECK(close(stress_port) == 0);
    CHECK(port_create() == stress_port);
  }
}

/* A port that is closed under those who register leaves nothing with the queue. */
static void closed_under_threads(void) {
  static void *(*const bodies[3])(void *) = {registers_anywhere, ends_anyhow, sends};
  stress_queue = new_queue();
  stress_port = port_create();
  run_threads(bodies, reopen);
  CHECK(close(stress_port) == 0);
  CHECK(notify_none(stress_queue) == 0);
  check_nothing_of_ports();
  CHECK(count_links("self", "socket:[") == 0);
  CHECK(mq_close(stress_queue) == 0);
}

int main(int argc, char **argv) {
  static const struct test_case cases[] = {
      {"without_ports", without_ports},
      {"mixed", mixed},
      {"changing_kind", changing_kind},
      {"closing_queue", closing_queue},
      {"closing_port", closing_port},
      {"exiting", exiting},
      {"forking", forking},
      {"replacing_socket", replacing_socket},
      {"exactly_once", exactly_once},
      {"closed_under_threads", closed_under_threads},
      {NULL, NULL},
  };
  return run_case(cases, argc, argv);
}
