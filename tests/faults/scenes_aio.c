/* SPDX-License-Identifier: MIT */
/* Asynchronous I/O. */
#include "tests/faults/parts.h"

void fill_request(struct world *w, int fd) {
  w->request.aio_fildes = fd;
  w->request.aio_buf = w->buffer;
  w->request.aio_nbytes = sizeof w->buffer;
  w->request.aio_sigevent = w->told;
}

static void for_requests(struct world *w) {
  a_pipe(w);
  tell(w);
  fill_request(w, w->ends[0]);
}

int start_read(struct world *w) { return aio_read(&w->request); }

static void a_request(struct world *w) {
  for_requests(w);
  CHECK(start_read(w) == 0);
}

static void a_done_request(struct world *w) {
  a_request(w);
  CHECK(write(w->ends[1], "data", 4) == 4);
}

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

const struct scene aio_scenes[] = {
    {"get a request", "port_get", get_patiently, a_done_request, took_request, NULL, 0, 0},
    {"get a request, libaio", "port_get", get_patiently, a_done_request, took_request,
     "PORTC_AIO_ENGINE=libaio", 0, 0},
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
    {NULL, NULL, NULL, NULL, NULL, NULL, 0, 0}};
