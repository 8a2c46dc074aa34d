/* SPDX-License-Identifier: MIT */
/* Mounting file systems where nobody else sees it. How that is done is not portable: mounts.c. */
#ifndef PORTC_CONFORMANCE_MOUNTS_H
#define PORTC_CONFORMANCE_MOUNTS_H

/* From now on, what this process mounts is seen by itself alone; or the test is skipped. */
void enter_mounts(void);
/* Mounts a new file system, in memory, on a directory. */
void mount_memory(const char *dir);
void unmount(const char *dir);

#endif
