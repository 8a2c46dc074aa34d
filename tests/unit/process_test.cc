// SPDX-License-Identifier: MIT
//
// What a process that exits does with ports that it has not used.
#include "libportc/core/process.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <port.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "libportc/core/registry.h"

using namespace portc;

namespace {

// A child that leaves when it is told to, and before that has used the port, or has not.
struct Child {
  pid_t pid;
  int tell;
};

Child start(int port, bool uses) {
  int ready[2], tell[2];
  cr_assert(pipe(ready) == 0 && pipe(tell) == 0);
  const pid_t pid = fork();
  if (pid == 0) {
    char byte;
    if (uses && port_send(port, 1, nullptr) != 0) syscall(SYS_exit_group, 1);
    if (write(ready[1], "", 1) != 1 || read(tell[0], &byte, 1) != 1) syscall(SYS_exit_group, 2);
    process_exit();
    syscall(SYS_exit_group, 0);
  }
  char byte;
  cr_assert_eq(read(ready[0], &byte, 1), 1);
  return {pid, tell[1]};
}

// Waits until the child has ended, or sleeps in a futex; which?
bool ends_by_itself(pid_t pid) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/syscall", pid);
  for (;;) {
    if (waitpid(pid, nullptr, WNOHANG) == pid) return true;
    char text[32] = "";
    const int fd = open(path, O_RDONLY);
    if (fd >= 0) (void)!read(fd, text, sizeof text - 1);
    close(fd);
    long call = -1;
    if (sscanf(text, "%ld", &call) == 1 && call == SYS_futex) return false;
    usleep(1000);
  }
}

// Tells the child to leave while this process holds the port's lock.
bool leaves_without_the_lock(bool uses) {
  const int fd = port_create();
  const Result<PortRef> port = port_acquire(fd);
  cr_assert(bool(port));
  const Child child = start(fd, uses);
  cr_assert(bool(port_lock(**port)));
  cr_assert_eq(write(child.tell, "", 1), 1);
  const bool ended = ends_by_itself(child.pid);
  port_unlock(**port);
  if (!ended) waitpid(child.pid, nullptr, 0);
  return ended;
}

}  // namespace

Test(process, a_child_that_has_used_no_port_leaves_without_the_lock, .timeout = 20) {
  cr_assert(leaves_without_the_lock(false));
}

Test(process, a_child_that_has_used_it_waits_for_the_lock, .timeout = 20) {
  cr_assert_not(leaves_without_the_lock(true));
}
