/* SPDX-License-Identifier: MIT */
/*
 * What a conformance test may use. Black box: C99, POSIX and <port.h> only, so that the same
 * programs can be built on illumos; what only Linux has is kept in blocked.c.
 *
 * One file per assertion, FOLDER/NNN.c, holding nothing but file-local helpers and
 *
 *   ASSERTION(89, 1, "port_get with a 50 ms timeout on an empty port fails with ETIME, ...") {
 *     int port = new_port();
 *     ...
 *     CLOSE(port);
 *   }
 *
 * number, priority (1 must, 2 should, 3 report only), one sentence. Around each test main.c puts
 * an alarm (10 s, 30 s in stress/) and a descriptor check: the set of open descriptors must be
 * the same afterwards, so a test closes everything it opened; what a port hides must then be
 * gone, too. A failed check ends the process at once, in a child as well as in a thread.
 *
 * Which macro for which call:
 *   SETUP(call)             anything that only prepares; -1 means "unresolved", not "failed".
 *                           Gives the call's value.
 *   CHECK_OK(port call)     returns 0 and leaves errno alone (canary)
 *   CHECK_FAILS(call, err)  returns -1 with that errno
 *   CHECK_INT(a, b)         a must equal b (integers); prints both
 *   CHECK_PTR(a, b)         the same for pointers
 *   CHECK(condition)        anything else
 */
#ifndef PORTC_CONFORMANCE_H
#define PORTC_CONFORMANCE_H

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <port.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

/* --- registration ----------------------------------------------------------------------- */

struct assertion {
  int number;
  int priority;
  const char *file;
  const char *sentence;
  void (*run)(void);
  struct assertion *next;
};
void assertion_register(struct assertion *assertion);

#define ASSERTION(number, priority, sentence)                                       \
  static void assertion_##number(void);                                             \
  static struct assertion entry_##number = {number,   priority,           __FILE__, \
                                            sentence, assertion_##number, NULL};    \
  __attribute__((constructor)) static void register_##number(void) {                \
    assertion_register(&entry_##number);                                            \
  }                                                                                 \
  static void assertion_##number(void)

/* --- checks (check.c) ------------------------------------------------------------------- */

#define CANARY 113113 /* an errno no system has */
#define HERE __FILE__, __LINE__

#define CHECK(condition) ((condition) ? (void)0 : check_failed(HERE, #condition " is false"))
#define CHECK_INT(actual, expected) \
  check_int((long long)(actual), (long long)(expected), #actual, HERE)
#define CHECK_PTR(actual, expected) \
  check_int((long long)(uintptr_t)(actual), (long long)(uintptr_t)(expected), #actual, HERE)
#define CHECK_OK(call) check_ok((errno = CANARY, (call)), #call, HERE)
#define CHECK_FAILS(call, expected) check_fails((errno = 0, (call)), (expected), #call, HERE)
#define SETUP(call) setup((call), #call, HERE)
#define SETUP_PTHREAD(call) setup_pthread((call), #call, HERE)

void check_failed(const char *file, int line, const char *format, ...)
    __attribute__((noreturn, format(printf, 3, 4)));
void check_int(long long actual, long long expected, const char *text, const char *file, int line);
void check_ok(int result, const char *text, const char *file, int line);
void check_fails(int result, int expected, const char *text, const char *file, int line);
int setup(int result, const char *text, const char *file, int line);
void setup_pthread(int result, const char *text, const char *file, int line);

/* Ends the test: set-up impossible (exit 2); a kernel facility is missing (exit 77). */
void unresolved(const char *reason) __attribute__((noreturn));
void skip(const char *reason) __attribute__((noreturn));
/* Reports, and goes on: which of several accepted results was seen; a documented deviation. */
void outcome(const char *word);
void deviation(const char *name);

const char *errno_name(int error);

/* --- events ----------------------------------------------------------------------------- */

/* A cookie that is recognisable in a failure message, and is no valid address. */
#define COOKIE(n) ((void *)(uintptr_t)(0xC00C1E00u + (unsigned)(n)))

/* Relative timeouts, `const struct timespec *`, alive until the end of the enclosing block. */
#define TIMEOUT(seconds, nanoseconds) (&(struct timespec){(seconds), (nanoseconds)})
#define MS(n) TIMEOUT((n) / 1000, ((n) % 1000) * 1000000L)
#define AT_ONCE MS(0)
#define LONG_WAIT MS(5000) /* for an event that must come, on a busy machine, too */

/* The calls, by their usual arguments. DISSOCIATE is an expression: check it yourself. */
#define ASSOCIATE(port, fd, events, user)                                                          \
  check_ok(                                                                                        \
      (errno = CANARY, port_associate((port), PORT_SOURCE_FD, (uintptr_t)(fd), (events), (user))), \
      "port_associate", HERE)
#define DISSOCIATE(port, fd) port_dissociate((port), PORT_SOURCE_FD, (uintptr_t)(fd))
#define SEND(port, events, user) \
  check_ok((errno = CANARY, port_send((port), (events), (user))), "port_send", HERE)

/* The number of queued events is n (this call also makes the port collect what has fired). */
#define CHECK_QUEUED(port, n) CHECK_INT(queued(port), (n))
/* No event is queued, and a zero-timeout port_getn agrees. */
#define CHECK_EMPTY(port) check_empty((port), HERE)
/* An event that was retrieved has exactly these fields. */
#define CHECK_USER_EVENT(event, events, user) \
  check_event(&(event), PORT_SOURCE_USER, 0, (events), (user), HERE)
#define CHECK_FD_EVENT(event, fd, events, user) \
  check_event(&(event), PORT_SOURCE_FD, (uintptr_t)(fd), (events), (user), HERE)
/* The next event is retrieved, in time, and has exactly these fields. */
#define CHECK_NEXT_USER(port, events, user) \
  check_next((port), PORT_SOURCE_USER, 0, (events), (user), HERE)
#define CHECK_NEXT_FD(port, fd, events, user) \
  check_next((port), PORT_SOURCE_FD, (uintptr_t)(fd), (events), (user), HERE)
#define CHECK_NEXT_ALERT(port, events, user) \
  check_next((port), PORT_SOURCE_ALERT, 0, (events), (user), HERE)
/* Retrieves the next event without looking at it. */
#define NEXT(port) next_event((port), HERE)

uint_t queued(int port);
void check_empty(int port, const char *file, int line);
void check_event(const port_event_t *event, int source, uintptr_t object, int events, void *user,
                 const char *file, int line);
void check_next(int port, int source, uintptr_t object, int events, void *user, const char *file,
                int line);
port_event_t next_event(int port, const char *file, int line);

/* Fills memory with a pattern; whether it still holds it. For "left untouched". */
void paint(void *memory, size_t size);
bool is_painted(const void *memory, size_t size);

double now_ms(void); /* CLOCK_MONOTONIC */

/* --- descriptors and memory (support.c) --------------------------------------------------- */

struct ends {
  int r, w; /* a pipe's; the two ends of a socket pair */
};
int new_port(void);
struct ends new_pipe(void);
struct ends new_socketpair(void);
int new_file(void); /* a regular file, empty, already unlinked */
int new_listener(struct sockaddr *address, socklen_t *length); /* TCP on loopback */
int closed_fd(void);             /* a number that is not open and not soon reused */
void put(int fd);                /* writes one byte */
void take(int fd);               /* reads what is there; at least one byte */
void raise_fd_limit(int wanted); /* RLIMIT_NOFILE, for the rest of the process; or skips */

/* Closes the descriptors; each close must succeed. */
#define CLOSE(...) \
  close_all((const int[]){__VA_ARGS__}, sizeof((const int[]){__VA_ARGS__}) / sizeof(int), HERE)
void close_all(const int *fds, size_t count, const char *file, int line);

void send_fd(int sock, int fd); /* SCM_RIGHTS */
int receive_fd(int sock);

/* Addresses no call has seen before. */
void *unmapped_page(void);    /* nothing there */
void *no_access_page(void);   /* mapped, PROT_NONE */
void *read_only_page(void);   /* zeroes, not writable */
void *page_edge(size_t size); /* `size` writable bytes, followed by a PROT_NONE page */

/* Installs a handler that only counts; flags as for sigaction. */
void count_signal(int signo, int flags);
int signals_counted(void);

/* --- threads that block (support.c, blocked.c) --------------------------------------------- */

struct task {
  pthread_t thread;
  long id; /* the kernel's name for the thread; 0 until it runs */
  int done;
  void (*body)(void *arg);
  void *arg;
};
/* Starts body(arg) in a thread. */
void task_start(struct task *task, void (*body)(void *arg), void *arg);
/* Waits until the thread sleeps in a system call (true) or has ended (false). */
bool task_settle(struct task *task);
/* The same for a child process; it must not end. */
void process_wait_blocked(pid_t pid);
void task_join(struct task *task);

/* A thread that makes one port_get or port_getn. */
#define WAITER_MAX 16
struct waiter {
  struct task task;
  int port;
  bool one;       /* port_get rather than port_getn */
  bool unlimited; /* NULL timeout */
  uint_t max;
  struct timespec timeout;       /* in: as given; out: as the call left it */
  uint_t nget;                   /* in: wanted; out: as the call left it */
  int result;                    /* the call's value, */
  int error;                     /* its errno, */
  double elapsed;                /* and how many ms it took */
  port_event_t list[WAITER_MAX]; /* painted before the call */
};
/* Start the thread and return when it is blocked in the call, which it must. NULL: no timeout. */
void waiter_get(struct waiter *waiter, int port, const struct timespec *timeout);
void waiter_getn(struct waiter *waiter, int port, uint_t max, uint_t nget,
                 const struct timespec *timeout);
/* After something that should not disturb it: it still sleeps in the call. */
#define CHECK_STILL_BLOCKED(waiter) CHECK(task_settle(&(waiter)->task))
/* Waits until the call has returned. */
void waiter_join(struct waiter *waiter);
#define CHECK_WAITER_FAILED(waiter, expected)                \
  do {                                                       \
    CHECK_INT((waiter)->result, -1);                         \
    check_errno((waiter)->error, (expected), #waiter, HERE); \
  } while (0)
void check_errno(int error, int expected, const char *text, const char *file, int line);

/* --- child processes (support.c) ------------------------------------------------------------ */

/* One side of a pair of processes: parent and child each have one for the other. */
struct peer {
  pid_t pid; /* of the child; 0 in the child */
  int in, out;
};
/* Forks. The child runs body and exits 0 when it returns; checks in it fail the parent's test. */
void child_start(struct peer *child, void (*body)(struct peer *parent, void *arg), void *arg);
/* Forks, and the child executes this program anew, running the INNER of that name. */
void child_exec(struct peer *child, const char *inner, int count, ... /* int */);
/* Waits for the child's end: exit status 0, or the test ends the way the child did. */
void child_join(struct peer *child);

/* Checkpoints: one side tells, the other awaits the same letter. */
void peer_tell(struct peer *peer, char letter);
void peer_await(struct peer *peer, char letter);
/* The other side does a step: tell, then wait for the answer with the same letter. */
void peer_step(struct peer *peer, char letter);

/* INNER(name) { ... } runs in a fresh image; it has `struct peer *parent, const int *arg`. */
struct inner {
  const char *name;
  void (*run)(struct peer *parent, const int *arg);
  struct inner *next;
};
void inner_register(struct inner *inner);
#define INNER(name)                                                      \
  static void inner_##name(struct peer *parent, const int *arg);         \
  static struct inner inner_entry_##name = {#name, inner_##name, NULL};  \
  __attribute__((constructor)) static void inner_register_##name(void) { \
    inner_register(&inner_entry_##name);                                 \
  }                                                                      \
  static void inner_##name(struct peer *parent, const int *arg)
/* Replaces the calling process (a child's body) by INNER(name), keeping its peer. */
void exec_inner(struct peer *parent, const char *name, int count, ... /* int */)
    __attribute__((noreturn));

/* For main.c and support.c: not for tests. */
void guard_time(unsigned seconds);
int inner_main(int argc, char **argv);
void die_with_parent(void);
bool sleeps(const char *who);
long thread_id(void);

#endif
