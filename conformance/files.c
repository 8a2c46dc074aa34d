/* SPDX-License-Identifier: MIT */
/* Files to watch: files.h says what each function does. */
#include "conformance/files.h"

#include <ftw.h>
#include <stdio.h>

/* Seconds since the epoch: in the past, and not the same. */
enum { kPastAccess = 1000000000, kPastChange = 1100000000, kMaxOpenFolders = 8 };

static char folder[PATH_MAX];

void enter_folder(void) {
  const char *parent = getenv("TMPDIR");
  int length =
      snprintf(folder, sizeof folder, "%s/portc-conformance-XXXXXX", parent ? parent : "/tmp");
  if (length < 0 || (size_t)length >= sizeof folder) unresolved("TMPDIR is too long");
  SETUP(mkdtemp(folder) ? 0 : -1);
  SETUP(chdir(folder));
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *where) {
  (void)status, (void)type, (void)where;
  return remove(path);
}

void leave_folder(void) {
  SETUP(chdir("/"));
  SETUP(nftw(folder, remove_one, kMaxOpenFolders, FTW_DEPTH | FTW_PHYS));
}

void make_file(const char *name) {
  int fd = SETUP(open(name, O_WRONLY | O_CREAT | O_EXCL, 0644));
  put(fd);
  SETUP(close(fd));
  set_past(name);
}

void make_dir(const char *name) {
  SETUP(mkdir(name, 0755));
  set_past(name);
}

void set_past(const char *name) { set_times(name, kPastAccess, kPastChange); }

void write_file(const char *name) {
  int fd = SETUP(open(name, O_WRONLY | O_APPEND));
  put(fd);
  SETUP(close(fd));
}

void read_file(const char *name) {
  int fd = SETUP(open(name, O_RDONLY));
  take(fd);
  SETUP(close(fd));
}

void set_mode(const char *name, int mode) { SETUP(chmod(name, (mode_t)mode)); }

static struct timespec stamp(time_t seconds) {
  return (struct timespec){seconds, seconds == UNCHANGED ? UTIME_OMIT : 0};
}

void set_times(const char *name, time_t atime, time_t mtime) {
  struct timespec times[2] = {stamp(atime), stamp(mtime)};
  SETUP(utimensat(AT_FDCWD, name, times, 0));
}

void remove_file(const char *name) { SETUP(unlink(name)); }

void remove_dir(const char *name) { SETUP(rmdir(name)); }

void rename_file(const char *from, const char *to) { SETUP(rename(from, to)); }

void link_file(const char *from, const char *to) { SETUP(link(from, to)); }

void link_symbolic(const char *target, const char *name) { SETUP(symlink(target, name)); }

static file_obj_t object_with(const char *name, const struct stat *status) {
  file_obj_t object = object_without_stamps(name);
  object.fo_atime = status->st_atim;
  object.fo_mtime = status->st_mtim;
  object.fo_ctime = status->st_ctim;
  return object;
}

file_obj_t object_of(const char *name) {
  struct stat status;
  SETUP(stat(name, &status));
  return object_with(name, &status);
}

file_obj_t object_of_link(const char *name) {
  struct stat status;
  SETUP(lstat(name, &status));
  return object_with(name, &status);
}

file_obj_t object_without_stamps(const char *name) {
  file_obj_t object;
  memset(&object, 0, sizeof object);
  object.fo_name = (char *)name;
  return object;
}

void check_one_file(int port, const file_obj_t *object, int events, void *user, const char *file,
                    int line) {
  check_int(queued(port), 1, "the number of queued events", file, line);
  check_next(port, PORT_SOURCE_FILE, (uintptr_t)object, events, user, file, line);
  check_empty(port, file, line);
}

/* Plays the steps, and retrieves at most one event; how many it was. */
static uint_t play(const char *steps, int port, file_obj_t *object, port_event_t *event) {
  int associated = 0;
  uint_t count = 1;
  for (const char *step = steps; *step; step++) {
    switch (*step) {
      case 'a':
        associated++;
        WATCH(port, object, FILE_MODIFIED, COOKIE(associated));
        break;
      case 't':
        write_file(object->fo_name);
        break;
      case 'd':
        CHECK_OK(UNWATCH(port, object));
        break;
      case 's':
        *object = object_of(object->fo_name);
        break;
      default:
        unresolved("a sequence has an unknown step");
    }
  }
  CHECK_OK(port_getn(port, event, 1, &count, AT_ONCE));
  return count;
}

void check_sequence(const char *steps, int user, const char *file, int line) {
  static const char name[] = "sequence";
  port_event_t event;
  int port = new_port();
  make_file(name);
  file_obj_t object = object_of(name);
  uint_t count = play(steps, port, &object, &event);
  uint_t expected = user != 0 ? 1 : 0;
  if (count != expected)
    check_failed(file, line, "\"%s\" gave %u events, expected %u", steps, count, expected);
  if (user != 0)
    check_event(&event, PORT_SOURCE_FILE, (uintptr_t)&object, FILE_MODIFIED, COOKIE(user), file,
                line);
  check_empty(port, file, line);
  CLOSE(port);
  remove_file(name);
}
