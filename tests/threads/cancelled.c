/* SPDX-License-Identifier: MIT */
/*
 * Threads that do not come back from a wait: cancelled, ended by a handler of theirs, taken out of
 * the call by siglongjmp, or gone with the old image of an exec. Whatever they slept for, the
 * others have all of it: the port's lock, somebody who leads the sleepers, every event; and when
 * the port is closed, nothing of it is left (run_case compares the descriptors).
 */
#include <aio.h>
#include <poll.h>
#include <setjmp.h>

#include "tests/interpose/support.h"

enum { kRounds = 300, kFew = 20, kStack = 65536 };

static const struct timespec kLong = {20, 0};
static const struct timespec kAtOnce = {0, 0};

static int new_port(void) {
  const int port = port_create();
  CHECK(port >= 0);
  return port;
}

static void check_empty(int port) {
  port_event_t event;
  CHECK_FAILS(port_get(port, &event, &kAtOnce), ETIME);
}

/* --- threads that wait --- */

enum call { kGet, kGetn, kCalls };

struct thread {
  struct sleeper sleeper; /* thread, tid, port, result, error, event */
  enum call call;
  int cancel_state, cancel_type;
  int cleaned; /* its cleanup handler has run */
  int returned;
  int held; /* before its call */
  sigjmp_buf back;
  pthread_barrier_t *done; /* it may go */
};

static void clean(void *thread) { ((struct thread *)thread)->cleaned = 1; }

static int wait_for_event(struct thread *thread) {
  port_event_t list[2];
  uint_t count = 1;
  if (thread->call == kGet) return port_get(thread->sleeper.port, &thread->sleeper.event, NULL);
  const int result = port_getn(thread->sleeper.port, list, 2, &count, NULL);
  if (result == 0) thread->sleeper.event = list[0];
  return result;
}

static void *wait_in_call(void *argument) {
  struct thread *thread = argument;
  int before;
  pthread_cleanup_push(clean, thread);
  CHECK(pthread_setcancelstate(thread->cancel_state, &before) == 0);
  CHECK(pthread_setcanceltype(thread->cancel_type, &before) == 0);
  __atomic_store_n(&thread->sleeper.tid, (int)syscall(SYS_gettid), __ATOMIC_RELEASE);
  while (__atomic_load_n(&thread->held, __ATOMIC_ACQUIRE)) sched_yield();
  thread->sleeper.result = wait_for_event(thread);
  thread->sleeper.error = errno;
  thread->returned = 1;
  CHECK(pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &before) == 0);
  pthread_testcancel();
  pthread_cleanup_pop(0);
  return thread;
}

static void prepare(struct thread *thread, enum call call) {
  memset(thread, 0, sizeof *thread);
  thread->call = call;
  thread->cancel_state = PTHREAD_CANCEL_ENABLE;
  thread->cancel_type = PTHREAD_CANCEL_DEFERRED;
}

static void begin_as(struct thread *thread, int port, void *(*body)(void *)) {
  thread->sleeper.port = port;
  CHECK(pthread_create(&thread->sleeper.thread, NULL, body, thread) == 0);
}

static void wait_until_asleep(struct thread *thread) {
  int tid;
  while ((tid = __atomic_load_n(&thread->sleeper.tid, __ATOMIC_ACQUIRE)) == 0) sched_yield();
  snprintf(thread->sleeper.who, sizeof thread->sleeper.who, "self/task/%d", tid);
  wait_asleep(thread->sleeper.who);
}

static void begin(struct thread *thread, int port) {
  begin_as(thread, port, wait_in_call);
  wait_until_asleep(thread);
}

static void check_ended(struct thread *thread, void *how) {
  void *result;
  CHECK(pthread_join(thread->sleeper.thread, &result) == 0);
  CHECK(result == how);
  CHECK(how != PTHREAD_CANCELED || thread->cleaned);
}

/* --- deferred cancellation: no port function is a cancellation point, but a wait ends --- */

static void check_cancelled(struct thread *thread) {
  CHECK(pthread_cancel(thread->sleeper.thread) == 0);
  check_ended(thread, PTHREAD_CANCELED);
  CHECK(thread->returned && thread->sleeper.result == -1 && thread->sleeper.error == EINTR);
}

static void wakes_the_cancelled(void) {
  for (int call = 0; call < kCalls; ++call) {
    const int port = new_port();
    struct thread thread;
    prepare(&thread, (enum call)call);
    begin(&thread, port);
    check_cancelled(&thread);
    check_works(port);
    close(port);
  }
}

/* Whoever of two leads, the other gets what comes next. */
static void other_takes_over(void) {
  for (int first = 0; first < 2; ++first) {
    const int port = new_port();
    struct thread threads[2];
    for (int i = 0; i < 2; ++i) {
      prepare(&threads[i], kGet);
      begin(&threads[i], port);
    }
    check_cancelled(&threads[first]);
    CHECK(port_send(port, 5, NULL) == 0);
    check_ended(&threads[1 - first], &threads[1 - first]);
    CHECK(threads[1 - first].sleeper.result == 0 &&
          threads[1 - first].sleeper.event.portev_events == 5);
    check_works(port);
    close(port);
  }
}

static void disabled_sleeps_on(void) {
  const int port = new_port();
  struct thread thread;
  prepare(&thread, kGet);
  thread.cancel_state = PTHREAD_CANCEL_DISABLE;
  begin(&thread, port);
  CHECK(pthread_cancel(thread.sleeper.thread) == 0);
  wait_asleep(thread.sleeper.who);
  CHECK(port_send(port, 6, NULL) == 0);
  check_ended(&thread, PTHREAD_CANCELED); /* as soon as it allows it */
  CHECK(thread.returned && thread.sleeper.result == 0 && thread.sleeper.event.portev_events == 6);
  close(port);
}

static void pending_does_not_disturb(void) {
  const int port = new_port();
  struct thread thread;
  prepare(&thread, kGet);
  thread.cancel_state = PTHREAD_CANCEL_DISABLE;
  CHECK(port_send(port, 7, NULL) == 0);
  thread.held = 1;
  begin_as(&thread, port, wait_in_call);
  while (__atomic_load_n(&thread.sleeper.tid, __ATOMIC_ACQUIRE) == 0) sched_yield();
  CHECK(pthread_cancel(thread.sleeper.thread) == 0);
  __atomic_store_n(&thread.held, 0, __ATOMIC_RELEASE);
  check_ended(&thread, PTHREAD_CANCELED);
  CHECK(thread.returned && thread.sleeper.result == 0 && thread.sleeper.event.portev_events == 7);
  close(port);
}

/* At the same time as the event: it is the cancelled thread's, or stays. */
static void event_is_not_lost(void) {
  const int port = new_port();
  for (int i = 0; i < kRounds; ++i) {
    struct thread threads[2];
    port_event_t event;
    for (int j = 0; j < 2; ++j) {
      prepare(&threads[j], kGet);
      begin_as(&threads[j], port, wait_in_call);
    }
    if (i % 2 == 0) wait_until_asleep(&threads[0]);
    if (i % 3 == 0) wait_until_asleep(&threads[1]);
    CHECK(port_send(port, i, NULL) == 0);
    for (int j = 0; j < 2; ++j) CHECK(pthread_cancel(threads[j].sleeper.thread) == 0);
    CHECK(port_send(port, i, NULL) == 0); /* for one that was cancelled before it slept */
    CHECK(port_send(port, i, NULL) == 0);
    int got = 0;
    for (int j = 0; j < 2; ++j) {
      CHECK(pthread_join(threads[j].sleeper.thread, NULL) == 0);
      got += threads[j].returned && threads[j].sleeper.result == 0;
    }
    for (; got < 3; ++got) CHECK(port_get(port, &event, &kAtOnce) == 0);
    check_empty(port);
  }
  check_works(port);
  close(port);
}

/* --- a wait that is not returned to --- */

static void on_signal(void (*handler)(int), int flags) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = handler;
  action.sa_flags = flags;
  CHECK(sigaction(SIGUSR1, &action, NULL) == 0);
}

static void exit_thread(int signal) {
  (void)signal;
  pthread_exit((void *)(intptr_t)99);
}

static __thread struct thread *jumper;

static void jump_out(int signal) {
  (void)signal;
  siglongjmp(jumper->back, 1);
}

/* Twice: what is left of the first wait must not be in the way of the second. */
static void *wait_and_jump(void *argument) {
  struct thread *thread = argument;
  const stack_t other = {.ss_sp = malloc(kStack), .ss_size = kStack};
  jumper = thread;
  CHECK(other.ss_sp != NULL && sigaltstack(&other, NULL) == 0);
  if (sigsetjmp(thread->back, 1) == 0) {
    __atomic_store_n(&thread->sleeper.tid, (int)syscall(SYS_gettid), __ATOMIC_RELEASE);
    (void)wait_for_event(thread);
    CHECK(!"it returned");
  }
  CHECK(port_get(thread->sleeper.port, &thread->sleeper.event, &kLong) == 0);
  const stack_t none = {.ss_flags = SS_DISABLE};
  CHECK(sigaltstack(&none, NULL) == 0);
  free(other.ss_sp);
  return thread;
}

static void cancel_asynchronously(struct thread *thread) {
  CHECK(pthread_cancel(thread->sleeper.thread) == 0);
}
static void send_signal(struct thread *thread) {
  CHECK(pthread_kill(thread->sleeper.thread, SIGUSR1) == 0);
}

/* The leader, a follower, or the only sleeper is taken away; the one that is left gets the event.
 */
static void take_one_away(int type, void (*away)(struct thread *), void *how) {
  for (int first = 0; first < 3; ++first) {
    for (int call = 0; call < kCalls; ++call) {
      const int port = new_port();
      struct thread threads[2];
      const int count = first == 2 ? 1 : 2, taken = first % 2;
      for (int i = 0; i < count; ++i) {
        prepare(&threads[i], (enum call)call);
        threads[i].cancel_type = type;
        begin(&threads[i], port);
      }
      away(&threads[taken]);
      check_ended(&threads[taken], how);
      CHECK(!threads[taken].returned);
      if (count == 2) {
        CHECK(port_send(port, 8, NULL) == 0);
        check_ended(&threads[1 - taken], &threads[1 - taken]);
        CHECK(threads[1 - taken].sleeper.event.portev_events == 8);
      }
      check_works(port);
      check_empty(port);
      close(port);
    }
  }
}

static void asynchronous(void) {
  take_one_away(PTHREAD_CANCEL_ASYNCHRONOUS, cancel_asynchronously, PTHREAD_CANCELED);
}

static void exit_in_handler(void) {
  on_signal(exit_thread, 0);
  take_one_away(PTHREAD_CANCEL_DEFERRED, send_signal, (void *)(intptr_t)99);
}

static void jump_out_of_handler(void) {
  for (int i = 0; i < kFew; ++i) {
    const int port = new_port();
    struct thread threads[2];
    const int count = i % 3 == 2 ? 1 : 2, taken = i % 3 % 2;
    on_signal(jump_out, i % 2 == 0 ? 0 : SA_ONSTACK);
    for (int j = 0; j < count; ++j) {
      prepare(&threads[j], kGet);
      begin_as(&threads[j], port, j == taken ? wait_and_jump : wait_in_call);
      wait_until_asleep(&threads[j]);
    }
    send_signal(&threads[taken]);
    for (int j = 0; j < count; ++j) CHECK(port_send(port, 9, NULL) == 0);
    for (int j = 0; j < count; ++j) check_ended(&threads[j], &threads[j]);
    check_works(port);
    check_empty(port);
    close(port);
  }
}

/* Of a getter of another port, that the handler interrupts in its turn. */
static int inner_port;
static void wait_in_handler(int signal) {
  port_event_t event;
  (void)signal;
  (void)port_get(inner_port, &event, NULL);
}

static void jump_out_of_two(void) {
  const int port = new_port();
  struct sigaction action;
  struct thread thread;
  inner_port = new_port();
  on_signal(wait_in_handler, 0);
  memset(&action, 0, sizeof action);
  action.sa_handler = jump_out;
  CHECK(sigaction(SIGUSR2, &action, NULL) == 0);
  prepare(&thread, kGet);
  begin_as(&thread, port, wait_and_jump);
  wait_until_asleep(&thread);
  send_signal(&thread);
  wait_asleep(thread.sleeper.who);
  CHECK(pthread_kill(thread.sleeper.thread, SIGUSR2) == 0);
  CHECK(port_send(port, 1, NULL) == 0);
  check_ended(&thread, &thread);
  check_works(port);
  check_works(inner_port);
  close(port);
  close(inner_port);
}

/* --- aio_suspend, and lists that are waited for --- */

static int request_pipe[2];
static struct aiocb request;
static char request_byte;
static port_notify_t request_notify;

static void make_request(int port) {
  memset(&request, 0, sizeof request);
  request_notify.portnfy_port = port;
  request.aio_sigevent.sigev_notify = SIGEV_PORT;
  request.aio_sigevent.sigev_value.sival_ptr = &request_notify;
  request.aio_fildes = request_pipe[0];
  request.aio_buf = &request_byte;
  request.aio_nbytes = 1;
  request.aio_lio_opcode = LIO_READ;
}

static void *suspend_and_jump(void *argument) {
  struct thread *thread = argument;
  const struct aiocb *const list[] = {&request};
  jumper = thread;
  if (sigsetjmp(thread->back, 1) == 0) {
    __atomic_store_n(&thread->sleeper.tid, (int)syscall(SYS_gettid), __ATOMIC_RELEASE);
    (void)aio_suspend(list, 1, NULL);
    CHECK(!"it returned");
  }
  return thread;
}

static void *list_and_jump(void *argument) {
  struct thread *thread = argument;
  struct aiocb *const list[] = {&request};
  jumper = thread;
  if (sigsetjmp(thread->back, 1) == 0) {
    __atomic_store_n(&thread->sleeper.tid, (int)syscall(SYS_gettid), __ATOMIC_RELEASE);
    (void)lio_listio(LIO_WAIT, list, 1, NULL);
    CHECK(!"it returned");
  }
  /* io_uring ends the requests of a thread that exits, and begins them anew. */
  CHECK(pthread_barrier_wait(thread->done) <= 0);
  return thread;
}

static void *suspend(void *argument) {
  struct thread *thread = argument;
  const struct aiocb *const list[] = {&request};
  __atomic_store_n(&thread->sleeper.tid, (int)syscall(SYS_gettid), __ATOMIC_RELEASE);
  thread->sleeper.result = aio_suspend(list, 1, NULL);
  return thread;
}

static void take_request(int port) {
  port_event_t event;
  CHECK(port_get(port, &event, &kLong) == 0);
  CHECK(event.portev_source == PORT_SOURCE_AIO && event.portev_object == (uintptr_t)&request);
  CHECK(aio_error(&request) == 0 && aio_return(&request) == 1);
}

static void jump_out_of_suspend(void) {
  const int port = new_port();
  struct thread threads[2];
  CHECK(pipe(request_pipe) == 0);
  on_signal(jump_out, 0);
  for (int i = 0; i < kFew; ++i) {
    make_request(port);
    CHECK(aio_read(&request) == 0);
    for (int j = 0; j < 2; ++j) {
      prepare(&threads[j], kGet);
      begin_as(&threads[j], port, j == i % 2 ? suspend_and_jump : suspend);
      wait_until_asleep(&threads[j]);
    }
    send_signal(&threads[i % 2]);
    check_ended(&threads[i % 2], &threads[i % 2]);
    write_byte(request_pipe[1]);
    check_ended(&threads[1 - i % 2], &threads[1 - i % 2]);
    CHECK(threads[1 - i % 2].sleeper.result == 0);
    take_request(port);
  }
  close(request_pipe[0]);
  close(request_pipe[1]);
  close(port);
}

static void jump_out_of_list(void) {
  const int port = new_port();
  pthread_barrier_t done;
  struct thread thread;
  CHECK(pipe(request_pipe) == 0);
  CHECK(pthread_barrier_init(&done, NULL, 2) == 0);
  on_signal(jump_out, 0);
  for (int i = 0; i < kFew; ++i) {
    make_request(port);
    prepare(&thread, kGet);
    thread.done = &done;
    begin_as(&thread, port, list_and_jump);
    wait_until_asleep(&thread);
    send_signal(&thread);
    write_byte(request_pipe[1]);
    take_request(port);
    CHECK(pthread_barrier_wait(&done) <= 0);
    check_ended(&thread, &thread);
  }
  CHECK(pthread_barrier_destroy(&done) == 0);
  close(request_pipe[0]);
  close(request_pipe[1]);
  close(port);
}

/* --- exec by another thread --- */

static void *sleep_for_good(void *argument) {
  struct thread *thread = argument;
  port_event_t event;
  __atomic_store_n(&thread->sleeper.tid, (int)syscall(SYS_gettid), __ATOMIC_RELEASE);
  (void)port_get(thread->sleeper.port, &event, NULL);
  return NULL;
}

static void *execute(void *port) {
  char number[16];
  snprintf(number, sizeof number, "%d", *(int *)port);
  execute_self("executed", number, NULL);
  return NULL;
}

static void sleep_and_execute(void *argument) {
  int port = *(int *)argument;
  static struct thread threads[4];
  pthread_t executor;
  for (int i = 0; i < 4; ++i) {
    begin_as(&threads[i], port, sleep_for_good);
    wait_until_asleep(&threads[i]);
  }
  CHECK(pthread_create(&executor, NULL, execute, &port) == 0);
  for (;;) pause();
}

/* The new image. */
static int executed(int port) {
  alarm(30);
  check_works(port);
  CHECK(port_send(port, 10, (void *)(intptr_t)10) == 0);
  return 0;
}

static void exec_takes_sleepers_away(void) {
  int port = new_port();
  struct thread thread;
  for (int i = 0; i < kFew; ++i) {
    const pid_t child = start_child(sleep_and_execute, &port);
    check_child(child);
    check_takes(port, 10);
    prepare(&thread, kGet);
    begin(&thread, port);
    CHECK(port_send(port, 11, NULL) == 0);
    check_ended(&thread, &thread);
    CHECK(thread.sleeper.event.portev_events == 11);
  }
  close(port);
}

static const struct test_case cases[] = {
    {"wakes_the_cancelled", wakes_the_cancelled},
    {"other_takes_over", other_takes_over},
    {"disabled_sleeps_on", disabled_sleeps_on},
    {"pending_does_not_disturb", pending_does_not_disturb},
    {"event_is_not_lost", event_is_not_lost},
    {"asynchronous", asynchronous},
    {"exit_in_handler", exit_in_handler},
    {"jump_out_of_handler", jump_out_of_handler},
    {"jump_out_of_two", jump_out_of_two},
    {"jump_out_of_suspend", jump_out_of_suspend},
    {"jump_out_of_list", jump_out_of_list},
    {"exec_takes_sleepers_away", exec_takes_sleepers_away},
    {NULL, NULL},
};

int main(int argc, char **argv) {
  if (argc == 3 && strcmp(argv[1], "executed") == 0) return executed(atoi(argv[2]));
  return run_case(cases, argc, argv);
}
