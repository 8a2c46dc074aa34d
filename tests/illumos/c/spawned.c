// SPDX-License-Identifier: MIT
//
// posix_spawn: of a Linux program and of itself, with everything that can be asked for.
#include "check.h"
#include "guest_files.h"

typedef struct {
  void* opaque;
} posix_spawnattr_t, posix_spawn_file_actions_t;
#define POSIX_SPAWN_SETPGROUP 0x2
#define POSIX_SPAWN_SETSIGDEF 0x4
#define POSIX_SPAWN_SETSIGMASK 0x8
#define POSIX_SPAWN_SETSIGIGN_NP 0x800
#define POSIX_SPAWN_NOEXECERR_NP 0x4000
int posix_spawn(pid_t*, const char*, const posix_spawn_file_actions_t*, const posix_spawnattr_t*,
                char* const[], char* const[]);
int posix_spawnp(pid_t*, const char*, const posix_spawn_file_actions_t*, const posix_spawnattr_t*,
                 char* const[], char* const[]);
int posix_spawn_file_actions_init(posix_spawn_file_actions_t*);
int posix_spawn_file_actions_destroy(posix_spawn_file_actions_t*);
int posix_spawn_file_actions_addopen(posix_spawn_file_actions_t*, int, const char*, int, mode_t);
int posix_spawn_file_actions_addclose(posix_spawn_file_actions_t*, int);
int posix_spawn_file_actions_adddup2(posix_spawn_file_actions_t*, int, int);
int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t*, int);
int posix_spawn_file_actions_addchdir(posix_spawn_file_actions_t*, const char*);
int posix_spawnattr_init(posix_spawnattr_t*);
int posix_spawnattr_destroy(posix_spawnattr_t*);
int posix_spawnattr_setflags(posix_spawnattr_t*, short);
int posix_spawnattr_getflags(const posix_spawnattr_t*, short*);
int posix_spawnattr_setpgroup(posix_spawnattr_t*, pid_t);
int posix_spawnattr_setsigmask(posix_spawnattr_t*, const sigset_t*);
int posix_spawnattr_setsigignore_np(posix_spawnattr_t*, const sigset_t*);
pid_t getpgid(pid_t);

static char* const environment[] = {"GUEST=spawned", "PATH=/usr/bin:/bin", NULL};

static int exit_status(pid_t child) {
  int status = -1;
  return waitpid(child, &status, 0) == child ? WEXITSTATUS(status) : -1;
}

// What the child sees: its mask, what it ignores, its group, the folder, and which files are open.
static int child_main(void) {
  sigset_t mask;
  struct sigaction action;
  char here[64];
  sigprocmask(SIG_BLOCK, NULL, &mask);
  sigaction(SIGUSR1, NULL, &action);
  if (mask.bits[0] != 1u << (SIGUSR2 - 1)) return 71;
  if (action.sa_handler != (void (*)(int))1) return 72;
  if (getpgid(0) != getpid()) return 73;
  if (strcmp(getcwd(here, sizeof here), "/tmp") != 0) return 74;
  for (int file = 3; file < 80; ++file)
    if (fcntl(file, F_GETFD) != -1) return 80;
  return 70;
}

static void asked_for_everything(void) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  sigset_t mask, ignored;
  short flags = 0;
  pid_t child = -1;
  sigemptyset(&mask);
  sigaddset(&mask, SIGUSR2);
  sigemptyset(&ignored);
  sigaddset(&ignored, SIGUSR1);
  CHECK("attributes",
        posix_spawnattr_init(&attributes) == 0 &&
            posix_spawnattr_setflags(&attributes, 0x100) == EINVAL &&
            posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                                                      POSIX_SPAWN_SETSIGIGN_NP) == 0 &&
            posix_spawnattr_getflags(&attributes, &flags) == 0 && flags == 0x80a);
  posix_spawnattr_setsigmask(&attributes, &mask);
  posix_spawnattr_setsigignore_np(&attributes, &ignored);
  posix_spawnattr_setpgroup(&attributes, 0);
  dup2(2, 60);
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addchdir(&actions, "/tmp");
  posix_spawn_file_actions_addclosefrom_np(&actions, 3);
  CHECK("spawn-self", posix_spawn(&child, getexecname(), &actions, &attributes,
                                  (char*[]){"x", "child", NULL}, environment) == 0 &&
                          exit_status(child) == 70);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
}

static void redirected(void) {
  posix_spawn_file_actions_t actions;
  int ends[2];
  char text[16] = "";
  pid_t child = -1;
  pipe(ends);
  posix_spawn_file_actions_init(&actions);
  CHECK("actions",
        posix_spawn_file_actions_addclose(&actions, -1) == EBADF &&
            posix_spawn_file_actions_adddup2(&actions, ends[1], 1) == 0 &&
            posix_spawn_file_actions_addclose(&actions, ends[0]) == 0 &&
            posix_spawn_file_actions_addopen(&actions, 0, "/proc/version", O_RDONLY, 0) == 0);
  CHECK("spawnp", posix_spawnp(&child, "head", &actions, NULL, (char*[]){"head", "-c5", NULL},
                               environment) == 0 &&
                      exit_status(child) == 0);
  CHECK("redirected", read(ends[0], text, sizeof text) == 5 && strcmp(text, "Linux") == 0);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/does/not/exist", O_RDONLY, 0);
  CHECK("open-fails", posix_spawnp(&child, "true", &actions, NULL, (char*[]){"true", NULL},
                                   environment) == ENOENT);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[0]);
  close(ends[1]);
}

int main(int argc, char** argv) {
  if (argc == 2 && strcmp(argv[1], "child") == 0) return child_main();
  pid_t child = -1;
  asked_for_everything();
  redirected();
  errno = 0;
  CHECK("no-program", posix_spawn(&child, "/does/not/exist", NULL, NULL, (char*[]){"x", NULL},
                                  environment) == ENOENT &&
                          child == -1 && waitpid(-1, NULL, 0) == -1 && errno == ECHILD);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_NOEXECERR_NP);
  CHECK("no-program-no-error", posix_spawn(&child, "/does/not/exist", NULL, &attributes,
                                           (char*[]){"x", NULL}, environment) == 0 &&
                                   exit_status(child) == 127);
  posix_spawnattr_destroy(&attributes);
  return check_status();
}
