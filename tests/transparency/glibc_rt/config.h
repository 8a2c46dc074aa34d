/* SPDX-License-Identifier: MIT */
/*
 * Stands in for the config.h of a configured glibc, and is included before each of its files:
 * what its tests and their support library expect to be defined outside of glibc itself.
 */
#ifndef TESTS_TRANSPARENCY_GLIBC_RT_CONFIG_H
#define TESTS_TRANSPARENCY_GLIBC_RT_CONFIG_H

#include <limits.h>

#define TIMEOUTFACTOR 1
#define OBJPFX "" /* where posix/tst-spawn3 makes a file: the folder it runs in */

#define attribute_hidden
#define libc_hidden_def(name)
#define libc_hidden_proto(name, ...)

#endif
