/* SPDX-License-Identifier: MIT */
/*
 * A writer gives the file the mtimes 2, 3, 4 and so on, each as soon as the watcher has seen the
 * one before: between the watcher's stat and its port_associate, during that call, or later. If a
 * change went unnoticed, the watcher would wait for ever.
 */
#include <sched.h>

#include "conformance/files.h"

enum { kChanges = 5000, kDelays = 300 };

static long seen; /* the last mtime that the watcher saw */

static void delay(int rounds) {
  for (volatile int i = 0; i < rounds; i++) continue;
}

static void writer_body(void *arg) {
  (void)arg;
  for (long i = 2; i <= kChanges; i++) {
    set_times("file", UNCHANGED, i);
    while (__atomic_load_n(&seen, __ATOMIC_ACQUIRE) < i) sched_yield();
    delay((int)(i * 7 % kDelays));
  }
}

ASSERTION(239, 2,
          "no change is missed, whenever it happens between stat, port_associate and port_get") {
  struct task writer;
  enter_folder();
  int port = new_port();
  make_file("file");
  set_times("file", UNCHANGED, 1); /* 0 would not be compared */
  for (int round = 0; seen < kChanges; round++) {
    file_obj_t object = object_of("file");
    __atomic_store_n(&seen, (long)object.fo_mtime.tv_sec, __ATOMIC_RELEASE);
    if (round == 0) task_start(&writer, writer_body, NULL);
    if (seen == kChanges) break;
    WATCH(port, &object, FILE_MODIFIED, COOKIE(round));
    CHECK_NEXT_FILE(port, &object, FILE_MODIFIED, COOKIE(round));
  }
  task_join(&writer);
  CHECK_EMPTY(port);
  CLOSE(port);
  leave_folder();
}
