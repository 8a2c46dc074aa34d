/* SPDX-License-Identifier: MIT */
/*
 * opener HOW: opens libsurroundings-plugin.so, which is linked with libportc as this program is
 * not, and uses it.
 */
#include <dlfcn.h>
#include <libgen.h>
#include <limits.h>

#include "tests/interpose/support.h"

typedef int use_function(int port);

static const char *beside(const char *name) {
  static char path[PATH_MAX + 64];
  char program[PATH_MAX];
  const ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
  program[length > 0 ? length : 0] = '\0';
  snprintf(path, sizeof path, "%s/%s", dirname(program), name);
  return path;
}

static void *check_opened(void *library) {
  if (!library) fprintf(stderr, "%s\n", dlerror());
  CHECK(library != NULL);
  return library;
}

static use_function *find_use(void *library) {
  use_function *use;
  *(void **)&use = dlsym(library, "plugin_use");
  CHECK(use != NULL);
  return use;
}

static void use_and_close(int flags) {
  void *library = check_opened(dlopen(beside("libsurroundings-plugin.so"), flags));
  const int port = find_use(library)(-1);
  CHECK(find_use(library)(port) == port);
  CHECK(close(port) == 0);
}

static void local(void) { use_and_close(RTLD_NOW | RTLD_LOCAL); }
static void lazy(void) { use_and_close(RTLD_LAZY | RTLD_LOCAL); }
static void deep(void) { use_and_close(RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND); }

/* Opened and closed again and again: ports stay ports, forks work, and address space is not lost.
 */
static void again(void) {
  char text[4096];
  int port = -1;
  long first = 0, pages = 0;
  for (int i = 0; i < 50; ++i) {
    void *library = check_opened(dlopen(beside("libsurroundings-plugin.so"), RTLD_NOW));
    port = find_use(library)(port);
    CHECK(dlclose(library) == 0);
    const pid_t pid = fork();
    CHECK(pid >= 0);
    if (pid == 0) _exit(0);
    check_child(pid);
    FILE *file = fopen("/proc/self/statm", "r");
    CHECK(file && fgets(text, sizeof text, file) != NULL && sscanf(text, "%ld", &pages) == 1);
    fclose(file);
    if (i == 1) first = pages;
  }
  CHECK(pages <= first + 256);
  CHECK(close(port) == 0);
}

/* A second copy of everything, the C library included, in a namespace of its own. */
static void namespace(void) {
  void *library = check_opened(dlmopen(LM_ID_NEWLM, beside("libsurroundings-plugin.so"), RTLD_NOW));
  const int port = find_use(library)(-1);
  CHECK(find_use(library)(port) == port);
  const pid_t pid = fork();
  CHECK(pid >= 0);
  if (pid == 0) _exit(0);
  check_child(pid);
  CHECK(find_use(library)(port) == port);
  CHECK(close(port) == 0);
}

/* A namespace that has nothing of ours. */
static void stranger(void) {
  void *library = check_opened(dlmopen(LM_ID_NEWLM, "libm.so.6", RTLD_NOW));
  CHECK(dlsym(library, "cos") != NULL);
  CHECK(dlclose(library) == 0);
}

int main(int argc, char **argv) {
  static const struct {
    const char *name;
    void (*run)(void);
  } cases[] = {{"local", local},         {"lazy", lazy},         {"deep", deep}, {"again", again},
               {"namespace", namespace}, {"stranger", stranger}, {NULL, NULL}};
  alarm(20);
  for (int i = 0; cases[i].name; ++i) {
    if (argc != 2 || strcmp(argv[1], cases[i].name) != 0) continue;
    cases[i].run();
    puts("EXIT-SUCCESS");
    return 0;
  }
  return 2;
}
