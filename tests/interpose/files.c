/* SPDX-License-Identifier: MIT */
/*
 * Files, white box: what the runtime makes of inotify, beyond what the assertions about files
 * ask for.
 */
#include "tests/interpose/watching.h"

enum { kAny = FILE_ACCESS | FILE_MODIFIED | FILE_ATTRIB };

/* One inotify instance for all ports, two watches for a file, and nothing left of them. */
static void one_instance(void) {
  enter_folder();
  make("file");
  file_obj_t first = object_of("file"), second = object_of("file");
  const int one = port_create(), two = port_create();
  CHECK(watches() == -1);
  watch(one, &first, FILE_MODIFIED);
  watch(two, &second, FILE_MODIFIED);
  CHECK(count_links("self", "anon_inode:inotify") == 1);
  CHECK(watches() == 2);
  CHECK(close(two) == 0);
  CHECK(watches() == 2);
  CHECK(port_dissociate(one, PORT_SOURCE_FILE, (uintptr_t)&first) == 0);
  CHECK(watches() == 0);
  CHECK(close(one) == 0);
  CHECK(watches() == -1);
  leave_folder();
}

/* Whichever port collects, both have their events. */
static void two_ports(void) {
  enter_folder();
  make("file");
  file_obj_t objects[2] = {object_of("file"), object_of("file")};
  const int ports[2] = {port_create(), port_create()};
  for (int turn = 0; turn < 10; turn++) {
    for (int i = 0; i < 2; i++) watch(ports[i], &objects[i], FILE_MODIFIED);
    append("file");
    check_reports(ports[turn % 2], &objects[turn % 2], FILE_MODIFIED);
    check_reports(ports[1 - turn % 2], &objects[1 - turn % 2], FILE_MODIFIED);
  }
  for (int i = 0; i < 2; i++) watch(ports[i], &objects[i], FILE_MODIFIED);
  erase("file");
  check_reports(ports[1], &objects[1], FILE_DELETE);
  check_reports(ports[0], &objects[0], FILE_DELETE);
  for (int i = 0; i < 2; i++) CHECK(close(ports[i]) == 0);
  leave_folder();
}

static void *get_file_event(void *argument) {
  struct sleeper *sleeper = argument;
  __atomic_store_n(&sleeper->tid, (int)syscall(SYS_gettid), __ATOMIC_RELEASE);
  sleeper->result = port_get(sleeper->port, &sleeper->event, NULL);
  return NULL;
}

/* A thread that sleeps on one port is told of what a thread that uses another has collected. */
static void wakes_the_other(void) {
  enter_folder();
  make("file");
  file_obj_t objects[2] = {object_of("file"), object_of("file")};
  const int ports[2] = {port_create(), port_create()};
  for (int turn = 0; turn < 20; turn++) {
    struct sleeper sleeper = {.port = ports[0]};
    watch(ports[0], &objects[0], FILE_MODIFIED);
    watch(ports[1], &objects[1], FILE_MODIFIED);
    CHECK(pthread_create(&sleeper.thread, NULL, get_file_event, &sleeper) == 0);
    char who[64];
    while (__atomic_load_n(&sleeper.tid, __ATOMIC_ACQUIRE) == 0) sched_yield();
    snprintf(who, sizeof who, "self/task/%d", sleeper.tid);
    wait_asleep(who);
    append("file");
    check_reports(ports[1], &objects[1], FILE_MODIFIED);
    CHECK(pthread_join(sleeper.thread, NULL) == 0);
    CHECK(sleeper.result == 0 && sleeper.event.portev_object == (uintptr_t)&objects[0]);
  }
  for (int i = 0; i < 2; i++) CHECK(close(ports[i]) == 0);
  leave_folder();
}

/* The program wants the number that inotify has: it is moved, and works on. */
static void number_taken(void) {
  enter_folder();
  make("file");
  file_obj_t object = object_of("file");
  const int port = port_create();
  watch(port, &object, FILE_MODIFIED);
  const int number = find_link("anon_inode:inotify", 0);
  CHECK(dup2(STDIN_FILENO, number) == number);
  CHECK(find_link("anon_inode:inotify", 0) != number);
  append("file");
  check_reports(port, &object, FILE_MODIFIED);
  watch(port, &object, FILE_MODIFIED);
  erase("file");
  check_reports(port, &object, FILE_DELETE);
  CHECK(close(number) == 0);
  CHECK(close(port) == 0);
  CHECK(watches() == -1);
  leave_folder();
}

/* A busy file that nobody waits for is not watched any more; associating finds it again. */
static void busy_file(void) {
  enter_folder();
  make("busy");
  make("calm");
  file_obj_t busy = object_of("busy"), calm = object_of("calm");
  const int port = port_create();
  watch(port, &busy, FILE_ATTRIB);
  watch(port, &calm, FILE_MODIFIED);
  append("busy");
  check_reports(port, &busy, FILE_ATTRIB);
  CHECK(watches() == 3);
  for (int i = 0; i < 200; i++) {
    append("busy");
    set_mode("busy", i % 2 ? 0600 : 0644);
  }
  check_quiet(port);
  CHECK(watches() == 2);
  watch(port, &busy, FILE_ATTRIB);
  append("busy");
  check_reports(port, &busy, FILE_ATTRIB);
  append("calm");
  check_reports(port, &calm, FILE_MODIFIED);
  CHECK(close(port) == 0);
  leave_folder();
}

/* The name at the end of a symbolic link is the one that is watched, and not the link. */
static void through_a_link(void) {
  enter_folder();
  make("file");
  CHECK(mkdir("links", 0755) == 0);
  CHECK(symlink("../file", "links/link") == 0);
  file_obj_t object = object_of("links/link");
  const int port = port_create();
  watch(port, &object, kAny);
  erase("links/link");
  check_quiet(port);
  set_mode("file", 0600);
  check_reports(port, &object, FILE_ATTRIB);
  CHECK(symlink("../file", "links/link") == 0);
  watch(port, &object, kAny);
  move("file", "away");
  check_reports(port, &object, FILE_RENAME_FROM);
  CHECK(close(port) == 0);
  leave_folder();
}

/* A link of /proc leads to a file whose names do not matter. */
static void by_descriptor(void) {
  enter_folder();
  make("file");
  char path[64];
  const int fd = open("file", O_RDWR | O_APPEND | O_CLOEXEC);
  CHECK(fd >= 0);
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  file_obj_t object = object_of(path), process = object_of("/proc/self/status");
  const int port = port_create();
  watch(port, &object, FILE_MODIFIED | FILE_TRUNC);
  move("file", "other");
  check_quiet(port);
  write_byte(fd);
  check_reports(port, &object, FILE_MODIFIED);
  watch(port, &object, FILE_MODIFIED | FILE_TRUNC);
  erase("other");
  check_quiet(port);
  CHECK(ftruncate(fd, 0) == 0);
  check_reports(port, &object, FILE_MODIFIED | FILE_TRUNC);
  CHECK_FAILS(port_associate(port, PORT_SOURCE_FILE, (uintptr_t)&process, 0, NULL), ENOTSUP);
  CHECK(close(fd) == 0);
  CHECK(close(port) == 0);
  leave_folder();
}

/* "." and a path that ends with a slash have a name, too: the one in their parent directory. */
static void unusual_endings(void) {
  static const char *const endings[] = {".", "../inner/", "../inner/.", "deep/.."};
  enter_folder();
  CHECK(mkdir("inner", 0755) == 0);
  CHECK(chdir("inner") == 0);
  CHECK(mkdir("deep", 0755) == 0);
  const int port = port_create();
  file_obj_t root = object_of("/");
  watch(port, &root, 0);
  for (int i = 0; i < 4; i++) {
    file_obj_t object = object_of(endings[i]);
    watch(port, &object, FILE_MODIFIED);
    move("../inner", "../outer");
    check_reports(port, &object, FILE_RENAME_FROM);
    move("../outer", "../inner");
  }
  CHECK(close(port) == 0);
  leave_folder();
}

/* What happened while nobody waited is no event; the same name and number may be a new file. */
static void while_idle(void) {
  enter_folder();
  make("file");
  make("other");
  file_obj_t object = object_of("file");
  const int port = port_create();
  for (int i = 0; i < 20; i++) {
    watch(port, &object, FILE_MODIFIED | FILE_ATTRIB);
    append("file");
    check_reports(port, &object, FILE_MODIFIED | FILE_ATTRIB);
    append("file");
    move("file", "aside");
    if (i % 2) {
      move("aside", "file");
    } else {
      erase("aside");
      make("file");
    }
    watch(port, &object, FILE_MODIFIED | FILE_ATTRIB);
    check_quiet(port);
    move("other", "file");
    check_reports(port, &object, FILE_RENAME_TO);
    make("other");
  }
  CHECK(close(port) == 0);
  leave_folder();
}

/* A new association knows nothing of what happened to its name before, with nobody reading. */
static void made_by_rename(void) {
  enter_folder();
  make("watched");
  file_obj_t watched = object_of("watched"), object = object_of("file");
  const int port = port_create();
  watch(port, &watched, 0);
  for (int i = 0; i < 20; i++) {
    make("draft");
    move("draft", "file");
    watch(port, &object, FILE_MODIFIED);
    check_quiet(port);
    append("file");
    check_reports(port, &object, FILE_MODIFIED);
    CHECK_FAILS(port_dissociate(port, PORT_SOURCE_FILE, (uintptr_t)&object), ENOENT);
    erase("file");
    make("file");
    watch(port, &object, 0);
    erase("file");
    check_reports(port, &object, FILE_DELETE);
  }
  CHECK(close(port) == 0);
  leave_folder();
}

/* A directory that is in use reports its removal at once. */
static void directory_in_use(void) {
  enter_folder();
  CHECK(mkdir("inner", 0755) == 0);
  const int fd = open("inner", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  file_obj_t object = object_of("inner");
  const int port = port_create();
  watch(port, &object, FILE_ATTRIB);
  CHECK(rmdir("inner") == 0);
  check_reports(port, &object, FILE_DELETE);
  CHECK(close(fd) == 0);
  check_quiet(port);
  CHECK(close(port) == 0);
  leave_folder();
}

/* A directory above is renamed: nothing has happened to the file, and its events still come. */
static void above_renamed(void) {
  enter_folder();
  CHECK(mkdir("above", 0755) == 0);
  CHECK(mkdir("above/inner", 0755) == 0);
  make("above/inner/file");
  file_obj_t object = object_of("above/inner/file"), moved = object_of("moved/inner/file");
  const int port = port_create();
  watch(port, &object, FILE_MODIFIED | FILE_ATTRIB);
  move("above", "moved");
  check_quiet(port);
  set_mode("moved/inner/file", 0600);
  check_reports(port, &object, FILE_ATTRIB);
  watch(port, &moved, FILE_MODIFIED | FILE_ATTRIB);
  erase("moved/inner/file");
  check_reports(port, &moved, FILE_DELETE);
  CHECK(close(port) == 0);
  leave_folder();
}

static void without_privileges(void *argument) {
  const int nobody = 65534;
  (void)argument;
  if (geteuid() == 0) CHECK(setgid((gid_t)nobody) == 0 && setuid((uid_t)nobody) == 0);
  file_obj_t object = object_of("closed/file"), secret = object_of("closed/secret");
  const int port = port_create();
  CHECK_FAILS(port_associate(port, PORT_SOURCE_FILE, (uintptr_t)&secret, 0, NULL), EACCES);
  watch(port, &object, FILE_MODIFIED);
  move("closed/file", "closed/other");
  check_reports(port, &object, FILE_RENAME_FROM);
  object = object_of("closed/other");
  watch(port, &object, FILE_MODIFIED);
  append("closed/other");
  check_reports(port, &object, FILE_MODIFIED);
  watch(port, &object, FILE_MODIFIED);
  erase("closed/other");
  check_reports(port, &object, FILE_DELETE);
  CHECK(close(port) == 0);
}

/* A directory that may be searched but not read cannot be watched; the file itself can. */
static void unreadable_directory(void) {
  enter_folder();
  CHECK(mkdir("closed", 0755) == 0);
  make("closed/file");
  make("closed/secret");
  set_mode("closed/file", 0666);
  set_mode("closed/secret", 0);
  set_mode("closed", 0333);
  check_child(start_child(without_privileges, NULL));
  leave_folder();
}

static void child_uses_files(void *argument) {
  file_obj_t *object = argument;
  const int port = port_create();
  CHECK(watches() == -1);
  watch(port, object, FILE_MODIFIED);
  append("file");
  check_reports(port, object, FILE_MODIFIED);
  CHECK(close(port) == 0);
}

/* A child has nothing of its parent's, and may make its own. */
static void in_a_child(void) {
  enter_folder();
  make("file");
  file_obj_t object = object_of("file");
  const int port = port_create();
  watch(port, &object, FILE_MODIFIED);
  check_child(start_child(child_uses_files, &object));
  check_reports(port, &object, FILE_MODIFIED);
  CHECK(close(port) == 0);
  leave_folder();
}

static void long_paths(void) {
  enum { kDepth = 15 };
  char path[kDepth * 256 + 1] = "";
  enter_folder();
  for (int i = 0; i < kDepth; i++) {
    char *end = path + strlen(path);
    memset(end, 'a' + i, 250);
    strcpy(end + 250, "/");
    if (i < kDepth - 1) CHECK(mkdir(path, 0755) == 0);
  }
  path[strlen(path) - 1] = '\0';
  make(path);
  file_obj_t object = object_of(path);
  const int port = port_create();
  watch(port, &object, FILE_ATTRIB);
  set_mode(path, 0600);
  check_reports(port, &object, FILE_ATTRIB);
  watch(port, &object, FILE_ATTRIB);
  erase(path);
  check_reports(port, &object, FILE_DELETE);
  CHECK(close(port) == 0);
  leave_folder();
}

static const struct test_case kCases[] = {
    {"one_instance", one_instance},
    {"two_ports", two_ports},
    {"wakes_the_other", wakes_the_other},
    {"number_taken", number_taken},
    {"busy_file", busy_file},
    {"through_a_link", through_a_link},
    {"by_descriptor", by_descriptor},
    {"unusual_endings", unusual_endings},
    {"while_idle", while_idle},
    {"made_by_rename", made_by_rename},
    {"directory_in_use", directory_in_use},
    {"above_renamed", above_renamed},
    {"unreadable_directory", unreadable_directory},
    {"in_a_child", in_a_child},
    {"long_paths", long_paths},
    {NULL, NULL},
};

int main(int argc, char **argv) { return run_case(kCases, argc, argv); }
