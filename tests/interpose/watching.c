/* SPDX-License-Identifier: MIT */
#include "tests/interpose/watching.h"

#include <ftw.h>

static const struct timespec kNow = {0, 0};

static char folder[64];

void enter_folder(void) {
  strcpy(folder, "/tmp/portc-files.XXXXXX");
  CHECK(mkdtemp(folder) != NULL);
  CHECK(chmod(folder, 0755) == 0);
  CHECK(chdir(folder) == 0);
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *walk) {
  (void)status, (void)type, (void)walk;
  return remove(path);
}

void leave_folder(void) {
  CHECK(chdir("/") == 0);
  CHECK(nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS) == 0);
}

static void write_to(const char *name, int flags) {
  const int fd = open(name, flags | O_WRONLY | O_CLOEXEC, 0644);
  CHECK(fd >= 0);
  write_byte(fd);
  CHECK(close(fd) == 0);
}

void make(const char *name) { write_to(name, O_CREAT | O_EXCL); }
void append(const char *name) { write_to(name, O_APPEND); }
void set_mode(const char *name, int mode) { CHECK(chmod(name, (mode_t)mode) == 0); }
void move(const char *from, const char *to) { CHECK(rename(from, to) == 0); }
void erase(const char *name) { CHECK(remove(name) == 0); }

file_obj_t object_of(const char *name) {
  file_obj_t object;
  memset(&object, 0, sizeof object);
  object.fo_name = (char *)(uintptr_t)name;
  return object;
}

void watch(int port, file_obj_t *object, int events) {
  CHECK(port_associate(port, PORT_SOURCE_FILE, (uintptr_t)object, events, object) == 0);
}

void check_reports(int port, const file_obj_t *object, int events) {
  port_event_t event;
  uint_t count = 1;
  memset(&event, 0, sizeof event);
  CHECK(port_getn(port, &event, 1, &count, &kNow) == 0 && count == 1);
  CHECK(event.portev_source == PORT_SOURCE_FILE);
  CHECK(event.portev_object == (uintptr_t)object && event.portev_user == object);
  CHECK(event.portev_events == events);
}

void check_quiet(int port) {
  uint_t count = 0;
  CHECK(port_getn(port, NULL, 0, &count, &kNow) == 0);
  CHECK(count == 0);
}

int watches(void) {
  const int fd = find_link("anon_inode:inotify", 0);
  char path[64], line[256];
  int count = 0;
  if (fd < 0) return -1;
  snprintf(path, sizeof path, "/proc/self/fdinfo/%d", fd);
  FILE *info = fopen(path, "re");
  CHECK(info != NULL);
  while (fgets(line, sizeof line, info) != NULL)
    if (strncmp(line, "inotify ", 8) == 0) count++;
  fclose(info);
  return count;
}
