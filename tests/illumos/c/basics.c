// SPDX-License-Identifier: MIT
//
// What every program meets: arguments, environment, errno, the C library, the end.
#include "check.h"

static int order(const void* a, const void* b) { return *(const int*)a - *(const int*)b; }

static _Thread_local int of_thread = 41;
static int constructed;
__attribute__((constructor)) static void construct(void) { constructed = 1; }

static jmp_buf place;

static void jumps(void) {
  volatile int turns = 0;
  const int value = setjmp(place);
  if (value == 0) {
    turns = 1;
    longjmp(place, 7);
  }
  CHECK("longjmp", value == 7 && turns == 1);
}

static void texts(void) {
  char text[64], small[4];
  CHECK("snprintf", snprintf(text, sizeof text, "%d %s %.2f %lx", 7, "x", 1.5, 255L) == 11 &&
                        strcmp(text, "7 x 1.50 ff") == 0);
  CHECK("strlcpy", strlcpy(small, "abcdef", sizeof small) == 6 && strcmp(small, "abc") == 0);
  CHECK("strerror", strcmp(strerror(ENOENT), "No such file or directory") == 0);
  CHECK("strerror-own", strcmp(strerror(ETIME), "Timer expired") == 0);
}

// What ps(1) and pgrep(1) of Linux know the process by.
static int process_name(const char* expected) {
  char name[32] = "";
  const int file = open("/proc/self/comm", O_RDONLY);
  const ssize_t length = read(file, name, sizeof name - 1);
  close(file);
  return length > 0 && strcmp(name, expected) == 0;
}

int main(int argc, char** argv) {
  struct utsname name;
  int numbers[] = {3, 1, 2};
  CHECK("arguments", argc == 3 && strcmp(argv[1], "one") == 0 && argv[3] == NULL);
  CHECK("constructor", constructed == 1);
  CHECK("thread-local", ++of_thread == 42);
  CHECK("environment", strcmp(getenv("GUEST"), "yes") == 0);
  CHECK("setenv", setenv("NEW", "1", 1) == 0 && strcmp(getenv("NEW"), "1") == 0);
  CHECK("environ-is-ours", environ != NULL && environ[0] != NULL);
  CHECK("unsetenv", unsetenv("NEW") == 0 && getenv("NEW") == NULL);
  CHECK("uname", uname(&name) >= 0 && strcmp(name.sysname, "SunOS") == 0 &&
                     strcmp(name.release, "5.11") == 0 && strcmp(name.machine, "i86pc") == 0);
  CHECK("execname", getexecname() != NULL && getexecname()[0] == '/');
  CHECK("process-name", process_name("basics\n"));
  CHECK("page-size", sysconf(11) == 4096);
  errno = 0;
  CHECK("errno", open("/does/not/exist", O_RDONLY) == -1 && errno == ENOENT);
  errno = 0;
  CHECK("errno-kept", getpid() > 0 && errno == 0);
  qsort(numbers, 3, sizeof numbers[0], order);
  CHECK("qsort", numbers[0] == 1 && numbers[2] == 3);
  texts();
  jumps();
  return check_status();
}
