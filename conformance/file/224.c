/* SPDX-License-Identifier: MIT */
#include "conformance/files.h"

static void check_object(int port, const void *object) {
  CHECK_FAILS(TRY_WATCH(port, object, FILE_MODIFIED, COOKIE(224)), EFAULT);
}

static void check_name(int port, char *name) {
  file_obj_t object = object_without_stamps(name);
  check_object(port, &object);
}

ASSERTION(224, 2, "a file object or a name that cannot be read gives EFAULT") {
  int port = new_port();
  check_object(port, NULL);
  check_object(port, unmapped_page());
  check_object(port, no_access_page());
  check_object(port, page_edge(sizeof(file_obj_t) - 1));
  check_object(port, (const void *)UINTPTR_MAX);

  check_name(port, NULL);
  check_name(port, unmapped_page());
  check_name(port, no_access_page());
  char *name = page_edge(8);
  memset(name, 'x', 8); /* and no end before the edge */
  check_name(port, name);
  CHECK_EMPTY(port);

  /* A name that ends at the edge is a name. */
  memcpy(name, "///////", 8);
  file_obj_t object = object_without_stamps(name);
  WATCH(port, &object, FILE_MODIFIED, COOKIE(1));
  CHECK_OK(UNWATCH(port, &object));
  CLOSE(port);
}
