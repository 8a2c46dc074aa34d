/* SPDX-License-Identifier: MIT */
/* Mounts, by the namespaces of Linux. Another system needs this file anew. */
#include "conformance/mounts.h"

#include <sched.h>
#include <sys/mount.h>

#include "conformance/conformance.h"

void enter_mounts(void) {
  if (unshare(CLONE_NEWNS) != 0) skip("a mount namespace needs privileges");
  SETUP(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
}

void mount_memory(const char *dir) { SETUP(mount("portc", dir, "tmpfs", 0, NULL)); }

void unmount(const char *dir) { SETUP(umount(dir)); }
