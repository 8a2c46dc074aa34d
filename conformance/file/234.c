/* SPDX-License-Identifier: MIT */
#include "conformance/files.h"

ASSERTION(234, 3, "port_dissociate on a port that never had a file fails with ENOENT or EINVAL") {
  int port = new_port();
  file_obj_t object = object_without_stamps("/");
  CHECK_INT(UNWATCH(port, &object), -1);
  CHECK(errno == ENOENT || errno == EINVAL);
  outcome(errno_name(errno));
  CLOSE(port);
}
