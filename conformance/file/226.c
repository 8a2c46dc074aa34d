/* SPDX-License-Identifier: MIT */
#include "conformance/files.h"

ASSERTION(226, 2, "wrong events are noticed before a wrong file object") {
  int port = new_port();
  CHECK_FAILS(TRY_WATCH(port, NULL, FILE_DELETE, COOKIE(226)), EINVAL);
  CHECK_FAILS(TRY_WATCH(port, unmapped_page(), -1, COOKIE(226)), EINVAL);
  file_obj_t object = object_without_stamps(NULL);
  CHECK_FAILS(TRY_WATCH(port, &object, UNMOUNTED, COOKIE(226)), EINVAL);
  object.fo_name = "/none/none";
  CHECK_FAILS(TRY_WATCH(port, &object, MOUNTEDOVER, COOKIE(226)), EINVAL);
  CLOSE(port);
}
