/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "conformance/files.h"

enum { kFiles = 6, kList = 4, kWanted = 3 };

static file_obj_t object[kFiles];
static bool seen[kFiles];

static void account(const port_event_t *event) {
  uintptr_t i = (event->portev_object - (uintptr_t)object) / sizeof object[0];
  CHECK(i < kFiles);
  CHECK_FILE_EVENT(*event, &object[i], FILE_DELETE, COOKIE(i));
  CHECK(!seen[i]);
  seen[i] = true;
}

ASSERTION(238, 2, "six watched files that are removed give six events, in two port_getn") {
  static char names[kFiles][16];
  port_event_t list[kList];
  enter_folder();
  int port = new_port();
  for (int i = 0; i < kFiles; i++) {
    snprintf(names[i], sizeof names[i], "file%d", i);
    make_file(names[i]);
    object[i] = object_of(names[i]);
    WATCH(port, &object[i], FILE_MODIFIED, COOKIE(i));
  }
  CHECK_EMPTY(port);
  for (int i = 0; i < kFiles; i++) remove_file(names[i]);
  CHECK_QUEUED(port, kFiles);

  uint_t count = kWanted;
  CHECK_OK(port_getn(port, list, kList, &count, NULL));
  CHECK_INT(count, kList);
  for (uint_t i = 0; i < count; i++) account(&list[i]);
  CHECK_QUEUED(port, kFiles - kList);

  count = kWanted; /* more than there are: the time passes, and what there is comes along */
  CHECK_FAILS(port_getn(port, list, kList, &count, TIMEOUT(0, 1)), ETIME);
  CHECK_INT(count, kFiles - kList);
  for (uint_t i = 0; i < count; i++) account(&list[i]);
  CHECK_EMPTY(port);
  CLOSE(port);
  leave_folder();
}
