/* SPDX-License-Identifier: MIT */
/*
 * port_create with too few descriptors or too little memory: the error is right, and afterwards
 * descriptors and mappings are as before. A child makes the attempt; its parent, which is short
 * of nothing, looks at it from outside.
 */
#include <sys/resource.h>

#include "tests/interpose/support.h"

enum { kReady = 3, kGo = 4, kFirstFree = 5 };

struct attempt {
  int free;   /* descriptors left */
  int memory; /* bytes of address space left, -1 for no limit */
  int warm;   /* the process has had a port */
};

static struct attempt attempt;

struct outcome {
  int made;
  int error;
};

static void set_limit(int resource, rlim_t value) {
  const struct rlimit limit = {value, value};
  CHECK(setrlimit(resource, &limit) == 0);
}

static rlim_t address_space(void) {
  long pages = 0;
  FILE *file = fopen("/proc/self/statm", "r");
  CHECK(file && fscanf(file, "%ld", &pages) == 1);
  fclose(file);
  return (rlim_t)pages * 4096;
}

/* Reports what port_create said, twice, each time after the parent has had its look. */
static void child_body(void *argument) {
  const int *pipes = argument;
  CHECK(dup2(pipes[1], 100) == 100 && dup2(pipes[2], 101) == 101);
  CHECK(dup2(100, kReady) == kReady && dup2(101, kGo) == kGo);
  closefrom(kFirstFree);
  if (attempt.warm) {
    const int port = port_create();
    CHECK(port == kFirstFree);
    check_sends(port);
    CHECK(close(port) == 0);
  }
  if (attempt.memory >= 0) set_limit(RLIMIT_AS, address_space() + (rlim_t)attempt.memory);
  if (attempt.free >= 0) set_limit(RLIMIT_NOFILE, (rlim_t)(kFirstFree + attempt.free));
  write_byte(kReady);
  for (int i = 0; i < 2; ++i) {
    read_byte(kGo);
    errno = 0;
    const struct outcome outcome = {port_create(), errno};
    if (outcome.made >= 0) {
      CHECK(port_send(outcome.made, 1, NULL) == 0);
      CHECK(close(outcome.made) == 0);
    }
    CHECK(write(kReady, &outcome, sizeof outcome) == sizeof outcome);
  }
  read_byte(kGo);
}

static void read_maps(pid_t pid, char *text, size_t size) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/maps", (int)pid);
  FILE *file = fopen(path, "r");
  CHECK(file != NULL);
  const size_t got = fread(text, 1, size - 1, file);
  text[got] = '\0';
  fclose(file);
}

static struct outcome try_once(pid_t pid, int ready, int go) {
  struct outcome outcome;
  char who[16];
  snprintf(who, sizeof who, "%d", (int)pid);
  const int before = count_links(who, "");
  write_byte(go);
  CHECK(read(ready, &outcome, sizeof outcome) == sizeof outcome);
  wait_process_asleep(pid);
  CHECK(count_links(who, "") == before);
  return outcome;
}

/* Both attempts end alike. Returns the error, 0 for success. */
static int run_attempt(struct attempt wanted) {
  static char maps[3][1 << 16];
  int up[2], down[2];
  attempt = wanted;
  CHECK(pipe(up) == 0 && pipe(down) == 0);
  int pipes[3] = {0, up[1], down[0]};
  const pid_t pid = start_child(child_body, pipes);
  read_byte(up[0]);
  wait_process_asleep(pid);
  read_maps(pid, maps[0], sizeof maps[0]);
  const struct outcome first = try_once(pid, up[0], down[1]);
  read_maps(pid, maps[1], sizeof maps[1]);
  const struct outcome second = try_once(pid, up[0], down[1]);
  read_maps(pid, maps[2], sizeof maps[2]);
  /* A process's first attempt may leave the library's tables, and nothing else, ever. */
  if (wanted.warm) CHECK(strcmp(maps[0], maps[1]) == 0);
  CHECK(strcmp(maps[1], maps[2]) == 0);
  write_byte(down[1]);
  check_child(pid);
  for (int i = 0; i < 2; ++i) {
    close(up[i]);
    close(down[i]);
  }
  CHECK((first.made < 0) == (second.made < 0) && first.error == second.error);
  return first.made < 0 ? first.error : 0;
}

/* A port is four descriptors, one of which may be needed twice for a moment. */
static void few_descriptors(int warm) {
  for (int n = 0; n <= 5; ++n) {
    const int error = run_attempt((struct attempt){n, -1, warm});
    fprintf(stderr, "%d descriptors left: %s\n", n, error ? strerror(error) : "a port");
    if (n < 4) CHECK(error == EMFILE);
    if (n == 4) CHECK(error == EMFILE || error == 0);
    if (n > 4) CHECK(error == 0);
  }
}

static void descriptors_first(void) { few_descriptors(0); }
static void descriptors_later(void) { few_descriptors(1); }

static void memory_first(void) {
  static const int bytes[] = {0, 4096, 1 << 20, 12 << 20, 20 << 20};
  for (int i = 0; i < 5; ++i) CHECK(run_attempt((struct attempt){-1, bytes[i], 0}) == ENOMEM);
}

static void memory_later(void) {
  CHECK(run_attempt((struct attempt){-1, 0, 1}) == ENOMEM);
  CHECK(run_attempt((struct attempt){-1, 1 << 20, 1}) == ENOMEM);
  CHECK(run_attempt((struct attempt){-1, 64 << 20, 1}) == 0);
}

/* A first attempt that failed leaves a process that can have ports, and fork. */
static void recovers_body(void *unused) {
  (void)unused;
  struct rlimit limit;
  CHECK(getrlimit(RLIMIT_AS, &limit) == 0);
  const struct rlimit little = {address_space() + (12 << 20), limit.rlim_max};
  CHECK(setrlimit(RLIMIT_AS, &little) == 0);
  CHECK_FAILS(port_create(), ENOMEM);
  CHECK_FAILS(port_create(), ENOMEM);
  CHECK(setrlimit(RLIMIT_AS, &limit) == 0);
  const int port = port_create();
  CHECK(port >= 0);
  alarm(5);
  const pid_t pid = fork();
  CHECK(pid >= 0);
  if (pid == 0) {
    check_works(port);
    _exit(0);
  }
  check_child(pid);
  check_works(port);
}

static void recovers(void) { check_child(start_child(recovers_body, NULL)); }

int main(int argc, char **argv) {
  static const struct test_case cases[] = {{"descriptors_first", descriptors_first},
                                           {"descriptors_later", descriptors_later},
                                           {"memory_first", memory_first},
                                           {"memory_later", memory_later},
                                           {"recovers", recovers},
                                           {NULL, NULL}};
  return run_case(cases, argc, argv);
}
