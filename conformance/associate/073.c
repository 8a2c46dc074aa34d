/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

enum { kPairs = 500, kDescriptors = 2 * kPairs, kBatch = 64 };

static int fds[kDescriptors];

/* Retrieves one event for each descriptor; none comes twice. */
static void retrieve_all(int port) {
  static bool seen[kDescriptors];
  port_event_t list[kBatch];
  for (int left = kDescriptors; left > 0;) {
    uint_t count = 1;
    CHECK_OK(port_getn(port, list, kBatch, &count, LONG_WAIT));
    for (uint_t i = 0; i < count; i++) {
      uintptr_t index = (uintptr_t)list[i].portev_user - (uintptr_t)COOKIE(0);
      CHECK(index < kDescriptors);
      CHECK(!seen[index]);
      CHECK_FD_EVENT(list[i], fds[index], POLLOUT, COOKIE(index));
      seen[index] = true;
    }
    left -= (int)count;
  }
}

ASSERTION(73, 2, "of 1000 ready descriptors each gives its event, and none two") {
  raise_fd_limit(kDescriptors + 100);
  int port = new_port();
  for (int i = 0; i < kPairs; i++) {
    struct ends sockets = new_socketpair();
    fds[2 * i] = sockets.r;
    fds[2 * i + 1] = sockets.w;
  }
  for (int i = 0; i < kDescriptors; i++) ASSOCIATE(port, fds[i], POLLOUT, COOKIE(i));
  CHECK_QUEUED(port, kDescriptors);
  retrieve_all(port);
  CHECK_EMPTY(port);
  for (int i = 0; i < kDescriptors; i++) CLOSE(fds[i]);
  CLOSE(port);
}
