/* SPDX-License-Identifier: MIT */
#include "tests/faults/scenes.h"

#include <sys/prctl.h>

static const struct timespec kNow = {0, 0};
static const struct timespec kSoon = {0, 2000000};
static const struct timespec kLong = {5, 0};

/* --- preparing --- */

static void a_port(struct world *w) {
  w->port = port_create();
  CHECK(w->port >= 0);
}

static void a_pipe(struct world *w) {
  a_port(w);
  CHECK(pipe(w->ends) == 0);
}

static int associate_pipe(struct world *w) {
  return port_associate(w->port, PORT_SOURCE_FD, (uintptr_t)w->ends[0], POLLIN, w);
}

static void an_associated_pipe(struct world *w) {
  a_pipe(w);
  CHECK(associate_pipe(w) == 0);
}

static void a_ready_pipe(struct world *w) {
  an_associated_pipe(w);
  CHECK(write(w->ends[1], "x", 1) == 1);
}

/* Retrieved once, so that associating again is what a server does. */
static void a_served_pipe(struct world *w) {
  char byte;
  a_ready_pipe(w);
  CHECK(port_get(w->port, &w->event, &kLong) == 0);
  CHECK(read(w->ends[0], &byte, 1) == 1);
}

static void a_replaced_pipe(struct world *w) {
  int fresh[2];
  an_associated_pipe(w);
  CHECK(pipe(fresh) == 0);
  CHECK(syscall(SYS_dup3, fresh[0], w->ends[0], 0) == w->ends[0]); /* past the wrappers */
  CHECK(syscall(SYS_dup3, fresh[1], w->ends[1], 0) == w->ends[1]);
  CHECK(close(fresh[0]) == 0 && close(fresh[1]) == 0);
}

static void a_polled_port(struct world *w) {
  a_port(w);
  struct pollfd item = {w->port, POLLIN, 0};
  CHECK(poll(&item, 1, 0) == 0);
}

static void a_queued_event(struct world *w) {
  a_port(w);
  CHECK(port_send(w->port, kValue, w) == 0);
}

static void a_full_port(struct world *w) {
  a_port(w);
  for (int i = 0; i < kSlots; ++i) CHECK(port_send(w->port, kValue, w) == 0);
}

static void two_ports(struct world *w) {
  a_port(w);
  w->other = port_create();
  CHECK(w->other >= 0);
  w->list[0] = w->port;
  w->list[1] = w->other;
}

static void an_alert(struct world *w) {
  a_port(w);
  CHECK(port_alert(w->port, PORT_ALERT_SET, kValue, w) == 0);
}

/* A regular file, with a name. */
static void a_file(struct world *w) {
  a_port(w);
  snprintf(w->path, sizeof w->path, "/tmp/portc-faults-%d", (int)getpid());
  w->file = open(w->path, O_RDWR | O_CREAT | O_EXCL, 0600);
  CHECK(w->file >= 0 && write(w->file, "text", 4) == 4);
  w->object.fo_name = w->path;
}

static int associate_named(struct world *w) {
  return port_associate(w->port, PORT_SOURCE_FILE, (uintptr_t)&w->object, FILE_MODIFIED, w);
}

static void an_associated_file(struct world *w) {
  a_file(w);
  CHECK(associate_named(w) == 0);
}

static void a_written_file(struct world *w) {
  an_associated_file(w);
  CHECK(write(w->file, "more", 4) == 4);
}

static void a_served_file(struct world *w) {
  a_written_file(w);
  CHECK(port_get(w->port, &w->event, &kLong) == 0);
}

static void a_link(struct world *w) {
  a_file(w);
  snprintf(w->name, sizeof w->name, "/tmp/portc-faults-link-%d", (int)getpid());
  CHECK(symlink(w->path, w->name) == 0);
  w->object.fo_name = w->name;
}

static void a_relative_path(struct world *w) {
  a_file(w);
  CHECK(chdir("/tmp") == 0);
  w->object.fo_name = w->path + strlen("/tmp/");
}

static int associate_open(struct world *w) {
  return port_associate(w->port, PORT_SOURCE_FD, (uintptr_t)w->file, POLLIN, w);
}

static void an_always_ready(struct world *w) {
  a_file(w);
  CHECK(associate_open(w) == 0);
}

static void tell(struct world *w) {
  w->notify.portnfy_port = w->port;
  w->notify.portnfy_user = w;
  w->told.sigev_notify = SIGEV_PORT;
  w->told.sigev_value.sival_ptr = &w->notify;
}

static void for_timers(struct world *w) {
  a_port(w);
  tell(w);
}

static int make_timer(struct world *w) {
  return timer_create(CLOCK_MONOTONIC, &w->told, &w->timer);
}

static void a_timer(struct world *w) {
  for_timers(w);
  CHECK(make_timer(w) == 0);
}

static int set_timer(struct world *w) {
  const struct itimerspec soon = {{0, 0}, {0, 1000}};
  return timer_settime(w->timer, 0, &soon, NULL);
}

static void a_set_timer(struct world *w) {
  a_timer(w);
  CHECK(set_timer(w) == 0);
}

static void for_requests(struct world *w) {
  a_pipe(w);
  tell(w);
  w->request.aio_fildes = w->ends[0];
  w->request.aio_buf = w->buffer;
  w->request.aio_nbytes = sizeof w->buffer;
  w->request.aio_sigevent = w->told;
}

static int start_read(struct world *w) { return aio_read(&w->request); }

static void a_request(struct world *w) {
  for_requests(w);
  CHECK(start_read(w) == 0);
}

static void a_done_request(struct world *w) {
  a_request(w);
  CHECK(write(w->ends[1], "data", 4) == 4);
}

static void for_queues(struct world *w) {
  struct mq_attr attributes;
  memset(&attributes, 0, sizeof attributes);
  attributes.mq_maxmsg = 2;
  attributes.mq_msgsize = 8;
  a_port(w);
  tell(w);
  snprintf(w->name, sizeof w->name, "/portc-faults-%d", (int)getpid());
  w->queue = mq_open(w->name, O_RDWR | O_CREAT | O_EXCL | O_NONBLOCK, 0600, &attributes);
  CHECK(w->queue >= 0 && mq_unlink(w->name) == 0);
}

static int register_queue(struct world *w) { return mq_notify(w->queue, &w->told); }

static void a_registration(struct world *w) {
  for_queues(w);
  CHECK(register_queue(w) == 0);
}

static void a_message(struct world *w) {
  a_registration(w);
  CHECK(mq_send(w->queue, "m", 1, 0) == 0);
}

/* All sources at once; closing the port has to end them all. */
static void all_sources(struct world *w) {
  a_set_timer(w);
  CHECK(pipe(w->ends) == 0 && associate_pipe(w) == 0);
  snprintf(w->path, sizeof w->path, "/tmp/portc-faults-%d", (int)getpid());
  w->file = open(w->path, O_RDWR | O_CREAT | O_EXCL, 0600);
  w->object.fo_name = w->path;
  CHECK(w->file >= 0 && associate_named(w) == 0);
  w->request.aio_fildes = w->file;
  w->request.aio_buf = w->buffer;
  w->request.aio_nbytes = 1;
  w->request.aio_sigevent = w->told;
  CHECK(start_read(w) == 0);
}

/* --- others --- */

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

static void send_port(int socket, int fd) {
  char data = 'p';
  struct iovec part = {&data, 1};
  union {
    char bytes[CMSG_SPACE(sizeof(int))];
    struct cmsghdr align;
  } control;
  struct msghdr message;
  memset(&message, 0, sizeof message);
  memset(&control, 0, sizeof control);
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.bytes;
  message.msg_controllen = sizeof control.bytes;
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof fd);
  memcpy(CMSG_DATA(header), &fd, sizeof fd);
  CHECK(sendmsg(socket, &message, 0) == 1);
}

static int receive_port(int socket) {
  char data;
  int fd;
  struct iovec part = {&data, 1};
  union {
    char bytes[CMSG_SPACE(sizeof(int))];
    struct cmsghdr align;
  } control;
  struct msghdr message;
  memset(&message, 0, sizeof message);
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.bytes;
  message.msg_controllen = sizeof control.bytes;
  if (recvmsg(socket, &message, MSG_DONTWAIT) < 0) return -1;
  CHECK(CMSG_FIRSTHDR(&message) != NULL);
  memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof fd);
  return fd;
}

static void a_socket(struct world *w) {
  a_port(w);
  CHECK(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, w->pair) == 0);
}

/* Another process's port on its way to us; that process has gone. */
static void a_passed_port(struct world *w) {
  CHECK(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, w->pair) == 0);
  const pid_t pid = fork();
  int status;
  CHECK(pid >= 0);
  if (pid == 0) {
    a_port(w);
    CHECK(port_send(w->port, kValue, w) == 0);
    send_port(w->pair[1], w->port);
    _exit(0);
  }
  CHECK(waitpid(pid, &status, 0) == pid && status == 0);
}

/* --- acting --- */

static int create(struct world *w) {
  w->port = port_create();
  return w->port < 0 ? -1 : 0;
}

static int create_other(struct world *w) {
  w->other = port_create();
  return w->other < 0 ? -1 : 0;
}

static int send_one(struct world *w) { return port_send(w->port, kValue, w); }

/* What it reports for one port counts as its error. */
static int send_many(struct world *w) {
  int errors[2] = {0, 0};
  const int saved = errno;
  const int sent = port_sendn(w->list, errors, 2, kValue, w);
  if (sent == 2 || sent < 0) return sent < 0 ? -1 : 0;
  errno = errors[0] != 0 ? errors[0] : errors[1];
  CHECK(sent == (errors[0] == 0) + (errors[1] == 0) && errno != saved);
  return -1;
}

static int get_now(struct world *w) { return port_get(w->port, &w->event, &kNow); }
static int get_soon(struct world *w) { return port_get(w->port, &w->event, &kSoon); }
static int get_patiently(struct world *w) { return port_get(w->port, &w->event, &kLong); }

static int count_events(struct world *w) {
  uint_t count = 0;
  if (port_getn(w->port, NULL, 0, &count, NULL) != 0) return -1;
  CHECK(count == 1);
  return 0;
}

static int get_several(struct world *w) {
  port_event_t events[4];
  uint_t count = 1;
  if (port_getn(w->port, events, 4, &count, &kLong) != 0) return -1;
  CHECK(count == 1);
  w->event = events[0];
  return 0;
}

static int associate_other(struct world *w) {
  return port_associate(w->port, PORT_SOURCE_FD, (uintptr_t)w->other, POLLIN, w);
}

static int associate_writable(struct world *w) {
  return port_associate(w->port, PORT_SOURCE_FD, (uintptr_t)w->ends[0], POLLIN | POLLPRI, w);
}

static int dissociate_pipe(struct world *w) {
  return port_dissociate(w->port, PORT_SOURCE_FD, (uintptr_t)w->ends[0]);
}

static int dissociate_open(struct world *w) {
  return port_dissociate(w->port, PORT_SOURCE_FD, (uintptr_t)w->file);
}

static int dissociate_named(struct world *w) {
  return port_dissociate(w->port, PORT_SOURCE_FILE, (uintptr_t)&w->object);
}

static int alert_set(struct world *w) { return port_alert(w->port, PORT_ALERT_SET, kValue, w); }
static int alert_update(struct world *w) {
  return port_alert(w->port, PORT_ALERT_UPDATE, kValue, w);
}
static int alert_end(struct world *w) { return port_alert(w->port, 0, 0, NULL); }

/* A descriptor is closed whatever happens. */
static int close_port(struct world *w) {
  const int port = w->port;
  w->port = -1;
  return close(port);
}

static int close_pipe(struct world *w) {
  const int fd = w->ends[0];
  w->ends[0] = -1;
  return close(fd);
}

static int duplicate(struct world *w) {
  w->made = dup(w->port);
  return w->made < 0 ? -1 : 0;
}

/* A number that the library has not seen being made. */
static int use_duplicate(struct world *w) {
  if (w->made < 0) w->made = (int)syscall(SYS_dup, w->port);
  return port_send(w->made, kValue, w);
}

static int poll_port(struct world *w) {
  struct pollfd item = {w->port, POLLIN, 0};
  return poll(&item, 1, 0) == 1 && item.revents == POLLIN ? 0 : -1;
}

static int stat_port(struct world *w) {
  struct stat st;
  const int result = fstat(w->port, &st);
  if (result == 0) CHECK(S_ISPORT(st.st_mode) && st.st_size == 1);
  return result;
}

static int pass_port(struct world *w) {
  char data = 'p';
  struct iovec part = {&data, 1};
  union {
    char bytes[CMSG_SPACE(sizeof(int))];
    struct cmsghdr align;
  } control;
  struct msghdr message;
  memset(&message, 0, sizeof message);
  memset(&control, 0, sizeof control);
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.bytes;
  message.msg_controllen = sizeof control.bytes;
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int));
  memcpy(CMSG_DATA(header), &w->port, sizeof(int));
  return sendmsg(w->pair[1], &message, 0) == 1 ? 0 : -1;
}

/* Receiving cannot fail for our sake: what could not be opened is when it is used. */
static int receive(struct world *w) {
  w->port = receive_port(w->pair[0]);
  return w->port < 0 ? -1 : 0;
}

static int receive_and_get(struct world *w) {
  if (w->port < 0) w->port = receive_port(w->pair[0]);
  return w->port < 0 ? -1 : port_get(w->port, &w->event, &kNow);
}

static int make_second_timer(struct world *w) {
  return timer_create(CLOCK_REALTIME, &w->told, &w->timer);
}

static int read_timer(struct world *w) {
  struct itimerspec left;
  return timer_gettime(w->timer, &left);
}

static int end_timer(struct world *w) { return timer_delete(w->timer); }

static int start_list(struct world *w) {
  struct aiocb *list[1] = {&w->request};
  w->request.aio_lio_opcode = LIO_READ;
  return lio_listio(LIO_NOWAIT, list, 1, NULL);
}

static int suspend(struct world *w) {
  const struct aiocb *list[1] = {&w->request};
  return aio_suspend(list, 1, &kLong);
}

static int cancel(struct world *w) {
  const int result = aio_cancel(w->ends[0], &w->request);
  CHECK(result == -1 || result == AIO_CANCELED || result == AIO_NOTCANCELED);
  return result < 0 ? -1 : 0;
}

static int end_registration(struct world *w) { return mq_notify(w->queue, NULL); }

/* --- settling --- */

static void drain(struct world *w) {
  while (port_get(w->port, &w->event, &kNow) == 0) {
  }
  CHECK(errno == ETIME);
}

/* The event is there, and was queued once. */
static void takes(struct world *w, int source) {
  CHECK(port_get(w->port, &w->event, &kLong) == 0);
  CHECK(w->event.portev_source == source && w->event.portev_user == w);
  CHECK(port_get(w->port, &w->event, &kNow) == -1 && errno == ETIME);
}

static void took(struct world *w) {
  CHECK(w->event.portev_user == w);
  CHECK(port_get(w->port, &w->event, &kNow) == -1 && errno == ETIME);
}

static void takes_user(struct world *w) { takes(w, PORT_SOURCE_USER); }

static void close_other(struct world *w) {
  CHECK(close(w->other) == 0);
  w->other = -1;
}

static void drain_both(struct world *w) {
  drain(w);
  CHECK(port_get(w->other, &w->event, &kNow) == 0);
  close_other(w);
}

static void pipe_works(struct world *w) {
  CHECK(write(w->ends[1], "x", 1) == 1);
  takes(w, PORT_SOURCE_FD);
  CHECK(dissociate_pipe(w) == -1 && errno == ENOENT); /* delivered */
}

static void pipe_is_silent(struct world *w) {
  CHECK(write(w->ends[1], "x", 1) == 1);
  CHECK(port_get(w->port, &w->event, &kNow) == -1 && errno == ETIME);
}

static void took_pipe(struct world *w) {
  took(w);
  CHECK(dissociate_pipe(w) == -1 && errno == ENOENT);
}

static void pipe_of_peer_works(struct world *w) {
  CHECK(write(w->ends[1], "x", 1) == 1);
  takes(w, PORT_SOURCE_FD);
  end_peer(w);
}

static void other_works(struct world *w) {
  CHECK(port_send(w->other, kValue, NULL) == 0);
  takes(w, PORT_SOURCE_FD);
  close_other(w);
}

static void open_file_works(struct world *w) {
  takes(w, PORT_SOURCE_FD);
  CHECK(dissociate_open(w) == -1 && errno == ENOENT);
}

static void file_works(struct world *w) {
  CHECK(write(w->file, "more", 4) == 4);
  takes(w, PORT_SOURCE_FILE);
  CHECK(dissociate_named(w) == -1 && errno == ENOENT);
}

static void took_file(struct world *w) {
  took(w);
  CHECK(dissociate_named(w) == -1 && errno == ENOENT);
}

static void alert_works(struct world *w) {
  CHECK(port_get(w->port, &w->event, NULL) == 0 && w->event.portev_source == PORT_SOURCE_ALERT);
  CHECK(alert_end(w) == 0);
}

static void timer_works(struct world *w) {
  CHECK(set_timer(w) == 0);
  takes(w, PORT_SOURCE_TIMER);
  CHECK(end_timer(w) == 0);
}

static void timer_fires(struct world *w) {
  takes(w, PORT_SOURCE_TIMER);
  CHECK(end_timer(w) == 0);
}

static void timer_ends(struct world *w) {
  drain(w);
  CHECK(end_timer(w) == 0);
}

static void took_timer(struct world *w) {
  took(w);
  CHECK(end_timer(w) == 0);
}

/* A request that cannot be submitted any more when its file is ready may fail. */
static void check_request(struct world *w) {
  const int error = aio_error(&w->request);
  CHECK(error == 0 || (w->persistent && (error == EAGAIN || error == ENOMEM)));
  CHECK(aio_return(&w->request) == (error == 0 ? 4 : -1));
}

static void request_works(struct world *w) {
  CHECK(write(w->ends[1], "data", 4) == 4);
  takes(w, PORT_SOURCE_AIO);
  check_request(w);
}

static void took_request(struct world *w) {
  took(w);
  check_request(w);
}

static void request_is_done(struct world *w) {
  takes(w, PORT_SOURCE_AIO);
  check_request(w);
}

/* One way or the other: it is over, and there is an event. */
static void request_is_over(struct world *w) {
  if (aio_error(&w->request) == EINPROGRESS) CHECK(write(w->ends[1], "data", 4) == 4);
  takes(w, PORT_SOURCE_AIO);
  CHECK(aio_error(&w->request) != EINPROGRESS);
}

static void queue_works(struct world *w) {
  CHECK(mq_send(w->queue, "m", 1, 0) == 0);
  takes(w, PORT_SOURCE_MQ);
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

static void sent_behind(struct world *w) {
  CHECK(port_get(w->port, &w->event, &kNow) == 0 && w->event.portev_source == PORT_SOURCE_FD);
  takes_user(w);
  CHECK(dissociate_pipe(w) == -1 && errno == ENOENT);
}

static void settle_peer(struct world *w) {
  took(w);
  end_peer(w);
}

static void takes_duplicates(struct world *w) {
  takes_user(w);
  CHECK(close(w->made) == 0);
  w->made = -1;
}

static void duplicate_works(struct world *w) {
  CHECK(port_send(w->made, kValue, w) == 0);
  takes_duplicates(w);
}

static void passed_works(struct world *w) {
  w->made = receive_port(w->pair[0]);
  CHECK(w->made >= 0);
  duplicate_works(w);
}

static void received_works(struct world *w) {
  CHECK(port_get(w->port, &w->event, &kNow) == 0 && w->event.portev_events == kValue);
}

/* The event is of the image before this one. */
static void got_before_exec(struct world *w) {
  CHECK(w->event.portev_events == kValue);
  CHECK(port_get(w->port, &w->event, &kNow) == -1 && errno == ETIME);
}

static void left_a_replaced(struct world *w) {
  drain(w);
  (void)dissociate_pipe(w);
}

/* --- */

const struct scene scenes[] = {
    {"create first", "port_create", create, NULL, NULL, NULL, 0, 0},
    {"create another", "port_create", create_other, a_port, close_other, NULL, 0, 0},
    {"create exact", "port_create", create, NULL, NULL, "PORTC_EXACT=1", 0, 0},
    {"send", "port_send", send_one, a_port, takes_user, NULL, 0, 0},
    {"send to a polled port", "port_send", send_one, a_polled_port, takes_user, NULL, 0, 0},
    {"send to a full port", "port_send", send_one, a_full_port, drain, NULL, 0, 0},
    {"send to a sleeper", "port_send", send_one, a_sleeper, sleeper_wakes, NULL, 0, 0},
    {"send to a process", "port_send", send_one, a_sleeping_peer, peer_wakes, NULL, 0, 0},
    {"send behind a ready pipe", "port_send", send_one, a_ready_pipe, sent_behind, NULL, 0, 0},
    {"sendn", "port_send", send_many, two_ports, drain_both, NULL, 0, 0},
    {"get", "port_get", get_now, a_queued_event, took, NULL, 0, 0},
    {"get nothing", "port_get", get_now, a_port, NULL, NULL, 0, 0},
    {"get and sleep", "port_get", get_soon, a_port, NULL, NULL, 0, 0},
    {"get and sleep, polled", "port_get", get_soon, a_polled_port, NULL, NULL, 0, 0},
    {"get and sleep behind", "port_get", get_soon, a_sleeper, sleeper_is_next, NULL, 0, 0},
    {"get a pipe", "port_get", get_patiently, a_ready_pipe, took_pipe, NULL, 0, 0},
    {"get a file", "port_get", get_patiently, a_written_file, took_file, NULL, 0, 0},
    {"get a timer", "port_get", get_patiently, a_set_timer, took_timer, NULL, 0, 0},
    {"get a request", "port_get", get_patiently, a_done_request, took_request, NULL, 0, 0},
    {"get a request, libaio", "port_get", get_patiently, a_done_request, took_request,
     "PORTC_AIO_ENGINE=libaio", 0, 0},
    {"get a message", "port_get", get_patiently, a_message, took, NULL, 0, 0},
    {"get an alert", "port_get", get_patiently, an_alert, alert_works, NULL, 0, 0},
    {"get what is shared", "port_get", get_patiently, a_peers_ready_pipe, settle_peer, NULL, 0, 0},
    {"get what a dead process left", "port_get", get_now, a_dead_peer, NULL, NULL, 0, 0},
    {"getn", "port_get", get_several, a_queued_event, took, NULL, 0, 0},
    {"getn counts", "port_get", count_events, a_queued_event, takes_user, NULL, 0, 0},
    {"associate", "port_associate", associate_pipe, a_pipe, pipe_works, NULL, 0, 0},
    {"associate, polled", "port_associate", associate_pipe, a_pipe, pipe_works, "PORTC_EXACT=1", 0,
     0},
    {"associate again", "port_associate", associate_pipe, a_served_pipe, pipe_works, NULL, 0, 0},
    {"associate for more", "port_associate", associate_writable, a_served_pipe, pipe_works, NULL, 0,
     0},
    {"associate what was replaced", "port_associate", associate_pipe, a_replaced_pipe, pipe_works,
     NULL, 0, 0},
    {"associate a regular file", "port_associate", associate_open, a_file, open_file_works, NULL, 0,
     0},
    {"associate a port", "port_associate", associate_other, two_ports, other_works, NULL, 0, 0},
    {"associate another's", "port_associate", associate_pipe, a_peers_association,
     pipe_of_peer_works, NULL, 0, 0},
    {"associate a file", "port_associate", associate_named, a_file, file_works, NULL, 0, 0},
    {"associate a file again", "port_associate", associate_named, a_served_file, file_works, NULL,
     0, 0},
    {"associate a link", "port_associate", associate_named, a_link, file_works, NULL, 0, 0},
    {"associate a relative path", "port_associate", associate_named, a_relative_path, file_works,
     NULL, 0, 0},
    {"dissociate", "port_associate", dissociate_pipe, an_associated_pipe, pipe_is_silent, NULL, 0,
     0},
    {"dissociate what was replaced", "port_associate", dissociate_pipe, a_replaced_pipe,
     left_a_replaced, NULL, 0, 0},
    {"dissociate a regular file", "port_associate", dissociate_open, an_always_ready, NULL, NULL, 0,
     0},
    {"dissociate a file", "port_associate", dissociate_named, an_associated_file, NULL, NULL, 0, 0},
    {"alert", "port_alert", alert_set, a_port, alert_works, NULL, 0, 0},
    {"alert a sleeper", "port_alert", alert_set, a_sleeper, sleeper_sees_alert, NULL, 0, 0},
    {"alert, updated", "port_alert", alert_update, an_alert, alert_works, NULL, 0, 0},
    {"alert, ended", "port_alert", alert_end, an_alert, NULL, NULL, 0, 0},
    {"close", "close", close_port, a_queued_event, NULL, NULL, 0, 0},
    {"close with all sources", "close", close_port, all_sources, NULL, NULL, 0, 0},
    {"close with all sources, libaio", "close", close_port, all_sources, NULL,
     "PORTC_AIO_ENGINE=libaio", 0, 0},
    {"close a pipe", "close", close_pipe, an_associated_pipe, NULL, NULL, 0, 0},
    {"dup", "dup", duplicate, a_port, duplicate_works, NULL, 0, 0},
    {"use a raw duplicate", "port_send", use_duplicate, a_port, takes_duplicates, NULL, 0, 0},
    {"poll", "poll", poll_port, a_queued_event, takes_user, NULL, 0, 0},
    {"fstat", "fstat", stat_port, a_queued_event, takes_user, NULL, 0, 0},
    {"pass", "sendmsg", pass_port, a_socket, passed_works, NULL, 0, 0},
    {"receive", "recvmsg", receive, a_passed_port, received_works, NULL, 0, 1},
    {"receive and get", "attach", receive_and_get, a_passed_port, NULL, NULL, 0, 1},
    {"execute and send", "attach", send_one, a_port, takes_user, NULL, 1, 0},
    {"execute and get", "attach", get_now, a_queued_event, got_before_exec, NULL, 1, 0},
    {"execute and associate", "attach", associate_pipe, an_associated_pipe, pipe_works, NULL, 1, 0},
    {"timer_create", "timer_create", make_timer, for_timers, timer_works, NULL, 0, 0},
    {"timer_create, another clock", "timer_create", make_second_timer, for_timers, timer_works,
     NULL, 0, 0},
    {"timer_settime", "timer_settime", set_timer, a_timer, timer_fires, NULL, 0, 0},
    {"timer_gettime", "timer_gettime", read_timer, a_timer, timer_ends, NULL, 0, 0},
    {"timer_delete", "timer_delete", end_timer, a_set_timer, NULL, NULL, 0, 0},
    {"aio_read", "aio_read", start_read, for_requests, request_works, NULL, 0, 0},
    {"aio_read, libaio", "aio_read", start_read, for_requests, request_works,
     "PORTC_AIO_ENGINE=libaio", 0, 0},
    {"lio_listio", "lio_listio", start_list, for_requests, request_works, NULL, 0, 0},
    {"lio_listio, libaio", "lio_listio", start_list, for_requests, request_works,
     "PORTC_AIO_ENGINE=libaio", 0, 0},
    {"aio_suspend", "aio_suspend", suspend, a_done_request, request_is_done, NULL, 0, 0},
    {"aio_suspend, libaio", "aio_suspend", suspend, a_done_request, request_is_done,
     "PORTC_AIO_ENGINE=libaio", 0, 0},
    {"aio_cancel", "aio_cancel", cancel, a_request, request_is_over, NULL, 0, 0},
    {"aio_cancel, libaio", "aio_cancel", cancel, a_request, request_is_over,
     "PORTC_AIO_ENGINE=libaio", 0, 0},
    {"mq_notify", "mq_notify", register_queue, for_queues, queue_works, NULL, 0, 0},
    {"mq_notify, ended", "mq_notify", end_registration, a_registration, NULL, NULL, 0, 0},
    {NULL, NULL, NULL, NULL, NULL, NULL, 0, 0}};

/* --- afterwards --- */

static void check_capacity(struct world *w) {
  int count = 0;
  while (port_send(w->port, kValue, w) == 0) ++count;
  CHECK(errno == EAGAIN);
  CHECK(count == kSlots);
  drain(w);
}

void check_port(struct world *w) {
  int ends[2];
  drain(w);
  CHECK(port_send(w->port, kValue, w) == 0);
  takes_user(w);
  CHECK(pipe(ends) == 0);
  CHECK(port_associate(w->port, PORT_SOURCE_FD, (uintptr_t)ends[0], POLLIN, w) == 0);
  CHECK(write(ends[1], "x", 1) == 1);
  takes(w, PORT_SOURCE_FD);
  CHECK(close(ends[0]) == 0 && close(ends[1]) == 0);
  CHECK(alert_set(w) == 0);
  alert_works(w);
  CHECK(port_send(w->port, kValue, w) == 0);
  CHECK(poll_port(w) == 0);
  takes_user(w);
  CHECK(port_get(w->port, &w->event, &kSoon) == -1 && errno == ETIME);
  check_capacity(w);
}
