/* SPDX-License-Identifier: MIT */
#include "conformance/requests.h"

enum { kPrime = 251 }; /* no power of two, so that blocks differ */

struct aiocb new_request(int fd, void *data, size_t size) {
  struct aiocb request;
  memset(&request, 0, sizeof request);
  request.aio_fildes = fd;
  request.aio_buf = data;
  request.aio_nbytes = size;
  request.aio_sigevent = no_sigevent();
  return request;
}

void start(int (*call)(struct aiocb *), const char *text, struct aiocb *request, int port,
           void *user, const char *file, int line) {
  port_notify_t target;
  request->aio_sigevent = port_sigevent(&target, port, user);
  check_zero(call(request), text, file, line);
}

void check_ended(struct aiocb *request, ssize_t bytes, int error, const char *file, int line) {
  int seen = aio_error(request);
  if (seen != error)
    check_failed(file, line, "aio_error gave %s, expected %s", errno_name(seen), errno_name(error));
  ssize_t result = aio_return(request);
  if (result != bytes) check_failed(file, line, "aio_return gave %zd, expected %zd", result, bytes);
}

void await_ended(const struct aiocb *request, const char *file, int line) {
  const struct aiocb *list[] = {request};
  if (aio_suspend(list, 1, LONG_WAIT) != 0)
    check_failed(file, line, "aio_suspend failed with %s", errno_name(errno));
  if (aio_error(request) == EINPROGRESS)
    check_failed(file, line, "the request is still in progress after aio_suspend");
}

int new_filled_file(size_t size) {
  int fd = new_file();
  char block[kPrime * 16];
  for (size_t i = 0; i < sizeof block; i++) block[i] = (char)(i % kPrime);
  for (size_t done = 0; done < size;) {
    size_t part = size - done < sizeof block ? size - done : sizeof block;
    SETUP(write(fd, block, part) == (ssize_t)part ? 0 : -1);
    done += part;
  }
  return fd;
}

bool is_filled(const char *data, size_t size, off_t offset) {
  for (size_t i = 0; i < size; i++) {
    if (data[i] != (char)(((size_t)offset + i) % kPrime)) return false;
  }
  return true;
}
