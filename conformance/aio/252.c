/* SPDX-License-Identifier: MIT */
#include "conformance/requests.h"

enum { kIllumosLimit = 4096 };

/* Where the system names no limit, a longer list of nothing may be accepted; whether that has an
 * event is nothing to rely on. */
static void check_too_many(struct sigevent *sig) {
  static struct aiocb *holes[kIllumosLimit + 1];
  long most = sysconf(_SC_AIO_LISTIO_MAX);
  if (most > 0 && most < INT_MAX) {
    struct aiocb **list = calloc((size_t)most + 1, sizeof *list);
    if (!list) unresolved("no memory");
    CHECK_FAILS(lio_listio(LIO_NOWAIT, list, (int)most + 1, sig), EINVAL);
    free(list);
    outcome("limited");
    return;
  }
  errno = 0;
  int result = lio_listio(LIO_NOWAIT, holes, kIllumosLimit + 1, sig);
  CHECK(result == 0 || (result == -1 && errno == EINVAL));
  outcome(result == 0 ? "unlimited" : "limited");
}

ASSERTION(252, 1, "lio_listio with a bad number of entries or a bad mode fails with EINVAL") {
  int port = new_port();
  int file = new_filled_file(100);
  char data[16];
  port_notify_t target, own_target;
  struct sigevent sig = port_sigevent(&target, port, COOKIE(9));
  struct aiocb entry = new_request(file, data, sizeof data);
  struct aiocb *list[1] = {&entry};
  entry.aio_lio_opcode = LIO_READ;
  entry.aio_sigevent = port_sigevent(&own_target, port, COOKIE(1));
  paint(data, sizeof data);
  CHECK_FAILS(lio_listio(LIO_NOWAIT, list, 0, &sig), EINVAL);
  CHECK_FAILS(lio_listio(LIO_NOWAIT, list, -1, &sig), EINVAL);
  CHECK_FAILS(lio_listio(LIO_NOWAIT, list, INT_MIN, &sig), EINVAL);
  CHECK_FAILS(lio_listio(99, list, 1, &sig), EINVAL);
  CHECK_FAILS(lio_listio(-1, list, 1, &sig), EINVAL);
  CHECK_SILENT(port);
  CHECK(is_painted(data, sizeof data));

  CHECK_ZERO(lio_listio(LIO_NOWAIT, list, 1, &sig)); /* the same list is good otherwise */
  CHECK_NEXT_AIO(port, &entry, kAioRead, COOKIE(1));
  CHECK_NEXT_AIO(port, &sig, kAioList, COOKIE(9));
  CHECK_ENDED(&entry, sizeof data);
  CHECK_EMPTY(port);
  check_too_many(&sig);
  CLOSE(port, file);
}
