// SPDX-License-Identifier: MIT
//
// Waiting in every way, the exec family, limits, the environment, credentials.
#include "check.h"
#include "guest_files.h"

static int status_of(pid_t child) {
  int status = -1;
  return waitpid(child, &status, 0) == child ? status : -1;
}

static void stopped(void) {
  int status = 0, ends[2];
  char byte = 0;
  pipe(ends);
  const pid_t child = fork();
  if (child == 0) {
    raise(SIGSTOP);
    read(ends[0], &byte, 1);
    _exit(5);
  }
  CHECK("stopped", waitpid(child, &status, WUNTRACED) == child && WIFSTOPPED(status) &&
                       WSTOPSIG(status) == SIGSTOP);
  kill(child, SIGCONT);
  CHECK("continued", waitpid(child, &status, WCONTINUED) == child && WIFCONTINUED(status));
  write(ends[1], &byte, 1);
  close(ends[0]);
  close(ends[1]);
  CHECK("then-exited", WEXITSTATUS(status_of(child)) == 5);
}

static void looked_at(void) {
  struct child_info info;
  struct rusage used;
  int status = 0;
  const pid_t child = fork();
  if (child == 0) _exit(6);
  CHECK("waitid", waitid(P_PID, (unsigned)child, &info, WEXITED | WNOWAIT) == 0 &&
                      info.si_signo == SIGCHLD && info.si_code == CLD_EXITED &&
                      info.si_pid == child && info.si_status == 6);
  CHECK("wait-nowait", waitpid(child, &status, WNOWAIT) == child && WEXITSTATUS(status) == 6);
  CHECK("wait4",
        wait4(child, &status, 0, &used) == child && WEXITSTATUS(status) == 6 && used.ru_maxrss > 0);
  const pid_t waiting = fork();
  if (waiting == 0) {
    struct timespec long_time = {100, 0};
    nanosleep(&long_time, NULL);
    _exit(0);
  }
  info.si_pid = 1;
  CHECK("waitid-none-yet", waitid(P_ALL, 0, &info, WEXITED | WNOHANG) == 0 && info.si_pid == 0);
  CHECK("wait-none-yet", waitpid(waiting, &status, WNOHANG) == 0);
  kill(waiting, SIGUSR2);
  CHECK("waitid-killed", waitid(P_PID, (unsigned)waiting, &info, WEXITED) == 0 &&
                             info.si_code == CLD_KILLED && info.si_status == SIGUSR2);
  CHECK("wait-option", waitpid(-1, &status, 0x1000) == -1 && errno == EINVAL);
  CHECK("forkx-flag", forkx(64) == -1 && errno == EINVAL);
}

static void script(const char* path, const char* text) {
  const int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0755);
  write(file, text, strlen(text));
  close(file);
}

enum how { kExecv, kExecvp, kExecl, kExeclp, kExecle };

static int run(enum how how, const char* path) {
  char* const words[] = {"name", "child", "two words", NULL};
  char* const environment[] = {"GUEST=listed", "PATH=/usr/bin:/bin", NULL};
  const pid_t child = fork();
  if (child != 0) return WEXITSTATUS(status_of(child));
  if (how == kExecv) execv(path, words);
  if (how == kExecvp) execvp(path, words);
  if (how == kExecl) execl(path, "name", "child", "two words", NULL);
  if (how == kExeclp) execlp(path, "name", "child", "two words", NULL);
  if (how == kExecle) execle(path, "name", "child", "two words", NULL, environment);
  _exit(errno);
}

static void executed(void) {
  char line[600];
  const char* self = getexecname();
  setenv("GUEST", "inherited", 1);
  CHECK("execv", run(kExecv, self) == 50);
  CHECK("execvp", run(kExecvp, self) == 50);
  CHECK("execl", run(kExecl, self) == 50);
  CHECK("execle", run(kExecle, self) == 51);
  snprintf(line, sizeof line, "#!%s\n", self);
  script("by-guest", line);
  CHECK("script-of-guest", run(kExecv, "./by-guest") == 52);
  snprintf(line, sizeof line, "#! %s  one argument \n", self);
  script("by-guest", line);
  CHECK("script-argument", run(kExecv, "./by-guest") == 53);
  script("by-shell", "#!/bin/sh\ntest \"$1$2\" = \"childtwo words\" && exit 60\n");
  CHECK("script-of-shell", run(kExecv, "./by-shell") == 60);
  script("no-format", "test \"$1$2\" = \"childtwo words\" && exit 61\n");
  CHECK("no-format", run(kExecv, "./no-format") == ENOEXEC);
  CHECK("no-format-by-path", run(kExecvp, "./no-format") == 61);
  setenv("PATH", "/does/not/exist:.", 1);
  CHECK("search", run(kExeclp, "by-shell") == 60);
  CHECK("search-nothing", run(kExeclp, "nothing-of-that-name") == ENOENT);
  setenv("PATH", "/usr/bin:/bin", 1);
  script("closed", "x");
  chmod("closed", 0644);
  CHECK("not-executable", run(kExecv, "./closed") == EACCES);
  unlink("by-guest");
  unlink("by-shell");
  unlink("no-format");
  unlink("closed");
}

static int child_main(int argc, char** argv) {
  const char* guest = getenv("GUEST");
  if (argc == 3 && strcmp(argv[0], "name") == 0 && strcmp(argv[2], "two words") == 0)
    return guest != NULL && strcmp(guest, "listed") == 0 ? 51 : 50;
  return 97;
}

// As a script's interpreter: itself, perhaps an argument, the script, what the caller gave.
static int interpreter_main(int argc, char** argv) {
  if (argc == 4 && strcmp(argv[1], "./by-guest") == 0 && strcmp(argv[3], "two words") == 0)
    return 52;
  if (argc == 5 && strcmp(argv[1], "one argument") == 0 && strcmp(argv[2], "./by-guest") == 0)
    return 53;
  return 98;
}

static void limits(void) {
  struct rlimit limit, old;
  struct rusage used;
  char control[512], next[512];
  CHECK("getrlimit", getrlimit(RLIMIT_NOFILE, &old) == 0 && old.rlim_cur > 10);
  limit = old;
  limit.rlim_cur = 100;
  CHECK("setrlimit", setrlimit(RLIMIT_NOFILE, &limit) == 0 && sysconf(5) == 100);
  CHECK("getrctl", rctlblk_size() <= sizeof control &&
                       getrctl("process.max-file-descriptor", NULL, control, 0) == 0 &&
                       rctlblk_get_value(control) == 100);
  CHECK("getrctl-next", getrctl("process.max-file-descriptor", control, next, 1) == 0 &&
                            rctlblk_get_value(next) == old.rlim_max);
  CHECK("getrctl-zone", getrctl("zone.cpu-cap", NULL, control, 0) == -1 && errno == ENOENT);
  setrlimit(RLIMIT_NOFILE, &old);
  CHECK("no-limit", getrlimit(7, &limit) == -1 && errno == EINVAL);
  limit = (struct rlimit){0, RLIM_INFINITY};
  if (getrlimit(RLIMIT_CORE, &old) == 0 && old.rlim_max == RLIM_INFINITY)
    CHECK("infinity", setrlimit(RLIMIT_CORE, &limit) == 0 && getrlimit(RLIMIT_CORE, &limit) == 0 &&
                          limit.rlim_max == RLIM_INFINITY && limit.rlim_cur == 0);
  CHECK("getrusage", getrusage(0, &used) == 0 && getrusage(1, &used) == 0 &&
                         getrusage(9, &used) == -1 && errno == EINVAL);
  errno = 0;
  CHECK("getpriority", getpriority(0, 0) >= -20 && errno == 0);
}

static void variables(void) {
  static char entry[] = "PUT=1";
  CHECK("putenv", putenv(entry) == 0 && strcmp(getenv("PUT"), "1") == 0);
  entry[4] = '2';
  CHECK("putenv-own", strcmp(getenv("PUT"), "2") == 0);
  CHECK("setenv-keep", setenv("PUT", "3", 0) == 0 && strcmp(getenv("PUT"), "2") == 0);
  CHECK("setenv-name", setenv("A=B", "3", 0) == -1 && errno == EINVAL);
  CHECK("system", WEXITSTATUS(system("test \"$PUT\" = 2 && exit 9")) == 9);
  CHECK("system-killed", WTERMSIG(system("kill -USR1 $$")) == SIGUSR1);
  CHECK("clearenv", clearenv() == 0 && getenv("PUT") == NULL && setenv("X", "1", 1) == 0);
}

static void identity(void) {
  char name[300], info[416];
  int process = 0;
  long resident = 0;
  const int file = open("/proc/self/psinfo", O_RDONLY);
  CHECK("psinfo", read(file, info, sizeof info) == sizeof info);
  memcpy(&process, info + 8, sizeof process);
  memcpy(&resident, info + 56, sizeof resident);
  CHECK("psinfo-says", process == getpid() && resident > 100 && close(file) == 0);
  CHECK("psinfo-none", open("/proc/self/psinfos", O_RDONLY) == -1 && errno == ENOENT);
  ucred_t* credentials = ucred_get(getpid());
  CHECK("ucred", credentials != NULL && ucred_getpid(credentials) == getpid() &&
                     ucred_geteuid(credentials) == geteuid());
  ucred_free(credentials);
  CHECK("sysinfo", sysinfo(1, name, sizeof name) == 6 && strcmp(name, "SunOS") == 0 &&
                       sysinfo(517, name, 3) == 6 && strcmp(name, "am") == 0);
  CHECK("sysinfo-none", sysinfo(99, name, sizeof name) == -1 && errno == EINVAL);
  CHECK("sysconf",
        sysconf(3) == 100 && sysconf(573) > 0 && sysconf(12345) == -1 && errno == EINVAL);
  CHECK("syscall", syscall(20) == -1 && errno == ENOSYS);
  CHECK("setpgrp", setpgrp() == getpid() && getpgrp() == getpid());
}

int main(int argc, char** argv) {
  if (argc > 1 && strcmp(argv[1], "child") == 0) return child_main(argc, argv);
  if (argc > 1) return interpreter_main(argc, argv);
  char folder[] = "/tmp/guest.XXXXXX";
  CHECK("mkdtemp", mkdtemp(folder) == folder && chdir(folder) == 0);
  stopped();
  looked_at();
  executed();
  limits();
  variables();
  identity();
  CHECK("clean", chdir("/") == 0 && rmdir(folder) == 0);
  return check_status();
}
