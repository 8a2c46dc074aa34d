/* SPDX-License-Identifier: MIT */
/*
 * A signal handler that calls the library, at every instruction at which it can interrupt the
 * library:
 *
 *   interrupted [--steps N] [--offset N] [SCENE]
 *
 * Each call is single-stepped: with the trap flag set, SIGTRAP comes after every instruction, and
 * its handler is the one that interrupts there. It does one thing at the n-th instruction, for
 * every N-th n, until the call has returned before. After each of these trials
 *
 *   - every event that was sent has arrived once
 *   - the interrupted call's result is right, and errno as it was if it succeeded
 *   - the port has as many free slots as a new one
 *
 * and no call of the handler has waited. The library blocks all signals in some sections; SIGTRAP
 * is left out of those masks, and the handler does nothing where others would be blocked.
 *
 * The closing line is "N passed, N failed", in scenes; exit status 0, 1, or 2 for a bad call.
 */
#include <aio.h>
#include <mqueue.h>
#include <poll.h>
#include <time.h>
#include <ucontext.h>

#include "tests/interpose/support.h"

#ifndef __x86_64__
#error "the trap flag is x86's"
#endif

enum { kSlots = 64, kIds = 256, kFlood = 48, kTrapFlag = 0x100, kSecondsPerScene = 300 };
enum { kPathSize = 64 };

static const struct timespec kAtOnce = {0, 0};

/* --- what the trials act on --- */

static int port, second_port;
static int quiet[2], ready[2]; /* pipes; one has a byte in it */
static char path[kPathSize];
static mqd_t queue = (mqd_t)-1;
static timer_t timer;
static struct aiocb request;
static char request_byte;

/* The events of a trial, by what is in portev_user. */
static unsigned ids; /* below it: sent */
static unsigned char arrived[kIds], arrived_at_second[kIds];
static unsigned char to_second[kIds], refused[kIds]; /* where it went; it was not taken */
static unsigned of_descriptors, of_others, of_alerts;

static void note_event(const port_event_t *event) {
  const uintptr_t id = (uintptr_t)event->portev_user;
  if (event->portev_source == PORT_SOURCE_USER) {
    CHECK(id < ids);
    ++arrived[id];
  } else if (event->portev_source == PORT_SOURCE_FD) {
    ++of_descriptors;
  } else if (event->portev_source == PORT_SOURCE_ALERT) {
    ++of_alerts;
  } else {
    ++of_others;
  }
}

static unsigned new_id(void) {
  CHECK(ids < kIds);
  return ids++;
}

static int send_one(void) {
  const unsigned id = new_id();
  return port_send(port, 1, (void *)(uintptr_t)id);
}

/* --- what the handler does --- */

enum action { kSend, kSendn, kMixed, kFlooded, kActions };
static const char *const action_names[] = {"port_send", "port_sendn", "other calls", "a flood"};

static struct {
  enum action action;
  long instruction, target;
  int acted, over;
  int waker; /* the call was about to wait for good, and has been sent something */
  int wakes; /* ... if that is what the scene is about */
  sigset_t without_trap;
} trial;

/* Succeeds, or says that it may not be called here. */
static void may_be_refused(long result) { CHECK(result >= 0 || errno == EAGAIN || errno == ETIME); }

static void take_one(void) {
  port_event_t event;
  const int result = port_get(port, &event, &kAtOnce);
  may_be_refused(result);
  if (result == 0) note_event(&event);
}

static void count_events(void) {
  uint_t count = 0;
  may_be_refused(port_getn(port, NULL, 0, &count, NULL));
}

static void alert_and_back(void) {
  may_be_refused(port_alert(port, PORT_ALERT_SET, 1, NULL));
  may_be_refused(port_alert(port, PORT_ALERT_SET, 0, NULL));
}

static void associate_and_back(void) {
  may_be_refused(port_associate(second_port, PORT_SOURCE_FD, (uintptr_t)quiet[0], POLLIN, NULL));
  const int result = port_dissociate(second_port, PORT_SOURCE_FD, (uintptr_t)quiet[0]);
  CHECK(result == 0 || errno == EAGAIN || errno == ENOENT);
}

static void ask_timer(void) {
  struct itimerspec when = {{0, 0}, {1000, 0}};
  may_be_refused(timer_settime(timer, 0, &when, NULL));
  may_be_refused(timer_gettime(timer, &when));
  CHECK(timer_getoverrun(timer) == 0);
}

static void ask_request(void) {
  const struct aiocb *const list[] = {&request};
  CHECK(aio_error(&request) == 0);
  CHECK(aio_suspend(list, 1, &kAtOnce) == 0 || errno == EAGAIN || errno == EINTR);
}

static void look_at_descriptors(void) {
  struct pollfd item = {port, POLLIN, 0};
  struct stat status;
  CHECK(poll(&item, 1, 0) >= 0);
  (void)fstat(port, &status);
  const int copy = dup(port);
  CHECK(copy >= 0);
  CHECK(close(copy) == 0);
}

static void (*const others[])(void) = {take_one,           count_events, alert_and_back,
                                       associate_and_back, ask_timer,    ask_request,
                                       look_at_descriptors};
enum { kOthers = sizeof others / sizeof others[0] };

static void send_to_both(void) {
  int ports[2] = {port, second_port}, errors[2];
  const unsigned id = new_id();
  to_second[id] = 1;
  CHECK(port_sendn(ports, errors, 2, 1, (void *)(uintptr_t)id) == 2);
}

static void send_until_refused(void) {
  const unsigned id = new_id();
  if (port_send(port, 1, (void *)(uintptr_t)id) == 0) return;
  CHECK(errno == EAGAIN);
  refused[id] = 1;
}

static void act(void) {
  switch (trial.action) {
    case kSend:
      CHECK(send_one() == 0);
      break;
    case kSendn:
      send_to_both();
      break;
    case kMixed:
      others[trial.target % kOthers]();
      CHECK(send_one() == 0);
      break;
    default:
      send_until_refused();
  }
}

/* --- single steps --- */

static int at_system_call(const greg_t *registers) {
  return *(const unsigned short *)registers[REG_RIP] == 0x050f;
}

static int about_to_wait(const greg_t *registers) {
  const long number = registers[REG_RAX];
  const int operation = (int)registers[REG_RSI] & 0x7f;
  return number == SYS_ppoll || (number == SYS_futex && operation == 9 /* FUTEX_WAIT_BITSET */);
}

/* SIGTRAP stays out of the masks, and so the trap flag does not kill. */
static void let_traps_through(greg_t *registers) {
  if (registers[REG_RAX] != SYS_rt_sigprocmask || registers[REG_RSI] == 0) return;
  memcpy(&trial.without_trap, (const void *)registers[REG_RSI], 8);
  sigdelset(&trial.without_trap, SIGTRAP);
  registers[REG_RSI] = (greg_t)(uintptr_t)&trial.without_trap;
}

/* The test's own books are not to be interrupted. */
extern const char __executable_start[], etext[];
static int in_program(const greg_t *registers) {
  const uintptr_t at = (uintptr_t)registers[REG_RIP];
  return at >= (uintptr_t)__executable_start && at < (uintptr_t)etext;
}

static int due(void) {
  if (trial.action == kFlooded)
    return trial.instruction >= trial.target && trial.instruction < trial.target + kFlood;
  return !trial.acted && trial.instruction >= trial.target;
}

static void on_step(int signal, siginfo_t *info, void *context) {
  ucontext_t *interrupted = context;
  greg_t *registers = interrupted->uc_mcontext.gregs;
  const int saved = errno;
  (void)signal;
  (void)info;
  if (trial.over) {
    registers[REG_EFL] &= ~(greg_t)kTrapFlag;
    return;
  }
  if (in_program(registers)) return;
  ++trial.instruction;
  if (due() && sigismember(&interrupted->uc_sigmask, SIGALRM) == 0) {
    trial.acted = 1;
    act();
  }
  if (trial.acted && !due()) trial.over = 1; /* the rest at full speed */
  if (at_system_call(registers)) {
    let_traps_through(registers);
    if (trial.wakes && !trial.waker && about_to_wait(registers)) {
      trial.waker = 1;
      CHECK(send_one() == 0);
    }
  }
  errno = saved;
}

static void set_trap_flag(void) {
  __asm__ volatile(
      "lea -128(%%rsp), %%rsp\n\tpushfq\n\torq %0, (%%rsp)\n\tpopfq\n\tlea 128(%%rsp), %%rsp"
      :
      : "i"(kTrapFlag)
      : "memory", "cc");
}

/* --- scenes --- */

struct scene {
  const char *name;
  void (*prepare)(void);
  long (*call)(void);
  void (*judge)(long result, int error);
  void (*clean)(void);
  unsigned descriptors, others; /* events that must have come */
  long factor;                  /* of the steps, for long calls; 0 is 1 */
};

static void nothing(void) {}

static void is_zero(long result, int error) {
  errno = error;
  CHECK(result == 0 && error == 33);
}

/* With other calls, the handler may have taken what the call was to get. */
static void is_event(long result, int error) {
  errno = error;
  if (trial.action == kMixed && result == -1 && error == ETIME) return;
  CHECK(result == 0 && error == 33);
}

static void is_event_or_none(long result, int error) {
  errno = error;
  CHECK((result == 0 && error == 33) || (result == -1 && error == ETIME));
}

static void queue_three(void) {
  for (int i = 0; i < 3; ++i) CHECK(send_one() == 0);
}

static void associate(int fd) {
  CHECK(port_associate(port, PORT_SOURCE_FD, (uintptr_t)fd, POLLIN, NULL) == 0);
}
static void associate_ready(void) { associate(ready[0]); }
static void associate_quiet(void) { associate(quiet[0]); }
static void dissociate(int fd) { CHECK(port_dissociate(port, PORT_SOURCE_FD, (uintptr_t)fd) == 0); }
static void dissociate_quiet(void) { dissociate(quiet[0]); }

static long get_with(const struct timespec *timeout) {
  port_event_t event;
  const int result = port_get(port, &event, timeout);
  const int error = errno;
  if (result == 0) note_event(&event);
  errno = error;
  return result;
}
static long get_at_once(void) { return get_with(&kAtOnce); }
static long get_for_long(void) { return get_with(NULL); }
static void ready_and_users(void) {
  associate_ready();
  queue_three();
}

static long get_many(void) {
  port_event_t list[8];
  uint_t count = 1;
  const int result = port_getn(port, list, 8, &count, &kAtOnce);
  const int error = errno;
  if (result == 0 || error == ETIME)
    for (uint_t i = 0; i < count; ++i) note_event(&list[i]);
  errno = error;
  return result;
}

static long ask_count(void) {
  uint_t count = 0;
  const int result = port_getn(port, NULL, 0, &count, NULL);
  CHECK(trial.action == kMixed || (count >= 3 && count <= ids));
  return result;
}

static long send_a_few(void) {
  const int first = send_one();
  return first != 0 ? first : send_one();
}
static long sendn_both(void) {
  int ports[2] = {port, second_port}, errors[2];
  const unsigned id = new_id();
  to_second[id] = 1;
  return port_sendn(ports, errors, 2, 1, (void *)(uintptr_t)id);
}
static void is_two(long result, int error) {
  errno = error;
  CHECK(result == 2 && error == 33);
}

static long associate_quiet_call(void) {
  return port_associate(port, PORT_SOURCE_FD, (uintptr_t)quiet[0], POLLIN, NULL);
}
static long associate_ready_call(void) {
  return port_associate(port, PORT_SOURCE_FD, (uintptr_t)ready[0], POLLIN, NULL);
}
static void retrieved_once(void) {
  port_event_t event;
  associate_ready();
  CHECK(port_get(port, &event, &kAtOnce) == 0);
}
static long dissociate_quiet_call(void) {
  return port_dissociate(port, PORT_SOURCE_FD, (uintptr_t)quiet[0]);
}

static long alert_call(void) {
  const int set = port_alert(port, PORT_ALERT_UPDATE, 5, NULL);
  return set != 0 ? set : port_alert(port, PORT_ALERT_UPDATE, 0, NULL);
}

static void file_object(file_obj_t *object) {
  struct stat status;
  CHECK(stat(path, &status) == 0);
  memset(object, 0, sizeof *object);
  object->fo_name = path;
  object->fo_atime = status.st_atim;
  object->fo_mtime = status.st_mtim;
  object->fo_ctime = status.st_ctim;
}
static file_obj_t watched;
static void look_at_file(void) { file_object(&watched); }
static long file_call(void) {
  const int result =
      port_associate(port, PORT_SOURCE_FILE, (uintptr_t)&watched, FILE_MODIFIED, NULL);
  return result != 0 ? result : port_dissociate(port, PORT_SOURCE_FILE, (uintptr_t)&watched);
}

static void notify_of(struct sigevent *event, port_notify_t *notify) {
  memset(event, 0, sizeof *event);
  notify->portnfy_port = port;
  notify->portnfy_user = NULL;
  event->sigev_notify = SIGEV_PORT;
  event->sigev_value.sival_ptr = notify;
}
static long timer_call(void) {
  const struct itimerspec soon = {{0, 0}, {0, 1}};
  struct sigevent event;
  port_notify_t notify;
  timer_t made;
  notify_of(&event, &notify);
  if (timer_create(CLOCK_MONOTONIC, &event, &made) != 0) return -1;
  if (timer_settime(made, TIMER_ABSTIME, &soon, NULL) != 0) return -1;
  while (of_others == 0)
    if (get_at_once() != 0 && errno != ETIME) return -1;
  errno = 33;
  return timer_delete(made);
}

static struct aiocb block;
static char block_byte;
static port_notify_t block_notify;
static void make_block(void) {
  memset(&block, 0, sizeof block);
  notify_of(&block.aio_sigevent, &block_notify);
  block.aio_fildes = ready[0];
  block.aio_buf = &block_byte;
  block.aio_nbytes = 1;
}
static long request_call(void) {
  const struct aiocb *const list[] = {&block};
  if (aio_read(&block) != 0) return -1;
  while (aio_suspend(list, 1, NULL) != 0) CHECK(errno == EINTR);
  errno = 33;
  return aio_error(&block) == 0 ? aio_return(&block) - 1 : -2;
}
static void fill_again(void) { write_byte(ready[1]); }

static long queue_call(void) {
  struct sigevent event;
  port_notify_t notify;
  notify_of(&event, &notify);
  if (mq_notify(queue, &event) != 0) return -1;
  return mq_notify(queue, NULL);
}

static long copy_call(void) {
  const int copy = dup(port);
  return copy < 0 ? copy : close(copy);
}
static long poll_call(void) {
  struct pollfd item = {port, POLLIN | POLLOUT, 0};
  struct stat status;
  return poll(&item, 1, 0) == 1 ? fstat(port, &status) : -1;
}
static long create_call(void) {
  const int made = port_create();
  return made < 0 ? made : close(made);
}
static int closed_copy;
static void associate_copy(void) {
  closed_copy = dup(quiet[0]);
  CHECK(closed_copy >= 0);
  associate(closed_copy);
}
static long close_associated(void) { return close(closed_copy); }

static const struct scene scenes[] = {
    {"port_get of a user event", queue_three, get_at_once, is_zero, nothing, 0, 0, 0},
    {"port_get of a descriptor's event", associate_ready, get_at_once, is_event, nothing, 1, 0, 0},
    {"port_get behind others", ready_and_users, get_at_once, is_zero, nothing, 1, 0, 0},
    {"port_get of nothing", associate_quiet, get_at_once, is_event_or_none, dissociate_quiet, 0, 0,
     0},
    {"port_get that waits", associate_quiet, get_for_long, is_zero, dissociate_quiet, 0, 0, 0},
    {"port_getn of all", ready_and_users, get_many, is_event, nothing, 1, 0, 0},
    {"port_getn of the count", queue_three, ask_count, is_zero, nothing, 0, 0, 0},
    {"port_send", nothing, send_a_few, is_zero, nothing, 0, 0, 0},
    {"port_sendn", nothing, sendn_both, is_two, nothing, 0, 0, 0},
    {"port_associate", nothing, associate_quiet_call, is_zero, dissociate_quiet, 0, 0, 0},
    {"port_associate, ready", nothing, associate_ready_call, is_zero, nothing, 1, 0, 0},
    {"port_associate again", retrieved_once, associate_ready_call, is_zero, nothing, 1, 0, 0},
    {"port_dissociate", associate_quiet, dissociate_quiet_call, is_zero, nothing, 0, 0, 0},
    {"port_alert", nothing, alert_call, is_zero, nothing, 0, 0, 0},
    {"a file", look_at_file, file_call, is_zero, nothing, 0, 0, 3},
    {"a timer", nothing, timer_call, is_zero, nothing, 0, 1, 3},
    {"a request", make_block, request_call, is_zero, fill_again, 0, 1, 0},
    {"a message queue", nothing, queue_call, is_zero, nothing, 0, 0, 0},
    {"dup and close of the port", queue_three, copy_call, is_zero, nothing, 0, 0, 0},
    {"poll and fstat of the port", queue_three, poll_call, is_zero, nothing, 0, 0, 0},
    {"port_create and its close", nothing, create_call, is_zero, nothing, 0, 0, 41},
    {"close of what is associated", associate_copy, close_associated, is_zero, nothing, 0, 0, 0},
};
enum { kScenes = sizeof scenes / sizeof scenes[0] };

/* --- ports --- */

enum mode { kAlone, kExact, kShared, kSleeper, kModes };
static const char *const mode_names[] = {"", ", polled", ", shared", ", another thread asleep"};

static struct {
  struct sleeper sleeper;
  int over;
} other_sleeper;

static void use_port(void *unused) {
  uint_t count;
  (void)unused;
  CHECK(port_getn(port, NULL, 0, &count, NULL) == 0);
}

/* It needs more events than there are in any trial. */
static void *sleep_on_port(void *sleeper) {
  port_event_t list[kSlots];
  __atomic_store_n(&((struct sleeper *)sleeper)->tid, (int)syscall(SYS_gettid), __ATOMIC_RELEASE);
  while (!__atomic_load_n(&other_sleeper.over, __ATOMIC_ACQUIRE)) {
    uint_t count = kSlots;
    CHECK(port_getn(port, list, kSlots, &count, NULL) == 0);
    CHECK(count == 1 && list[0].portev_source == PORT_SOURCE_ALERT);
  }
  return NULL;
}

static void make_port(enum mode mode) {
  struct pollfd item = {0, POLLIN, 0};
  port = port_create();
  CHECK(port >= 0);
  item.fd = port;
  if (mode == kExact) CHECK(poll(&item, 1, 0) == 0);
  if (mode == kShared) check_child(start_child(use_port, NULL));
  if (mode != kSleeper) return;
  __atomic_store_n(&other_sleeper.over, 0, __ATOMIC_RELEASE);
  sleeper_start_as(&other_sleeper.sleeper, port, sleep_on_port);
}

static void close_port(enum mode mode) {
  if (mode == kSleeper) {
    __atomic_store_n(&other_sleeper.over, 1, __ATOMIC_RELEASE);
    CHECK(port_alert(port, PORT_ALERT_SET, 1, NULL) == 0);
    CHECK(pthread_join(other_sleeper.sleeper.thread, NULL) == 0);
  }
  CHECK(close(port) == 0);
}

/* --- trials --- */

static char playing[128];

static void take_what_is_left(void) {
  port_event_t event;
  while (port_get(port, &event, &kAtOnce) == 0) note_event(&event);
  CHECK(errno == ETIME);
  while (port_get(second_port, &event, &kAtOnce) == 0)
    if (event.portev_source == PORT_SOURCE_USER) ++arrived_at_second[(uintptr_t)event.portev_user];
  CHECK(errno == ETIME);
}

static void check_accounts(const struct scene *scene) {
  for (unsigned id = 0; id < ids; ++id) {
    if (arrived[id] != !refused[id])
      fprintf(stderr, "%s, at instruction %ld: event %u arrived %d times, refused: %d\n", playing,
              trial.target, id, arrived[id], refused[id]);
    CHECK(arrived[id] == !refused[id]);
    CHECK(arrived_at_second[id] == to_second[id]);
  }
  CHECK(of_descriptors == scene->descriptors);
  CHECK(of_others == scene->others);
  CHECK(of_alerts == 0 || trial.action == kMixed);
}

/* The other sleeper would take a full port's events. */
static void check_capacity(enum mode mode) {
  const int room = mode == kSleeper ? kSlots - 1 : kSlots;
  port_event_t event;
  (void)port_dissociate(port, PORT_SOURCE_FD, (uintptr_t)ready[0]);
  for (int i = 0; i < room; ++i) CHECK(port_send(port, i, NULL) == 0);
  if (room == kSlots) CHECK_FAILS(port_send(port, room, NULL), EAGAIN);
  for (int i = 0; i < room; ++i)
    CHECK(port_get(port, &event, &kAtOnce) == 0 && event.portev_events == i);
}

static void forget(void) {
  ids = of_descriptors = of_others = of_alerts = 0;
  memset(arrived, 0, sizeof arrived);
  memset(arrived_at_second, 0, sizeof arrived_at_second);
  memset(to_second, 0, sizeof to_second);
  memset(refused, 0, sizeof refused);
}

/* False once the call is over before the handler's turn. */
static int play_trial(const struct scene *scene, enum mode mode) {
  forget();
  scene->prepare();
  trial.instruction = 0;
  trial.acted = trial.over = trial.waker = 0;
  trial.wakes = scene->call == get_for_long;
  errno = 33;
  set_trap_flag();
  const long result = scene->call();
  trial.over = 1;
  const int error = errno;
  scene->judge(result, error);
  take_what_is_left();
  check_accounts(scene);
  scene->clean();
  check_capacity(mode);
  return trial.acted;
}

static void report_stuck(int signal) {
  (void)signal;
  fprintf(stderr,
          "%s: the call does not return; the handler's turn was at instruction %ld of %ld\n",
          playing, trial.target, trial.instruction);
  _exit(1);
}

/* Not every scene begins with the same instruction, and all have at least one. */
static long first_of(const struct scene *scene, enum mode mode, int action) {
  return ((scene - scenes) * 37 + (long)mode * 101 + action * 67) % 300;
}

static void play(const struct scene *scene, enum mode mode, long step, long offset) {
  for (int action = 0; action < kActions; ++action) {
    if (action == kFlooded && (mode == kSleeper || scene->others != 0)) continue;
    snprintf(playing, sizeof playing, "%s%s, %s", scene->name, mode_names[mode],
             action_names[action]);
    trial.action = (enum action)action;
    make_port(mode);
    const long factor = step == 1 || scene->factor == 0 ? 1 : scene->factor;
    trial.target = offset + first_of(scene, mode, action) % step;
    for (;; trial.target += step * factor)
      if (!play_trial(scene, mode)) break;
    close_port(mode);
  }
}

/* --- the program --- */

static void make_queue(void) {
  char name[64];
  snprintf(name, sizeof name, "/portc-interrupted-%d", (int)getpid());
  queue = mq_open(name, O_CREAT | O_EXCL | O_RDWR | O_NONBLOCK, 0600, NULL);
  CHECK(queue != (mqd_t)-1);
  CHECK(mq_unlink(name) == 0);
}

/* A timer and a request that notify the second port; the request is done. */
static void make_others(void) {
  struct sigevent event;
  port_notify_t notify;
  port_event_t got;
  const struct timespec long_enough = {20, 0};
  port = second_port;
  notify_of(&event, &notify);
  CHECK(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0);
  memset(&request, 0, sizeof request);
  notify_of(&request.aio_sigevent, &notify);
  request.aio_fildes = ready[0];
  request.aio_buf = &request_byte;
  request.aio_nbytes = 1;
  CHECK(aio_read(&request) == 0);
  CHECK(port_get(second_port, &got, &long_enough) == 0);
  write_byte(ready[1]);
}

static void make_world(void) {
  struct sigaction action;
  setenv("PORTC_MAX_EVENTS", "64", 1);
  CHECK(pipe(quiet) == 0 && pipe(ready) == 0);
  write_byte(ready[1]);
  snprintf(path, sizeof path, "/tmp/portc-interrupted-XXXXXX");
  const int file = mkstemp(path);
  CHECK(file >= 0 && close(file) == 0);
  second_port = port_create();
  CHECK(second_port >= 0);
  make_queue();
  make_others();
  memset(&action, 0, sizeof action);
  action.sa_sigaction = on_step;
  action.sa_flags = SA_SIGINFO;
  CHECK(sigaction(SIGTRAP, &action, NULL) == 0);
}

/* In a process of its own: a scene that fails does not stop the others. */
static int play_apart(const struct scene *scene, enum mode mode, long step, long offset) {
  int status;
  fflush(stdout);
  const pid_t pid = fork();
  CHECK(pid >= 0);
  if (pid == 0) {
    signal(SIGALRM, report_stuck);
    alarm(kSecondsPerScene);
    make_world();
    play(scene, mode, step, offset);
    (void)unlink(path);
    _exit(0);
  }
  CHECK(waitpid(pid, &status, 0) == pid);
  if (WIFSIGNALED(status)) printf("  killed by signal %d\n", WTERMSIG(status));
  printf("%s  %s%s\n", status == 0 ? "ok    " : "FAILED", scene->name, mode_names[mode]);
  return status == 0;
}

int main(int argc, char **argv) {
  long step = 1, offset = 1;
  const char *only = NULL;
  int passed = 0, failed = 0;
  for (int i = 1; i < argc; ++i) {
    if (strcmp(argv[i], "--steps") == 0 && i + 1 < argc)
      step = atol(argv[++i]);
    else if (strcmp(argv[i], "--offset") == 0 && i + 1 < argc)
      offset = atol(argv[++i]);
    else
      only = argv[i];
  }
  if (step < 1 || offset < 1) return 2;
  for (int i = 0; i < kScenes; ++i) {
    if (only != NULL && strcmp(only, scenes[i].name) != 0) continue;
    for (int mode = 0; mode < kModes; ++mode)
      ++*(play_apart(&scenes[i], (enum mode)mode, step, offset) ? &passed : &failed);
  }
  printf("%d passed, %d failed\n", passed, failed);
  return passed == 0 ? 2 : failed != 0;
}
