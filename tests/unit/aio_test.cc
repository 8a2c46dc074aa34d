// SPDX-License-Identifier: MIT
//
// Asynchronous requests, on both engines, without the wrappers: what depends on which thread
// submits, harvests and ends, and what is kept afterwards.
#include "libportc/api/aio.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

#include "include/port.h"
#include "libportc/api/hooks.h"
#include "libportc/source/aio_process.h"

namespace {

constexpr size_t kBlock = 4096;
const struct timespec kPatience = {10, 0};

const char* engine_names[] = {"io_uring", "libaio"};

struct Ends {
  int r, w;
};

Ends new_pipe() {
  int fds[2];
  cr_assert_eq(pipe(fds), 0);
  return {fds[0], fds[1]};
}

int new_file(size_t blocks) {
  char name[] = "/tmp/portc-aio-XXXXXX";
  const int fd = mkstemp(name);
  cr_assert_geq(fd, 0);
  unlink(name);
  const std::vector<char> block(kBlock, 'x');
  for (size_t i = 0; i < blocks; ++i)
    cr_assert_eq(pwrite(fd, block.data(), kBlock, static_cast<off_t>(i * kBlock)), kBlock);
  cr_assert_eq(fsync(fd), 0);
  return fd;
}

// A request, and what must live as long as it.
struct Request {
  struct aiocb cb = {};
  port_notify_t target = {};
  char data[kBlock] = {};

  Request(int fd, int port, size_t size) {
    cb.aio_fildes = fd;
    cb.aio_buf = data;
    cb.aio_nbytes = size;
    target.portnfy_port = port;
    target.portnfy_user = this;
    cb.aio_sigevent.sigev_notify = SIGEV_PORT;
    cb.aio_sigevent.sigev_value.sival_ptr = &target;
  }
  int read() { return portc_private_aio_start(&cb, LIO_READ); }
  int write() { return portc_private_aio_start(&cb, LIO_WRITE); }
  int status() {
    portc_private_aio_harvest();
    return __atomic_load_n(&cb.__error_code, __ATOMIC_ACQUIRE);
  }
};

Request& next_of(int port) {
  port_event_t event;
  cr_assert_eq(port_get(port, &event, &kPatience), 0, "no event: errno %d", errno);
  cr_assert_eq(event.portev_source, PORT_SOURCE_AIO);
  return *static_cast<Request*>(event.portev_user);
}

int use(const char* engine) {
  setenv("PORTC_AIO_ENGINE", engine, 1);
  const int port = port_create();
  cr_assert_geq(port, 0);
  return port;
}

void check_engine(const char* engine) {
  const portc::AioEngine* known = portc::aio_engine_known();
  cr_assert_not_null(known);
  cr_assert_str_eq(known->name, engine);
}

// In state S in the kernel, with that system call.
void await_asleep(pid_t tid) {
  char path[64];
  snprintf(path, sizeof path, "/proc/self/task/%d/stat", tid);
  for (;;) {
    char text[256] = "";
    const int fd = open(path, O_RDONLY);
    cr_assert_geq(fd, 0);
    cr_assert_gt(read(fd, text, sizeof text - 1), 0);
    close(fd);
    const char* after = strrchr(text, ')');
    if (after != nullptr && after[2] == 'S') return;
    std::this_thread::yield();
  }
}

}  // namespace

#define EACH_ENGINE(name)                               \
  static void name(const char* engine);                 \
  Test(aio, name##_io_uring) { name(engine_names[0]); } \
  Test(aio, name##_libaio) { name(engine_names[1]); }   \
  static void name([[maybe_unused]] const char* engine)

Test(aio, unknown_engine_name_counts_as_not_set) {
  const int port = use("bogus");
  Request request(new_file(1), port, kBlock);
  cr_assert_eq(request.read(), 0);
  cr_assert_eq(&next_of(port), &request);
}

EACH_ENGINE(engine_goes_with_the_last_port) {
  const int port = use(engine);
  Request request(new_file(1), port, kBlock);
  cr_assert_eq(request.read(), 0);
  check_engine(engine);
  cr_assert_eq(&next_of(port), &request);
  cr_assert_eq(request.cb.__return_value, kBlock);
  cr_assert_eq(portc_private_closing(port), 0);
  close(port);
  cr_assert_null(portc::aio_engine_known());
  cr_assert_eq(portc::aio_descriptor(), -1);

  const int again = use(engine);
  Request second(request.cb.aio_fildes, again, kBlock);
  cr_assert_eq(second.read(), 0);
  cr_assert_eq(&next_of(again), &second);
}

// The kernel ends requests of a thread that ends; ours go on.
EACH_ENGINE(requests_outlive_their_thread) {
  const int port = use(engine);
  const Ends ends = new_pipe();
  const int file = new_file(64);
  posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
  Request waiting(ends.r, port, 5);
  std::vector<Request*> reads;
  for (int i = 0; i < 64; ++i) {
    reads.push_back(new Request(file, port, kBlock));
    reads.back()->cb.aio_offset = i * static_cast<off_t>(kBlock);
  }
  std::thread([&] {
    cr_assert_eq(waiting.read(), 0);
    for (Request* request : reads) cr_assert_eq(request->read(), 0);
  }).join();
  cr_assert_eq(write(ends.w, "hello", 5), 5);
  for (int i = 0; i < 65; ++i) {
    const Request& done = next_of(port);
    cr_assert_eq(done.cb.__error_code, 0, "error %d", done.cb.__error_code);
    cr_assert_eq(done.cb.__return_value, static_cast<ssize_t>(done.cb.aio_nbytes));
  }
  cr_assert_eq(memcmp(waiting.data, "hello", 5), 0);
}

EACH_ENGINE(busy_until_done) {
  const int port = use(engine);
  const Ends ends = new_pipe();
  Request request(ends.r, port, 1);
  cr_assert_eq(request.read(), 0);
  cr_assert_eq(request.status(), EINPROGRESS);
  cr_assert_eq(request.read(), EBUSY);
  cr_assert_eq(write(ends.w, "xy", 2), 2);
  cr_assert_eq(&next_of(port), &request);
  cr_assert_eq(request.read(), 0);
  cr_assert_eq(&next_of(port), &request);
  cr_assert_eq(request.data[0], 'y');
}

EACH_ENGINE(polling_the_status_makes_progress) {
  const int port = use(engine);
  const Ends ends = new_pipe();
  Request request(ends.r, port, 1);
  cr_assert_eq(request.read(), 0);
  cr_assert_eq(write(ends.w, "x", 1), 1);
  while (request.status() == EINPROGRESS) std::this_thread::yield();
  cr_assert_eq(request.status(), 0);
  cr_assert_eq(&next_of(port), &request);
}

EACH_ENGINE(cancelled_requests_are_done_and_reported) {
  const int port = use(engine);
  const Ends ends = new_pipe(), other = new_pipe();
  Request one(ends.r, port, 1), two(ends.r, port, 1), kept(other.r, port, 1);
  for (Request* request : {&one, &two, &kept}) cr_assert_eq(request->read(), 0);
  cr_assert_eq(portc_private_aio_cancel(ends.r, nullptr), AIO_CANCELED);
  cr_assert_eq(one.status(), ECANCELED);
  cr_assert_eq(two.status(), ECANCELED);
  cr_assert_eq(kept.status(), EINPROGRESS);
  (void)next_of(port);
  (void)next_of(port);
  cr_assert_eq(portc_private_aio_cancel(ends.r, nullptr), AIO_ALLDONE);
  cr_assert_eq(portc_private_aio_cancel(-1, nullptr), -EBADF);
  cr_assert_eq(portc_private_aio_cancel(other.r, &kept.cb), AIO_CANCELED);
  cr_assert_eq(&next_of(port), &kept);
}

// A sync covers the writes before it, which have not got anywhere yet.
EACH_ENGINE(sync_waits_for_writes_before_it) {
  const int port = use(engine);
  const Ends ends = new_pipe();
  cr_assert_geq(fcntl(ends.w, F_SETPIPE_SZ, 4096), 0);
  Request fill(ends.w, port, kBlock), stuck(ends.w, port, kBlock), sync(ends.w, port, 0);
  cr_assert_eq(fill.write(), 0);
  cr_assert_eq(&next_of(port), &fill);
  cr_assert_eq(stuck.write(), 0);
  cr_assert_eq(portc_private_aio_fsync(O_SYNC, &sync.cb), 0);
  cr_assert_eq(stuck.status(), EINPROGRESS);
  cr_assert_eq(sync.status(), EINPROGRESS);
  char data[kBlock];
  cr_assert_eq(read(ends.r, data, sizeof data), kBlock);
  cr_assert_eq(&next_of(port), &stuck);
  cr_assert_eq(&next_of(port), &sync);
  cr_assert_eq(sync.status(), EINVAL);  // pipes cannot be synced
}

// One sleeper polls for all; whoever harvests wakes them.
EACH_ENGINE(many_threads_wait_for_their_requests) {
  const int port = use(engine);
  constexpr int kThreads = 4, kRounds = 200;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t)
    threads.emplace_back([port] {
      const Ends ends = new_pipe();
      for (int i = 0; i < kRounds; ++i) {
        Request request(ends.r, port, 1);
        cr_assert_eq(request.read(), 0);
        cr_assert_eq(write(ends.w, "x", 1), 1);
        const struct aiocb* list[] = {nullptr, &request.cb};
        const int r = portc_private_aio_suspend(list, 2, &kPatience);
        cr_assert(r == 0 || r == -1, "aio_suspend: %d", r);
        cr_assert_neq(request.status(), EINPROGRESS);
      }
    });
  for (int i = 0; i < kThreads * kRounds; ++i) {
    port_event_t event;
    cr_assert_eq(port_get(port, &event, &kPatience), 0);
  }
  for (std::thread& thread : threads) thread.join();
}

static void ignore(int) {}

EACH_ENGINE(handlers_interrupt_waiting) {
  const int port = use(engine);
  const Ends ends = new_pipe();
  Request request(ends.r, port, 1);
  cr_assert_eq(request.read(), 0);
  struct sigaction action = {};
  action.sa_handler = ignore;
  action.sa_flags = SA_RESTART;
  sigaction(SIGUSR1, &action, nullptr);
  std::atomic<pid_t> tid{0};
  std::atomic<pthread_t> self{};
  int result = 0;
  std::thread waiter([&] {
    self = pthread_self();
    tid = gettid();
    const struct aiocb* list[] = {&request.cb};
    result = portc_private_aio_suspend(list, 1, nullptr);
  });
  while (tid == 0) std::this_thread::yield();
  await_asleep(tid);
  pthread_kill(self, SIGUSR1);
  waiter.join();
  cr_assert_eq(result, EINTR);
  const struct timespec brief = {0, 1000};
  const struct aiocb* list[] = {&request.cb};
  cr_assert_eq(portc_private_aio_suspend(list, 1, &brief), EAGAIN);
}

EACH_ENGINE(children_start_anew) {
  const int port = use(engine);
  const Ends ends = new_pipe();
  Request request(ends.r, port, 1);
  cr_assert_eq(request.read(), 0);
  const int parents = portc::aio_descriptor();
  const pid_t child = fork();
  if (child == 0) {
    if (portc::aio_engine_known() != nullptr || fcntl(parents, F_GETFD) >= 0) _exit(1);
    const int own = port_create();
    Request mine(new_file(1), own, kBlock);
    if (mine.read() != 0 || &next_of(own) != &mine) _exit(2);
    _exit(mine.cb.__return_value == kBlock ? 0 : 3);
  }
  int status = -1;
  cr_assert_eq(waitpid(child, &status, 0), child);
  cr_assert_eq(status, 0, "child: %x", status);
  cr_assert_eq(write(ends.w, "x", 1), 1);
  cr_assert_eq(&next_of(port), &request);
}

// Ports close while requests for them are made and end.
EACH_ENGINE(ports_close_under_requests) {
  const int lasting = use(engine);
  const int file = new_file(16);
  std::atomic<bool> stop{false};
  std::atomic<int> target{port_create()};
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t)
    threads.emplace_back([&] {
      while (!stop) {
        const int port = target;
        Request request(file, port, kBlock);
        const int r = request.read();
        while (r == 0 && request.status() == EINPROGRESS) std::this_thread::yield();
        const bool expected =
            r == 0 ? request.cb.__return_value == kBlock : r == EBADF || r == EBADFD;
        if (!expected) ++wrong;
        port_event_t event;
        const struct timespec now = {0, 0};
        (void)port_get(port, &event, &now);
      }
    });
  for (int i = 0; i < 300; ++i) {
    const int next = port_create();
    const int old = target.exchange(next);
    cr_assert_eq(portc_private_closing(old), 0);
    close(old);
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
  cr_assert_eq(wrong, 0, "%d wrong", wrong.load());
  Request last(file, lasting, kBlock);
  cr_assert_eq(last.read(), 0);
  cr_assert_eq(&next_of(lasting), &last);
}
