// SPDX-License-Identifier: MIT
//
// Makes calls that are none of the library's business, for B20. It is not linked to the
// library; preload.cc runs it plainly and under portc-run, and asks for batches over the two
// standard streams (protocol.h). With --with-port it makes a port first, through whatever the
// preload object brought.
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>

#include "tests/bench/protocol.h"

namespace {

using portc::bench::Call;
using portc::bench::Reply;
using portc::bench::Request;

constexpr int kTarget = 200;     // the number that dup2 replaces
constexpr int kFirstCopy = 300;  // where the descriptors begin that close takes away
constexpr int kCopies = 256;

[[noreturn]] void give_up(const char* what) {
  fprintf(stderr, "strangers: %s: %s\n", what, strerror(errno));
  exit(1);
}

double cpu_ns() {
  timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

template <typename F>
double repeat(long ops, F&& call) {
  const double start = cpu_ns();
  for (long i = 0; i < ops; i++) {
    if (!call()) {
      give_up("a call failed");
    }
  }
  return cpu_ns() - start;
}

// Only the closing is timed, not the opening of what is closed.
double close_copies(int file, long ops) {
  double sum = 0;
  for (long left = ops; left > 0; left -= kCopies) {
    const int count = static_cast<int>(std::min<long>(left, kCopies));
    for (int i = 0; i < count; i++) {
      if (dup2(file, kFirstCopy + i) < 0) {
        give_up("dup2");
      }
    }
    int next = kFirstCopy;
    sum += repeat(count, [&] { return close(next++) == 0; });
  }
  return sum;
}

double run(Call call, long ops, int file) {
  pollfd item{file, POLLIN, 0};
  char byte;
  switch (call) {
    case Call::kClose:
      return close_copies(file, ops);
    case Call::kPoll:
      return repeat(ops, [&] { return poll(&item, 1, 0) == 1; });
    case Call::kDup2:
      return repeat(ops, [&] { return dup2(file, kTarget) == kTarget; });
    case Call::kFcntl:
      return repeat(ops, [&] { return fcntl(file, F_GETFL) >= 0; });
    case Call::kRead:
      return repeat(ops, [&] { return read(file, &byte, 1) == 1; });
  }
  return 0;
}

void reply(double ns) {
  const Reply out{ns};
  if (write(STDOUT_FILENO, &out, sizeof out) != sizeof out) {
    exit(0);  // whoever asked is gone
  }
}

}  // namespace

int main(int argc, char** argv) {
  using PortCreate = int (*)();
  const auto port_create = reinterpret_cast<PortCreate>(dlsym(RTLD_DEFAULT, "port_create"));
  if (argc > 1 && strcmp(argv[1], "--with-port") == 0) {
    if (port_create == nullptr || port_create() < 0) {
      give_up("port_create");
    }
  }
  const int file = open("/dev/zero", O_RDONLY | O_CLOEXEC);
  if (file < 0 || dup2(file, kTarget) < 0) {
    give_up("/dev/zero");
  }
  reply(port_create != nullptr ? 1 : 0);
  Request request;
  while (read(STDIN_FILENO, &request, sizeof request) == sizeof request &&
         request.what != portc::bench::kQuit) {
    reply(run(static_cast<Call>(request.what), request.ops, file));
  }
  return 0;
}
