// SPDX-License-Identifier: MIT
//
// Timers, asynchronous I/O and message queues, with and without ports.
#include "check.h"
#include "threads.h"

static const struct timespec soon = {0, 1000000};
static struct timespec ten = {10, 0};
static volatile int got, value, called;

static void inform(int number, siginfo_t* info, void* context) {
  got = number;
  value = info->data.proc.kill.value.sival_int;
  (void)context;
}

static void call(union sigval with) { called = with.sival_int; }

static struct sigevent how(int notify, int number, void* with) {
  struct sigevent event;
  memset(&event, 0, sizeof event);
  event.sigev_notify = notify;
  event.sigev_signo = number;
  event.sigev_value.sival_ptr = with;
  event.sigev_notify_function = call;
  return event;
}

static void timers(void) {
  const struct itimerspec when = {{0, 0}, {0, 1000000}};
  struct sigaction action;
  struct sigevent event = how(SIGEV_SIGNAL, 42, (void*)31);
  timer_t timer;
  memset(&action, 0, sizeof action);
  action.sa_sigaction = inform;
  action.sa_flags = SA_SIGINFO;
  sigaction(42, &action, NULL);
  CHECK("timer-signal", timer_create(CLOCK_MONOTONIC, &event, &timer) == 0 &&
                            timer_settime(timer, 0, &when, NULL) == 0);
  while (got == 0) nanosleep(&soon, NULL);
  CHECK("timer-value", got == 42 && value == 31 && timer_delete(timer) == 0);
  event = how(SIGEV_THREAD, 0, (void*)55);
  CHECK("timer-thread", timer_create(CLOCK_MONOTONIC, &event, &timer) == 0 &&
                            timer_settime(timer, 0, &when, NULL) == 0);
  while (called == 0) nanosleep(&soon, NULL);
  CHECK("timer-called", called == 55 && timer_delete(timer) == 0);
  CHECK("timer-gone", timer_delete(timer) == -1 && errno == EINVAL);
  CHECK("timer-clock", timer_create(99, NULL, &timer) == -1 && errno == EINVAL);
}

static struct aiocb request(int file, void* data, size_t size, int opcode) {
  struct aiocb made;
  memset(&made, 0, sizeof made);
  made.aio_fildes = file;
  made.aio_buf = data;
  made.aio_nbytes = size;
  made.aio_lio_opcode = opcode;
  made.aio_sigevent.sigev_notify = SIGEV_NONE;
  return made;
}

static void files(int port) {
  char path[] = "/tmp/guest.XXXXXX", text[8] = "";
  port_notify_t notify = {port, (void*)6};
  struct sigevent all = how(SIGEV_PORT, 0, &notify);
  port_event_t event;
  unsigned wanted = 1;
  const int file = mkstemp(path);
  struct aiocb out = request(file, "hello", 5, LIO_WRITE), in = request(file, text, 8, LIO_READ);
  const struct aiocb* waiting[] = {&in, NULL};
  struct aiocb* list[] = {&out, &in};
  out.aio_sigevent = all;
  CHECK("aio-write", aio_write(&out) == 0 && port_get(port, &event, &ten) == 0 &&
                         event.portev_object == (uintptr_t)&out && aio_return(&out) == 5);
  CHECK("aio-return-again", aio_return(&out) == -1 && errno == EINVAL);
  CHECK("aio-suspend", aio_read(&in) == 0 && aio_suspend(waiting, 2, NULL) == 0 &&
                           aio_return(&in) == 5 && strcmp(text, "hello") == 0);
  CHECK("aio-waitn", aio_read(&in) == 0 && aio_waitn(list, 2, &wanted, NULL) == 0 && wanted == 1 &&
                         list[0] == &in && aio_return(&in) == 5);
  out.aio_sigevent = in.aio_sigevent;
  list[0] = &out;
  list[1] = &in;
  CHECK("lio-wait", lio_listio(LIO_WAIT, list, 2, NULL) == 0 && aio_return(&out) == 5 &&
                        aio_error(&in) == 0);
  CHECK("lio-port", lio_listio(LIO_NOWAIT, list, 2, &all) == 0 &&
                        port_get(port, &event, &ten) == 0 &&
                        event.portev_object == (uintptr_t)&all);
  unlink(path);
  close(file);
}

static void queues(int port) {
  port_notify_t notify = {port, (void*)7};
  const struct sigevent event = how(SIGEV_PORT, 0, &notify);
  struct mq_attr attributes = {0, 4, 32, 0, {0}};
  port_event_t told;
  char name[32], text[32];
  snprintf(name, sizeof name, "/guest-%d", (int)getpid());
  mqd_t queue = mq_open(name, O_RDWR | O_CREAT | O_NONBLOCK, 0600, &attributes);
  CHECK("mq-open", queue != (mqd_t)-1);
  CHECK("mq-empty", mq_receive(queue, text, sizeof text, NULL) == -1 && errno == EAGAIN);
  CHECK("mq-notify", mq_notify(queue, &event) == 0 && mq_send(queue, "abc", 3, 1) == 0 &&
                         port_get(port, &told, &ten) == 0 &&
                         told.portev_source == PORT_SOURCE_MQ &&
                         told.portev_object == (uintptr_t)queue);
  CHECK("mq-receive", mq_receive(queue, text, sizeof text, NULL) == 3);
  CHECK("mq-getattr", mq_getattr(queue, &attributes) == 0 && attributes.mq_flags == O_NONBLOCK &&
                          attributes.mq_maxmsg == 4 && attributes.mq_msgsize == 32);
  CHECK("mq-close", mq_close(queue) == 0 && mq_unlink(name) == 0);
}

int main(void) {
  const int port = port_create();
  timers();
  files(port);
  queues(port);
  return check_status();
}
