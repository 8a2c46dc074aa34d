/* SPDX-License-Identifier: MIT */
/*
 * faults [--only SCENE | --list]: every scene with a failure at each of its system calls in turn,
 * once and from then on, with each error that the call can have; and with few descriptors and
 * little memory. Prints a line for each,
 *
 *   scene TAB call TAB position TAB how TAB system call TAB its error TAB outcome
 *
 * where how is `once`, `on`, or what there is little of, and position then is how much of that;
 * the outcome is `ok` (as without a failure), `failed ERROR`, after which everything works,
 * or `wrong WHAT`; `once` at position 0 is the scene without a failure. Exit status: 0 if it came
 * through, whatever the lines say (run.py judges); 2 if the kernel does not let system calls be
 * trapped.
 */
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>

#include "tests/faults/inject.h"
#include "tests/faults/limits.h"
#include "tests/faults/scenes.h"

enum { kCanary = 4711, kSeconds = 20, kRecordFd = 900, kMostPositions = 400 };

enum how { kOnce, kOn, kDescriptors, kMemory };
static const char *const how_names[] = {"once", "on", "descriptors", "memory"};

/* What befalls a scene's call. */
struct fault {
  enum how how;
  int position; /* of the system call; or how many descriptors, or megabytes, are left */
  int variant;
};

/* What a scene's process leaves for its parent; it lives through an exec. */
struct record {
  struct injected injected;
  int result, error; /* of the call with the failure */
  int unknown;       /* a system call without a rule, or -1 */
  int trapped;       /* 0: the kernel did not let us */
  int finished;
  long pages; /* of address space, at the end */
  char before[512];
  char found[256]; /* what was not so */
};

static struct record *record;
static struct world world;

void fault_found(const char *file, int line, const char *what) {
  snprintf(record->found, sizeof record->found, "%s:%d: %s (errno %d)", file, line, what, errno);
  _exit(1);
}

/* --- one run, in a process of its own --- */

static void list_descriptors(char *out, size_t size) {
  size_t end = 0;
  out[0] = '\0';
  for (int fd = 0; fd < 8192 && end + 8 < size; ++fd)
    if (syscall(SYS_fcntl, fd, F_GETFD) >= 0) end += (size_t)snprintf(out + end, 8, "%d ", fd);
}

static long address_space(void) {
  long pages = 0;
  FILE *file = fopen("/proc/self/statm", "r");
  CHECK(file != NULL && fscanf(file, "%ld", &pages) == 1);
  fclose(file);
  return pages;
}

static void start_world(void) {
  int *const descriptors[] = {&world.port, &world.other, &world.ends[0], &world.ends[1],
                              &world.file, &world.made,  &world.pair[0], &world.pair[1]};
  for (size_t i = 0; i < sizeof descriptors / sizeof descriptors[0]; ++i) *descriptors[i] = -1;
  world.queue = (mqd_t)-1;
}

static void close_if_open(int fd) {
  if (fd >= 0) CHECK(close(fd) == 0);
}

static void end_world(void) {
  close_if_open(world.port);
  close_if_open(world.other);
  close_if_open(world.ends[0]);
  close_if_open(world.ends[1]);
  close_if_open(world.file);
  close_if_open(world.made);
  close_if_open(world.pair[0]);
  close_if_open(world.pair[1]);
  if (world.queue != (mqd_t)-1) CHECK(mq_close(world.queue) == 0);
  if (world.path[0] != '\0') unlink(world.path);
  if (world.name[0] != '\0') unlink(world.name);
}

static void act(const struct scene *scene, struct fault what) {
  const int injects = what.how == kOnce || what.how == kOn;
  const struct injection injection = {injects ? what.position : 0, what.variant, what.how == kOn};
  if (what.how == kDescriptors) few_descriptors(what.position);
  if (what.how == kMemory) little_memory(what.position);
  errno = kCanary;
  inject_arm(injection);
  record->result = scene->act(&world);
  record->error = errno;
  record->injected = inject_disarm();
  few_end();
  record->unknown = inject_unknown();
  if (record->result == 0) {
    CHECK(record->error == kCanary);
    record->error = 0;
  }
}

/* Everything that comes after what may have been an exec. */
static void run_scene(const struct scene *scene, struct fault what, int result, int error) {
  char after[sizeof record->before];
  world.persistent = what.how != kOnce;
  grow_stack();
  (void)address_space(); /* and what stdio takes */
  record->trapped = inject_install() == 0;
  CHECK(record->trapped);
  act(scene, what);
  if (record->result != result || record->error != error) {
    CHECK(record->result == -1);
    errno = 0;
    CHECK(scene->act(&world) == result);
    CHECK(result == 0 || errno == error);
  }
  if (scene->settle != NULL) scene->settle(&world);
  if (world.port < 0) world.port = port_create();
  CHECK(world.port >= 0);
  check_port(&world);
  end_world();
  list_descriptors(after, sizeof after);
  if (strcmp(after, record->before) != 0) {
    fprintf(stderr, "descriptors before: %s\ndescriptors after:  %s\n", record->before, after);
    fault_found(__FILE__, __LINE__, "descriptors are as before");
  }
  record->pages = address_space();
  record->finished = 1;
  exit(0);
}

static void limit_time(void) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  alarm(kSeconds);
}

static void execute(const char *name, struct fault what, int result, int error) {
  char numbers[128];
  snprintf(numbers, sizeof numbers, "%d,%d,%d,%d,%d,%d,%d,%d", what.how, what.position,
           what.variant, result, error, world.port, world.ends[0], world.ends[1]);
  execl("/proc/self/exe", "faults", "--act", name, numbers, (char *)NULL);
  fault_found(__FILE__, __LINE__, "exec");
}

static void child(const struct scene *scene, struct fault what, int result, int error) {
  limit_time();
  if (scene->setting != NULL) putenv((char *)(uintptr_t)scene->setting);
  start_world();
  if (what.how == kDescriptors) limit_descriptors();
  list_descriptors(record->before, sizeof record->before);
  if (scene->prepare != NULL) scene->prepare(&world);
  if (scene->executes) execute(scene->name, what, result, error);
  run_scene(scene, what, result, error);
}

static const struct scene *scene_named(const char *name) {
  const struct scene *scene;
  for (int i = 0; (scene = scene_number(i)) != NULL; ++i)
    if (strcmp(scene->name, name) == 0) return scene;
  return NULL;
}

static int act_after_exec(const char *name, const char *numbers) {
  struct fault what;
  int how, result, error;
  limit_time();
  start_world();
  if (sscanf(numbers, "%d,%d,%d,%d,%d,%d,%d,%d", &how, &what.position, &what.variant, &result,
             &error, &world.port, &world.ends[0], &world.ends[1]) != 8)
    return 2;
  what.how = (enum how)how;
  run_scene(scene_named(name), what, result, error);
  return 2;
}

/* --- the runs --- */

static void map_record(void) {
  record = mmap(NULL, sizeof *record, PROT_READ | PROT_WRITE, MAP_SHARED, kRecordFd, 0);
  if (record == MAP_FAILED) exit(2);
}

static void make_record(void) {
  const int fd = memfd_create("record", 0);
  if (fd < 0 || ftruncate(fd, sizeof *record) != 0 || dup2(fd, kRecordFd) < 0) exit(2);
  close(fd);
  map_record();
}

static void run(const struct scene *scene, struct fault what, int result, int error) {
  int status;
  memset(record, 0, sizeof *record);
  record->unknown = -1;
  fflush(stdout);
  const pid_t pid = fork();
  if (pid == 0) child(scene, what, result, error);
  if (pid < 0 || waitpid(pid, &status, 0) != pid) exit(2);
  if (record->finished || record->found[0] != '\0') return;
  if (WIFSIGNALED(status))
    snprintf(record->found, sizeof record->found, "%s",
             WTERMSIG(status) == SIGALRM ? "did not come back" : strsignal(WTERMSIG(status)));
  else
    snprintf(record->found, sizeof record->found, "exit status %d", WEXITSTATUS(status));
}

static const char *name_of(int error) {
  if (error == ENOTSUP) return "ENOTSUP"; /* rather than its other name, EOPNOTSUPP */
  return error != 0 ? strerrorname_np(error) : "-";
}

/* What is mapped at the end may be less than without a failure, and not more. */
static void report(const struct scene *scene, struct fault what, const struct record *plain) {
  printf("%s\t%s\t%d\t%s\t%d\t%s\t", scene->name, scene->call, what.position, how_names[what.how],
         record->injected.number, name_of(record->injected.error));
  if (record->found[0] != '\0')
    printf("wrong %s\n", record->found);
  else if (record->unknown >= 0)
    printf("wrong system call %d has no rule in inject.c\n", record->unknown);
  else if (record->pages > plain->pages)
    printf("wrong %ld pages more are mapped than without the failure\n",
           record->pages - plain->pages);
  else if (record->result == plain->result && record->error == plain->error)
    puts("ok");
  else
    printf("failed %s\n", name_of(record->error));
}

/* What the call does when nothing fails: twice, since the first run has no expectation. */
static int run_plain(const struct scene *scene, struct record *plain) {
  const struct fault none = {kOnce, 0, 0};
  run(scene, none, 0, 0);
  run(scene, none, record->result, record->error);
  *plain = *record;
  if (!record->trapped) return -1;
  report(scene, none, plain);
  return record->found[0] == '\0' ? 0 : 1;
}

static void run_injections(const struct scene *scene, enum how how, const struct record *plain) {
  for (int position = 1; position < kMostPositions; ++position) {
    struct fault what = {how, position, 0};
    int variants = 1;
    for (; what.variant < variants; ++what.variant) {
      run(scene, what, plain->result, plain->error);
      if (record->injected.number < 0 && record->found[0] == '\0') return;
      report(scene, what, plain);
      if (record->injected.variants > variants) variants = record->injected.variants;
    }
  }
}

static void run_limits(const struct scene *scene, const struct record *plain) {
  static const int megabytes[] = {0, 1, 4, 16, 40};
  for (int left = scene->receives; left < 8; ++left) {
    const struct fault what = {kDescriptors, left, 0};
    run(scene, what, plain->result, plain->error);
    report(scene, what, plain);
  }
  for (size_t i = 0; i < sizeof megabytes / sizeof megabytes[0]; ++i) {
    const struct fault what = {kMemory, megabytes[i], 0};
    run(scene, what, plain->result, plain->error);
    report(scene, what, plain);
  }
}

/* 0; or -1 where system calls cannot be trapped. */
static int run_all(const struct scene *scene) {
  struct record plain;
  const int ready = run_plain(scene, &plain);
  if (ready != 0) return ready < 0 ? -1 : 0;
  run_injections(scene, kOnce, &plain);
  run_injections(scene, kOn, &plain);
  run_limits(scene, &plain);
  return 0;
}

int main(int argc, char **argv) {
  const struct scene *scene;
  if (argc == 4 && strcmp(argv[1], "--act") == 0) {
    map_record();
    return act_after_exec(argv[2], argv[3]);
  }
  if (argc == 2 && strcmp(argv[1], "--list") == 0) {
    for (int i = 0; (scene = scene_number(i)) != NULL; ++i) puts(scene->name);
    return 0;
  }
  const char *only = argc == 3 && strcmp(argv[1], "--only") == 0 ? argv[2] : NULL;
  if (argc != 1 && only == NULL) {
    fprintf(stderr, "usage: faults [--only SCENE | --list]\n");
    return 2;
  }
  /* So that the library never lies across a multiple of 4 GB, which the filter cannot cope with. */
  const int kept = personality(0xffffffff);
  if ((kept & ADDR_NO_RANDOMIZE) == 0 && personality((unsigned)kept | ADDR_NO_RANDOMIZE) >= 0)
    execv("/proc/self/exe", argv);
  setenv("PORTC_MAX_EVENTS", "16", 1);
  make_record();
  for (int i = 0; (scene = scene_number(i)) != NULL; ++i) {
    if (only != NULL && strcmp(only, scene->name) != 0) continue;
    if (run_all(scene) < 0) {
      fprintf(stderr, "faults: the kernel does not let system calls be trapped\n");
      return 2;
    }
  }
  return 0;
}
