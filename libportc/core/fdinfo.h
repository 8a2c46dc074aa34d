// SPDX-License-Identifier: MIT
//
// What /proc says about a descriptor.
#pragma once

#include <cstdint>

namespace portc {

// One item of an epoll set.
struct EpollItem {
  int fd;        // number under which it was added
  uint64_t key;  // its epoll_event.data
};

// Calls visit(context, item) for each item of the epoll set until it returns false. Reads in
// pieces: a set may have thousands of items. False if /proc cannot be read.
bool fdinfo_each_item(int fd, bool (*visit)(void* context, const EpollItem& item), void* context);

// Calls visit(context, number) for each open descriptor of the process. False, and no call, without
// /proc.
bool fd_each_open(void (*visit)(void* context, int fd), void* context);

// Is `fd` an eventfd? True when in doubt (no /proc).
bool fd_is_eventfd(int fd);

}  // namespace portc
