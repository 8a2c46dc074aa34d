// SPDX-License-Identifier: MIT
#include "tests/bench/remote.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "tests/bench/protocol.h"

namespace portc::bench {
namespace {

// Both records are far below PIPE_BUF, so a pipe passes them whole or not at all.
template <typename T>
bool receive(int fd, T& record) {
  ssize_t n;
  do {
    n = ::read(fd, &record, sizeof record);
  } while (n < 0 && errno == EINTR);
  return n == static_cast<ssize_t>(sizeof record);
}

void serve(const Remote::Body& body, int in, int out) {
  Request request;
  while (receive(in, request) && request.what != kQuit) {
    const Reply reply{body(request.what, request.ops)};
    must(::write(out, &reply, sizeof reply) == sizeof reply, "helper's reply");
  }
}

// A helper must not outlive the row that started it, even one that is killed.
void die_with(pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) {
    ::_exit(0);
  }
}

}  // namespace

void Remote::open_pipes() {
  int ends[2];
  need(pipe2(ends, O_CLOEXEC), "pipe2");
  request_read_ = Fd(ends[0], "pipe2");
  request_write_ = Fd(ends[1], "pipe2");
  need(pipe2(ends, O_CLOEXEC), "pipe2");
  reply_read_ = Fd(ends[0], "pipe2");
  reply_write_ = Fd(ends[1], "pipe2");
}

Remote::Remote(Where where, Body body) {
  open_pipes();
  if (where == Where::kThread) {
    thread_ = std::thread(
        [this, work = std::move(body)] { serve(work, request_read_.get(), reply_write_.get()); });
    return;
  }
  const pid_t parent = getpid();
  pid_ = need(fork(), "fork");
  if (pid_ == 0) {
    die_with(parent);
    request_write_.reset();
    serve(body, request_read_.get(), reply_write_.get());
    ::_exit(0);
  }
  request_read_.reset();
  reply_write_.reset();
}

Remote::Remote(const std::vector<std::string>& command) {
  open_pipes();
  std::vector<char*> arguments;
  for (const std::string& word : command) {
    arguments.push_back(const_cast<char*>(word.c_str()));
  }
  arguments.push_back(nullptr);
  const pid_t parent = getpid();
  pid_ = need(fork(), "fork");
  if (pid_ == 0) {
    die_with(parent);
    need(dup2(request_read_.get(), STDIN_FILENO), "dup2");
    need(dup2(reply_write_.get(), STDOUT_FILENO), "dup2");
    execv(arguments[0], arguments.data());
    fail(command[0].c_str(), errno);
  }
  request_read_.reset();
  reply_write_.reset();
}

Remote::~Remote() {
  start(kQuit, 0);
  if (thread_.joinable()) {
    thread_.join();
  } else {
    waitpid(pid_, nullptr, 0);
  }
}

void Remote::start(int what, long ops) {
  const Request request{what, ops};
  must(::write(request_write_.get(), &request, sizeof request) == sizeof request,
       "request to a helper");
}

bool Remote::is_done(int patience_ms) const {
  pollfd item{reply_read_.get(), POLLIN, 0};
  return libc().poll(&item, 1, patience_ms) == 1;
}

double Remote::finish() {
  Reply reply;
  if (!receive(reply_read_.get(), reply)) {
    fail("a helper ended early");
  }
  return reply.ns;
}

}  // namespace portc::bench
