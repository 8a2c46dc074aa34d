// SPDX-License-Identifier: MIT
//
// Every header of Linux's that declares a function which symbols.tab passes on as it is.
#pragma once

#include <fcntl.h>
#include <grp.h>
#include <mqueue.h>
#include <pwd.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cstdlib>

#include "include/port.h"
