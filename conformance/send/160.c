/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

/* illumos sends in chunks of this size, and writes the errors of those that had one. */
enum { kEntries = 10000, kBad = 9000, kChunk = 8192 };

static bool all_zero(const int *errors, int from, int to) {
  for (int i = from; i < to; i++) {
    if (i != kBad && errors[i] != 0) return false;
  }
  return true;
}

ASSERTION(160, 3, "with one bad port in 10000, port_sendn fills all the errors, or some") {
  static int ports[kEntries], errors[kEntries];
  int port = new_port();
  for (int i = 0; i < kEntries; i++) ports[i] = port;
  ports[kBad] = closed_fd();
  paint(errors, sizeof errors);
  CHECK_INT(port_sendn(ports, errors, kEntries, 160, COOKIE(160)), kEntries - 1);
  CHECK_INT(errors[kBad], EBADF);
  CHECK(all_zero(errors, kChunk, kEntries));
  if (all_zero(errors, 0, kChunk)) {
    outcome("all");
  } else {
    CHECK(is_painted(errors, kChunk * sizeof(int)));
    outcome("chunk");
  }
  CHECK_QUEUED(port, kEntries - 1);
  CLOSE(port);
}
