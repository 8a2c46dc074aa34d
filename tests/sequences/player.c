/* SPDX-License-Identifier: MIT */
/*
 * A puppet: does the calls that check.py asks for, one line each, and answers each with a line.
 *
 *   player FIRST      as the stage: forks a puppet 0 whenever it is told to
 *   player NUMBER x   as the puppet NUMBER again, after it has executed itself
 *
 * The lines come by sockets that are open when the program starts: kStage for the stage,
 * kControl + N for puppet N. kHanding and the number after it are a pair over which puppets pass
 * descriptors. All these numbers are high, since the low ones belong to the sequences.
 *
 * A line is a call's name and its arguments, all of them numbers. The answer is the result, the
 * errno if there was an error, and for the calls that retrieve events, what nget points to and
 * four numbers for each event: events, source, object, user.
 *
 * It is the conformance of errno, too, that a call that succeeds leaves it alone; the puppet says
 * "errno" instead of an answer if a port function did not.
 */
#include <aio.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <port.h>

enum {
  kControl = 900,
  kHanding = 910,
  kStage = 920,
  kSoftLimit = 1024,
  kLine = 4096,
  kArguments = 24,
  kList = 64,
  kUntouched = 12345, /* what errno is before a port function */
  kSleepSeconds = 60, /* a sleeper that nobody wakes */
  kJoinSeconds = 10,  /* a sleeper that should be on its way */
  kBigBlock = 4096,
};

static int self; /* the number of this puppet */
static char answer[kLine];
static int answered; /* length of the answer */
static int64_t argument[kArguments];
static int arguments;

static void die(const char *what) {
  fprintf(stderr, "player %d: %s: %s\n", self, what, strerror(errno));
  _exit(3);
}

/* Timers and requests are known by the place that they have here. */
enum { kPlaces = 4 };
static struct {
  int used;
  timer_t id;
} timers[kPlaces];
static struct aiocb requests[kPlaces];
static char request_memory[kPlaces][16];

/* So are files: PLACE is the file of that name in the folder that check.py has made. */
static file_obj_t objects[kPlaces];
static char paths[kPlaces][PATH_MAX];

/* --- answers --- */

static int64_t object_of(const port_event_t *event) {
  for (int i = 0; i < kPlaces; ++i) {
    if (event->portev_source == PORT_SOURCE_AIO && event->portev_object == (uintptr_t)&requests[i])
      return i;
    if (event->portev_source == PORT_SOURCE_TIMER && timers[i].used &&
        event->portev_object == (uintptr_t)timers[i].id)
      return i;
    if (event->portev_source == PORT_SOURCE_FILE && event->portev_object == (uintptr_t)&objects[i])
      return i;
  }
  return (int64_t)event->portev_object;
}

static void say(const char *format, int64_t value) {
  const int n = snprintf(answer + answered, sizeof answer - (size_t)answered, format, value);
  if (n < 0 || answered + n >= (int)sizeof answer) die("an answer is too long");
  answered += n;
}

/* The result of a system call. */
static void say_result(long result) {
  const int error = errno;
  say("%" PRId64, result);
  say(" %" PRId64, result < 0 ? error : 0);
}

/* The result of a port function: begin() was called before it. */
static void begin(void) { errno = kUntouched; }

static void say_port_result(long result) {
  if (result >= 0 && errno != kUntouched)
    answered += snprintf(answer, sizeof answer, "errno");
  else
    say_result(result);
}

static void say_events(const port_event_t *list, uint_t count) {
  for (uint_t i = 0; i < count; ++i) {
    say(" %" PRId64, list[i].portev_events);
    say(" %" PRId64, list[i].portev_source);
    say(" %" PRId64, object_of(&list[i]));
    say(" %" PRId64, (int64_t)(intptr_t)list[i].portev_user);
  }
}

/* --- arguments --- */

static void *user_argument(int n) { return (void *)(intptr_t)argument[n]; }
static int int_argument(int n) { return (int)argument[n]; }

/* The kinds of timeouts that the model knows. */
enum timeout { kZero, kShort, kTooMany, kNegative, kWildTimeout, kFarAhead };
static const struct timespec timeouts[] = {{0, 0},  {0, 1}, {0, 1000000000},
                                           {-1, 0}, {0, 0}, {kSleepSeconds, 0}};

static const struct timespec *timeout_argument(int n) {
  if (argument[n] == kWildTimeout) return (const struct timespec *)8;
  return &timeouts[argument[n]];
}

/* The kinds of lists. */
enum list { kGood, kNull, kWildList };
static port_event_t list_memory[kList];

static port_event_t *list_argument(int n) {
  if (argument[n] == kNull) return NULL;
  return argument[n] == kWildList ? (port_event_t *)8 : list_memory;
}

/* --- port functions --- */

static void do_create(void) {
  begin();
  say_port_result(port_create());
}

/* associate PORT SOURCE OBJECT EVENTS USER */
static void do_associate(void) {
  begin();
  say_port_result(port_associate(int_argument(0), int_argument(1), (uintptr_t)argument[2],
                                 int_argument(3), user_argument(4)));
}

/* dissociate PORT SOURCE OBJECT */
static void do_dissociate(void) {
  begin();
  say_port_result(port_dissociate(int_argument(0), int_argument(1), (uintptr_t)argument[2]));
}

/* send PORT EVENTS USER */
static void do_send(void) {
  begin();
  say_port_result(port_send(int_argument(0), int_argument(1), user_argument(2)));
}

/* sendn ERRORS EVENTS USER PORT...: ERRORS is 0 for a null pointer */
static void do_sendn(void) {
  int ports[kArguments], errors[kArguments];
  const int count = arguments - 3;
  for (int i = 0; i < count; ++i) {
    ports[i] = int_argument(3 + i);
    errors[i] = -1;
  }
  begin();
  say_port_result(port_sendn(ports, argument[0] ? errors : NULL, (uint_t)count, int_argument(1),
                             user_argument(2)));
  for (int i = 0; argument[0] && i < count; ++i) say(" %" PRId64, errors[i]);
}

/* get PORT LIST TIMEOUT */
static void do_get(void) {
  port_event_t *event = list_argument(1);
  begin();
  const int result = port_get(int_argument(0), event, timeout_argument(2));
  say_port_result(result);
  say(" %" PRId64, result == 0);
  if (result == 0) say_events(event, 1);
}

/* getn PORT LIST MAX NGET TIMEOUT: an NGET of -1 is a null pointer */
static void do_getn(void) {
  port_event_t *list = list_argument(1);
  uint_t nget = (uint_t)argument[3];
  const uint_t max = (uint_t)argument[2];
  begin();
  const int result =
      port_getn(int_argument(0), list, max, argument[3] < 0 ? NULL : &nget, timeout_argument(4));
  const int timed_out = result < 0 && errno == ETIME;
  say_port_result(result);
  say(" %" PRId64, argument[3] < 0 ? -1 : (int64_t)nget);
  if (max > 0 && max <= kList && list == list_memory && (result == 0 || timed_out))
    say_events(list, nget < max ? nget : max);
}

/* alert PORT FLAGS EVENTS USER */
static void do_alert(void) {
  begin();
  say_port_result(port_alert(int_argument(0), int_argument(1), int_argument(2), user_argument(3)));
}

/* --- timers and asynchronous I/O --- */

static struct sigevent notice(port_notify_t *notify, int port, int user) {
  struct sigevent event;
  memset(&event, 0, sizeof event);
  notify->portnfy_port = int_argument(port);
  notify->portnfy_user = user_argument(user);
  event.sigev_notify = SIGEV_PORT;
  event.sigev_value.sival_ptr = notify;
  return event;
}

/* timer PORT USER PLACE */
static void do_timer(void) {
  port_notify_t notify;
  struct sigevent event = notice(&notify, 0, 1);
  begin();
  const int result = timer_create(CLOCK_MONOTONIC, &event, &timers[argument[2]].id);
  if (result == 0) timers[argument[2]].used = 1;
  say_port_result(result);
}

/* settime PLACE HOW */
enum how { kDisarm, kExpired, kFar };
static void do_settime(void) {
  struct itimerspec when;
  memset(&when, 0, sizeof when);
  if (argument[1] == kExpired) when.it_value.tv_nsec = 1;
  if (argument[1] == kFar) when.it_value.tv_sec = 3600;
  begin();
  say_port_result(timer_settime(timers[argument[0]].id, argument[1] == kExpired ? TIMER_ABSTIME : 0,
                                &when, NULL));
}

/* remove PLACE */
static void do_remove(void) {
  begin();
  say_port_result(timer_delete(timers[argument[0]].id));
  timers[argument[0]].used = 0;
}

/* request PORT USER PLACE FD: reads, and returns when that is done */
static void do_request(void) {
  port_notify_t notify;
  struct aiocb *request = &requests[argument[2]];
  const struct aiocb *const list[1] = {request};
  memset(request, 0, sizeof *request);
  request->aio_fildes = int_argument(3);
  request->aio_buf = request_memory[argument[2]];
  request->aio_nbytes = sizeof request_memory[0];
  request->aio_sigevent = notice(&notify, 0, 1);
  begin();
  const int result = aio_read(request);
  say_port_result(result);
  while (result == 0 && aio_error(request) == EINPROGRESS) aio_suspend(list, 1, NULL);
  say(" %" PRId64, result == 0 ? aio_return(request) : -1);
}

/* --- files --- */

/* watch PORT PLACE EVENTS USER */
static void do_watch(void) {
  file_obj_t *object = &objects[argument[1]];
  memset(object, 0, sizeof *object);
  object->fo_name = paths[argument[1]];
  begin();
  say_port_result(port_associate(int_argument(0), PORT_SOURCE_FILE, (uintptr_t)object,
                                 int_argument(2), user_argument(3)));
}

/* unwatch PORT PLACE */
static void do_unwatch(void) {
  begin();
  say_port_result(
      port_dissociate(int_argument(0), PORT_SOURCE_FILE, (uintptr_t)&objects[argument[1]]));
}

/* change PLACE HOW */
enum change { kAppend, kRead, kChmod, kCut, kUnlink, kMake };
static int with_open(const char *path, int flags, int how) {
  char byte = 'x';
  const int fd = open(path, flags | O_CLOEXEC, 0644);
  if (fd < 0) return -1;
  ssize_t done = 0;
  if (how == kAppend) done = write(fd, &byte, 1);
  if (how == kRead) done = read(fd, &byte, 1);
  close(fd);
  return (int)done;
}

static void do_change(void) {
  const char *path = paths[argument[0]];
  int result = -1;
  if (argument[1] == kAppend) result = with_open(path, O_WRONLY | O_APPEND, kAppend);
  if (argument[1] == kRead) result = with_open(path, O_RDONLY, kRead);
  if (argument[1] == kChmod) result = chmod(path, 0600);
  if (argument[1] == kCut) result = truncate(path, 0);
  if (argument[1] == kUnlink) result = unlink(path);
  if (argument[1] == kMake) result = with_open(path, O_RDONLY | O_CREAT | O_EXCL, kMake);
  say_result(result);
}

/* --- descriptors --- */

static void say_two(int result, const int *made) {
  say_result(result);
  say(" %" PRId64, made[0]);
  say(" %" PRId64, made[1]);
}

static void do_pipe(void) {
  int made[2] = {-1, -1};
  say_two(pipe2(made, O_NONBLOCK), made);
}

static void do_sockets(void) {
  int made[2] = {-1, -1};
  say_two(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, made), made);
}

static void do_eventfd(void) { say_result(eventfd(0, EFD_NONBLOCK)); }

static void do_file(void) { say_result(open("/proc/self/exe", O_RDONLY)); }

static void do_close(void) { say_result(close(int_argument(0))); }

static void do_dup(void) { say_result(dup(int_argument(0))); }

static void do_dup2(void) { say_result(dup2(int_argument(0), int_argument(1))); }

static void do_cloexec(void) { say_result(fcntl(int_argument(0), F_SETFD, FD_CLOEXEC)); }

/* read FD BYTES */
static void do_read(void) {
  char bytes[kBigBlock];
  say_result(read(int_argument(0), bytes, (size_t)argument[1]));
}

/* write FD BYTES: an eventfd is given a 1 if they are 8 */
static void do_write(void) {
  char bytes[kBigBlock] = {1};
  say_result(write(int_argument(0), bytes, (size_t)argument[1]));
}

/* fill FD: until it takes no more */
static void do_fill(void) {
  static char bytes[kBigBlock];
  while (write(int_argument(0), bytes, sizeof bytes) > 0) {
  }
  say_result(-1);
}

/* drain FD: until there is no more, or nobody who could write */
static void do_drain(void) {
  static char bytes[kBigBlock];
  ssize_t got;
  while ((got = read(int_argument(0), bytes, sizeof bytes)) > 0) {
  }
  say_result(got);
}

/* poll FD EVENTS */
static void do_poll(void) {
  struct pollfd item = {int_argument(0), (short)argument[1], 0};
  say_result(poll(&item, 1, 0));
  say(" %" PRId64, (unsigned short)item.revents);
}

/* size FD: the type of the file, and st_size */
static void do_size(void) {
  struct stat st;
  memset(&st, 0, sizeof st);
  say_result(fstat(int_argument(0), &st));
  say(" %" PRId64, st.st_mode & 0xF000);
  say(" %" PRId64, (int64_t)st.st_size);
}

/* --- passing descriptors --- */

static void do_hand(void) {
  union {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(sizeof(int))];
  } control;
  char byte = 'x';
  struct iovec part = {&byte, 1};
  struct msghdr message;
  const int fd = int_argument(0);
  memset(&control, 0, sizeof control);
  memset(&message, 0, sizeof message);
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.bytes;
  message.msg_controllen = sizeof control.bytes;
  control.header.cmsg_level = SOL_SOCKET;
  control.header.cmsg_type = SCM_RIGHTS;
  control.header.cmsg_len = CMSG_LEN(sizeof fd);
  memcpy(CMSG_DATA(&control.header), &fd, sizeof fd);
  say_result(sendmsg(kHanding, &message, 0));
}

static void do_take(void) {
  union {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(sizeof(int))];
  } control;
  char byte;
  int fd = -1;
  struct iovec part = {&byte, 1};
  struct msghdr message;
  memset(&message, 0, sizeof message);
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.bytes;
  message.msg_controllen = sizeof control.bytes;
  if (recvmsg(kHanding + 1, &message, 0) < 0) {
    say_result(-1);
    return;
  }
  const struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  if (header) memcpy(&fd, CMSG_DATA(header), sizeof fd);
  say_result(fd);
}

/* --- a thread that sleeps --- */

static struct {
  pthread_t thread;
  int port;
  uint_t max, nget;
  int result, error;
  volatile int tid;
  port_event_t list[kList];
} sleeper;

static void *sleep_in_getn(void *unused) {
  (void)unused;
  sleeper.tid = (int)syscall(SYS_gettid);
  sleeper.result =
      port_getn(sleeper.port, sleeper.list, sleeper.max, &sleeper.nget, &timeouts[kFarAhead]);
  sleeper.error = errno;
  return NULL;
}

static void read_task(const char *name, char *text, size_t size) {
  char path[64];
  snprintf(path, sizeof path, "/proc/self/task/%d/%s", sleeper.tid, name);
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  const ssize_t got = fd < 0 ? -1 : read(fd, text, size - 1);
  if (fd >= 0) close(fd);
  text[got > 0 ? got : 0] = '\0';
}

static int in_state_s(void) {
  char text[512];
  read_task("stat", text, sizeof text);
  const char *name_end = strrchr(text, ')');
  return name_end && strncmp(name_end, ") S ", 4) == 0;
}

/* In the same system call at both ends of a little while: it waits, and is not on its way. */
static int is_asleep(void) {
  char before[256], after[256];
  read_task("syscall", before, sizeof before);
  if (!in_state_s()) return 0;
  poll(NULL, 0, 1);
  read_task("syscall", after, sizeof after);
  return in_state_s() && before[0] >= '0' && before[0] <= '9' && strcmp(before, after) == 0;
}

/* sleep PORT MAX NGET */
static void do_sleep(void) {
  memset(&sleeper, 0, sizeof sleeper);
  sleeper.port = int_argument(0);
  sleeper.max = (uint_t)argument[1];
  sleeper.nget = (uint_t)argument[2];
  if (pthread_create(&sleeper.thread, NULL, sleep_in_getn, NULL) != 0) die("pthread_create");
  while (sleeper.tid == 0) sched_yield();
  for (int tries = 0; tries < 2000; ++tries)
    if (is_asleep()) break;
  say_result(is_asleep() ? 0 : 1);
}

static void do_join(void) {
  struct timespec until;
  clock_gettime(CLOCK_REALTIME, &until);
  until.tv_sec += kJoinSeconds;
  if (pthread_timedjoin_np(sleeper.thread, NULL, &until) != 0) {
    say("asleep", 0);
    return;
  }
  errno = sleeper.error;
  say_result(sleeper.result);
  say(" %" PRId64, sleeper.nget);
  if (sleeper.result == 0) say_events(sleeper.list, sleeper.nget);
}

/* --- processes --- */

static void run(int number);

static void become(int number) {
  prctl(PR_SET_PDEATHSIG, 0);
  signal(SIGCHLD, SIG_IGN);
  memset(timers, 0, sizeof timers);
  run(number);
}

/* fork NUMBER: the child is that puppet */
static void do_fork(void) {
  const int number = int_argument(0);
  const pid_t pid = fork();
  if (pid == 0) become(number);
  say_result(pid);
}

static void do_exit(void) { exit(0); }
static void do_quick(void) { _exit(0); }

static void do_exec(void) {
  char path[PATH_MAX], number[16];
  const ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
  if (length <= 0) die("readlink");
  path[length] = '\0';
  snprintf(number, sizeof number, "%d", self);
  execl(path, path, number, "x", (char *)NULL);
  die("execl");
}

/* start SLOTS EXACT: the stage forks a puppet 0, with these settings */
static void do_start(void) {
  char slots[16];
  const pid_t pid = fork();
  if (pid == 0) {
    snprintf(slots, sizeof slots, "%d", int_argument(0));
    setenv("PORTC_MAX_EVENTS", slots, 1);
    setenv("PORTC_EXACT", argument[1] ? "1" : "0", 1);
    close(kStage);
    become(0);
  }
  say_result(pid);
}

/* --- lines --- */

static const struct {
  const char *name;
  void (*run)(void);
} calls[] = {
    {"create", do_create},
    {"associate", do_associate},
    {"dissociate", do_dissociate},
    {"send", do_send},
    {"sendn", do_sendn},
    {"get", do_get},
    {"getn", do_getn},
    {"alert", do_alert},
    {"pipe", do_pipe},
    {"sockets", do_sockets},
    {"eventfd", do_eventfd},
    {"file", do_file},
    {"close", do_close},
    {"dup", do_dup},
    {"dup2", do_dup2},
    {"cloexec", do_cloexec},
    {"read", do_read},
    {"write", do_write},
    {"fill", do_fill},
    {"drain", do_drain},
    {"poll", do_poll},
    {"size", do_size},
    {"hand", do_hand},
    {"take", do_take},
    {"sleep", do_sleep},
    {"join", do_join},
    {"fork", do_fork},
    {"exit", do_exit},
    {"quick", do_quick},
    {"exec", do_exec},
    {"start", do_start},
    {"timer", do_timer},
    {"settime", do_settime},
    {"remove", do_remove},
    {"request", do_request},
    {"watch", do_watch},
    {"unwatch", do_unwatch},
    {"change", do_change},
};

static void play(char *line) {
  char *rest;
  const char *name = strtok_r(line, " ", &rest);
  arguments = 0;
  answered = 0;
  for (char *word; arguments < kArguments && (word = strtok_r(NULL, " ", &rest)) != NULL;)
    argument[arguments++] = strtoll(word, NULL, 10);
  memset(argument + arguments, 0, sizeof argument - (size_t)arguments * sizeof argument[0]);
  for (size_t i = 0; i < sizeof calls / sizeof calls[0]; ++i) {
    if (name == NULL || strcmp(name, calls[i].name) != 0) continue;
    calls[i].run();
    return;
  }
  die("an unknown call");
}

/* Plays what comes by `control` until nobody is at the other end. */
static void serve(int control) {
  char line[kLine];
  for (;;) {
    const ssize_t got = recv(control, line, sizeof line - 1, 0);
    if (got <= 0) _exit(0);
    line[got] = '\0';
    play(line);
    if (send(control, answer, (size_t)answered, MSG_NOSIGNAL) < 0) _exit(0);
  }
}

static void run(int number) {
  self = number;
  serve(kControl + number);
}

static void prepare(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) die("getrlimit");
  limit.rlim_cur = kSoftLimit;
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) die("setrlimit");
  const char *folder = getenv("PLAYER_FOLDER");
  for (int i = 0; i < kPlaces; ++i)
    snprintf(paths[i], sizeof paths[i], "%s/%d", folder ? folder : "/", i);
  signal(SIGPIPE, SIG_IGN);
  signal(SIGCHLD, SIG_IGN);
}

int main(int argc, char **argv) {
  prepare();
  if (argc == 3) {
    self = atoi(argv[1]);
    answered = 0;
    say_result(0);
    if (send(kControl + self, answer, (size_t)answered, MSG_NOSIGNAL) < 0) return 1;
    run(self);
  }
  if (prctl(PR_SET_CHILD_SUBREAPER, 1) != 0) die("prctl");
  self = -1;
  serve(kStage);
}
