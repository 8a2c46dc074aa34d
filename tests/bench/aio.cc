// SPDX-License-Identifier: MIT
//
// B15: asynchronous reads that need not wait, against reads. B16: reads from the disk, many at
// once, against io_uring as one would use it behind an interface that takes one request a call.
//
// The kernel may do part of the work elsewhere, so the rows that wait for the disk are measured
// by the wall clock, and B15 by both.
#include <aio.h>
#include <fcntl.h>
#include <liburing.h>
#include <port.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/bench.h"
#include "tests/bench/scratch.h"
#include "tests/bench/sets.h"

namespace portc::bench {
namespace {

constexpr size_t kBlock = 4096;
constexpr size_t kCachedSize = 8 << 20;
constexpr size_t kDiskSize = 64 << 20;
constexpr int kDepth = 32;
constexpr timespec kPatience{5, 0};  // a source that is not there must not hang the row

// Offsets that look random and are the same in every run.
class Offsets {
 public:
  explicit Offsets(size_t size) : blocks_(size / kBlock) {}
  off_t next() {
    state_ = state_ * 6364136223846793005ull + 1442695040888963407ull;
    return static_cast<off_t>((state_ >> 33) % blocks_ * kBlock);
  }

 private:
  size_t blocks_;
  unsigned long long state_ = 1;
};

// Memory for kDepth blocks, aligned for O_DIRECT.
class Blocks {
 public:
  Blocks() : memory_(static_cast<char*>(aligned_alloc(kBlock, kBlock * kDepth))) {
    must(memory_ != nullptr, "aligned_alloc");
    memset(memory_, 0, kBlock * kDepth);
  }
  Blocks(const Blocks&) = delete;
  Blocks& operator=(const Blocks&) = delete;
  ~Blocks() { free(memory_); }
  char* at(int i) const { return memory_ + kBlock * static_cast<size_t>(i); }

 private:
  char* memory_;
};

// A file, and the two ways to read from it.
class ReadPair : public Pair {
 public:
  ReadPair(size_t size, int flags)
      : file_(scratch_file(size, flags)), subject_offsets_(size), reference_offsets_(size) {}

 protected:
  sigevent to_port() {
    sigevent event{};
    event.sigev_notify = SIGEV_PORT;
    event.sigev_value.sival_ptr = &target_;
    return event;
  }
  void prepare(aiocb& request, int i) {
    request = aiocb{};
    request.aio_fildes = file_.get();
    request.aio_buf = blocks_.at(i);
    request.aio_nbytes = kBlock;
    request.aio_offset = subject_offsets_.next();
  }
  void start(aiocb& request, int i) {
    prepare(request, i);
    request.aio_sigevent = to_port();
    must(aio_read(&request) == 0, "aio_read");
  }
  // At least one, at most `max`; their results are right.
  int finish(port_event_t* list, int max) {
    uint_t n = 1;
    must(port_getn(port_.fd(), list, static_cast<uint_t>(max), &n, &kPatience) == 0,
         "completion of an aio_read with SIGEV_PORT");
    for (uint_t i = 0; i < n; i++) {
      must(list[i].portev_source == PORT_SOURCE_AIO, "an event of asynchronous I/O");
    }
    return static_cast<int>(n);
  }
  static void check(aiocb& request) {
    must(aio_error(&request) == 0 && aio_return(&request) == static_cast<ssize_t>(kBlock),
         "aio_return");
  }

  Fd file_;
  Offsets subject_offsets_, reference_offsets_;
  Blocks blocks_, reference_blocks_;
  PortSet port_;
  port_notify_t target_{port_.fd(), nullptr};
};

class CachedPair : public ReadPair {
 public:
  explicit CachedPair(bool by_wall) : ReadPair(kCachedSize, 0), by_wall_(by_wall) {
    std::vector<char> all(kCachedSize);
    must(::pread(file_.get(), all.data(), all.size(), 0) == static_cast<ssize_t>(all.size()),
         "pread");
  }
  double subject(long ops) override {
    return timed([&] {
      port_event_t event;
      aiocb request;
      for (long i = 0; i < ops; i++) {
        start(request, 0);
        must(finish(&event, 1) == 1, "one event");
        check(request);
      }
    });
  }
  double reference(long ops) override {
    return timed([&] {
      for (long i = 0; i < ops; i++) {
        const ssize_t n = ::pread(file_.get(), blocks_.at(0), kBlock, reference_offsets_.next());
        must(n == static_cast<ssize_t>(kBlock), "pread");
      }
    });
  }

 private:
  template <typename F>
  double timed(F&& work) {
    return by_wall_ ? on_wall(work) : on_thread_cpu(work);
  }
  bool by_wall_;
};

// io_uring, entered once for each request.
class Ring {
 public:
  Ring() {
    const int error = io_uring_queue_init(kDepth, &ring_, 0);
    if (error < 0) {
      fail("io_uring_queue_init, for the reference", -error);
    }
  }
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;
  ~Ring() { io_uring_queue_exit(&ring_); }

  void read(int fd, char* to, off_t offset, int index) {
    io_uring_sqe* entry = io_uring_get_sqe(&ring_);
    must(entry != nullptr, "io_uring_get_sqe");
    io_uring_prep_read(entry, fd, to, kBlock, static_cast<unsigned long long>(offset));
    entry->user_data = static_cast<unsigned>(index);
    must(io_uring_submit(&ring_) == 1, "io_uring_submit");
  }
  // Waits for one, and takes what else has come.
  int finish(int* indexes, int max) {
    io_uring_cqe* first;
    must(io_uring_wait_cqe(&ring_, &first) == 0, "io_uring_wait_cqe");
    io_uring_cqe* list[kDepth];
    const unsigned n = io_uring_peek_batch_cqe(&ring_, list, static_cast<unsigned>(max));
    for (unsigned i = 0; i < n; i++) {
      must(list[i]->res == static_cast<int>(kBlock), "read of a block");
      indexes[i] = static_cast<int>(list[i]->user_data);
    }
    io_uring_cq_advance(&ring_, n);
    return static_cast<int>(n);
  }

 private:
  io_uring ring_{};
};

class DiskPair : public ReadPair {
 public:
  DiskPair() : ReadPair(kDiskSize, O_DIRECT) {}

 protected:
  void read_by_hand(int i) {
    ring_.read(file_.get(), reference_blocks_.at(i), reference_offsets_.next(), i);
  }

  Ring ring_;
};

// kDepth requests are in flight all the time: who has ended is started again.
class DeepPair : public DiskPair {
 public:
  double subject(long ops) override {
    return on_wall([&] {
      port_event_t list[kDepth];
      for (long started = 0, ended = 0; ended < ops;) {
        for (; started < ops && started < kDepth; started++) {
          start(requests_[started], static_cast<int>(started));
        }
        const int n = finish(list, kDepth);
        for (int i = 0; i < n; i++, ended++) {
          auto* request = reinterpret_cast<aiocb*>(list[i].portev_object);
          check(*request);
          if (started < ops) {
            start(*request, static_cast<int>(request - requests_));
            started++;
          }
        }
      }
    });
  }
  double reference(long ops) override {
    return on_wall([&] {
      int list[kDepth];
      for (long started = 0, ended = 0; ended < ops;) {
        for (; started < ops && started < kDepth; started++) {
          read_by_hand(static_cast<int>(started));
        }
        const int n = ring_.finish(list, kDepth);
        for (int i = 0; i < n; i++, ended++) {
          if (started < ops) {
            read_by_hand(list[i]);
            started++;
          }
        }
      }
    });
  }

 private:
  aiocb requests_[kDepth];
};

// kDepth requests in a list, and one event for all.
class ListPair : public DiskPair {
 public:
  ListPair() {
    for (int i = 0; i < kDepth; i++) {
      list_[i] = &requests_[i];
    }
  }
  double subject(long ops) override {
    return on_wall([&] {
      port_event_t event;
      sigevent sig = to_port();
      for (long i = 0; i < ops; i++) {
        for (int j = 0; j < kDepth; j++) {
          prepare(requests_[j], j);
          requests_[j].aio_lio_opcode = LIO_READ;
          requests_[j].aio_sigevent.sigev_notify = SIGEV_NONE;
        }
        must(lio_listio(LIO_NOWAIT, list_, kDepth, &sig) == 0, "lio_listio");
        must(finish(&event, 1) == 1, "one event");
        for (aiocb& request : requests_) {
          check(request);
        }
      }
    });
  }
  double reference(long ops) override {
    return on_wall([&] {
      int indexes[kDepth];
      for (long i = 0; i < ops; i++) {
        for (int j = 0; j < kDepth; j++) {
          read_by_hand(j);
        }
        for (int ended = 0; ended < kDepth;) {
          ended += ring_.finish(indexes, kDepth - ended);
        }
      }
    });
  }

 private:
  aiocb requests_[kDepth];
  aiocb* list_[kDepth];
};

void add_cached(Scenarios& all) {
  Scenario s;
  s.id = "B15.cpu";
  s.name = "aio_read of 4 KiB, cached, to port_get";
  s.reference = "pread";
  s.target = 1.6;
  s.bar = 2.5;
  s.make = [] { return std::make_unique<CachedPair>(false); };
  all.push_back(s);
  // The same by the other clock: what a thread behind the scenes does would show here.
  s.id = "B15.wall";
  s.name += ", wall";
  s.make = [] { return std::make_unique<CachedPair>(true); };
  all.push_back(s);
}

template <typename Made>
Scenario disk_row(const char* id, const char* name) {
  Scenario s;
  s.id = id;
  s.name = name;
  s.reference = "io_uring, one submit for each";
  s.target = 1.15;
  s.bar = 1.4;
  s.make = [] { return std::make_unique<Made>(); };
  return s;
}

}  // namespace

void add_aio(Scenarios& all) {
  add_cached(all);
  Scenario s = disk_row<DeepPair>("B16.depth32", "aio_read of 4 KiB, O_DIRECT, 32 in flight");
  s.min_ops = 8 * kDepth;
  s.max_ops = 64 * kDepth;
  s.batch_ns = 10e6;
  all.push_back(s);
  s = disk_row<ListPair>("B16.list32", "lio_listio of 32, O_DIRECT, per request");
  s.events = kDepth;
  s.min_ops = 4;
  s.max_ops = 64;
  s.batch_ns = 10e6;
  all.push_back(s);
}

}  // namespace portc::bench
