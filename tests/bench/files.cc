// SPDX-License-Identifier: MIT
//
// B17: watching files. The reference is inotify as one would use it for the same promises: a
// watch that fires once, and a look at the file, so that no change slips in between.
#include <fcntl.h>
#include <port.h>
#include <sys/inotify.h>
#include <sys/stat.h>

#include <algorithm>

#include "tests/bench/bench.h"
#include "tests/bench/scratch.h"
#include "tests/bench/sets.h"

namespace portc::bench {
namespace {

constexpr int kMany = 10000;
constexpr int kSome = 1000;

struct stat look(const std::string& path) {
  struct stat status;
  must(::stat(path.c_str(), &status) == 0, "stat");
  return status;
}

// Files, and the objects that stand for them in associations.
class WatchedFiles {
 public:
  explicit WatchedFiles(int count) : folder_(count), objects_(static_cast<size_t>(count)) {
    for (int i = 0; i < count; i++) {
      paths_.push_back(folder_.path(i));
    }
    for (int i = 0; i < count; i++) {
      object(i).fo_name = paths_[static_cast<size_t>(i)].data();
      refresh(i);
    }
  }
  int count() const { return folder_.files(); }
  file_obj_t& object(int i) { return objects_[static_cast<size_t>(i)]; }
  const std::string& path(int i) const { return paths_[static_cast<size_t>(i)]; }
  // What a program does before it associates: changes from now on are to be reported.
  void refresh(int i) {
    const struct stat status = look(path(i));
    object(i).fo_atime = status.st_atim;
    object(i).fo_mtime = status.st_mtim;
    object(i).fo_ctime = status.st_ctim;
  }
  void forget_stamps() {
    for (file_obj_t& each : objects_) {
      each.fo_atime = each.fo_mtime = each.fo_ctime = timespec{0, 0};
    }
  }
  void associate(int port, int i) {
    must(port_associate(port, PORT_SOURCE_FILE, reinterpret_cast<uintptr_t>(&object(i)),
                        FILE_MODIFIED, nullptr) == 0,
         "port_associate with PORT_SOURCE_FILE");
  }

 private:
  ScratchFolder folder_;
  std::vector<std::string> paths_;
  std::vector<file_obj_t> objects_;
};

class Inotify {
 public:
  Inotify() : fd_(inotify_init1(IN_CLOEXEC), "inotify_init1") {}
  void watch(const std::string& path) {
    need(inotify_add_watch(fd_.get(), path.c_str(), IN_MODIFY | IN_ONESHOT), "inotify_add_watch");
  }
  // Of one file that changed: the change, and that its watch is over.
  void take_one() {
    bool changed = false, over = false;
    while (!changed || !over) {
      alignas(inotify_event) char records[512];
      const ssize_t size = ::read(fd_.get(), records, sizeof records);
      must(size > 0, "read of inotify");
      for (ssize_t at = 0; at < size;) {
        const auto* record = reinterpret_cast<const inotify_event*>(records + at);
        changed |= (record->mask & IN_MODIFY) != 0;
        over |= (record->mask & IN_IGNORED) != 0;
        at += static_cast<ssize_t>(sizeof *record + record->len);
      }
    }
  }

 private:
  Fd fd_;
};

// Each batch starts with a port, and an inotify instance, that watch nothing.
class AssociatePair : public Pair {
 public:
  double subject(long ops) override {
    PortSet port;
    return on_thread_cpu([&] {
      for (int i = 0; i < static_cast<int>(ops); i++) {
        files_.associate(port.fd(), i);
      }
    });
  }
  double reference(long ops) override {
    Inotify inotify;
    return on_thread_cpu([&] {
      for (int i = 0; i < static_cast<int>(ops); i++) {
        inotify.watch(files_.path(i));
        look(files_.path(i));
      }
    });
  }

 private:
  WatchedFiles files_{kMany};
};

// Change a file, hear of it, watch it again; the files take turns. Each side has its own.
class CyclePair : public Pair {
 public:
  explicit CyclePair(bool with_stamps)
      : limit_(raise_descriptor_limit()), with_stamps_(with_stamps) {
    if (!with_stamps) {
      files_.forget_stamps();
    }
    for (int i = 0; i < kSome; i++) {
      writers_.emplace_back(::open(files_.path(i).c_str(), O_WRONLY | O_CLOEXEC), "open");
      others_.emplace_back(::open(other_files_.path(i).c_str(), O_WRONLY | O_CLOEXEC), "open");
      files_.associate(port_.fd(), i);
      inotify_.watch(other_files_.path(i));
    }
  }
  double subject(long ops) override {
    return on_thread_cpu([&] {
      for (long n = 0; n < ops; n++, turn_ = (turn_ + 1) % kSome) {
        change(writers_[static_cast<size_t>(turn_)]);
        port_event_t event;
        must(port_.wait(&event, 1) == 1 && event.portev_source == PORT_SOURCE_FILE &&
                 event.portev_object == reinterpret_cast<uintptr_t>(&files_.object(turn_)),
             "the event of the file that changed");
        if (with_stamps_) {
          files_.refresh(turn_);
        }
        files_.associate(port_.fd(), turn_);
      }
    });
  }
  double reference(long ops) override {
    return on_thread_cpu([&] {
      for (long n = 0; n < ops; n++, other_turn_ = (other_turn_ + 1) % kSome) {
        change(others_[static_cast<size_t>(other_turn_)]);
        inotify_.take_one();
        inotify_.watch(other_files_.path(other_turn_));
        look(other_files_.path(other_turn_));
      }
    });
  }

 private:
  static void change(const Fd& fd) { must(::pwrite(fd.get(), "x", 1, 0) == 1, "pwrite"); }

  int limit_;
  bool with_stamps_;
  WatchedFiles files_{kSome}, other_files_{kSome};
  std::vector<Fd> writers_, others_;
  PortSet port_;
  Inotify inotify_;
  int turn_ = 0, other_turn_ = 0;
};

// Associating again what has not changed.
class UnchangedPair : public Pair {
 public:
  UnchangedPair() {
    for (int i = 0; i < files_.count(); i++) {
      files_.associate(port_.fd(), i);
    }
  }
  double subject(long ops) override {
    return on_thread_cpu([&] {
      for (long n = 0; n < ops; n++) {
        files_.associate(port_.fd(), static_cast<int>(n % kSome));
      }
    });
  }
  double reference(long ops) override {
    return on_thread_cpu([&] {
      for (long n = 0; n < ops; n++) {
        look(files_.path(static_cast<int>(n % kSome)));
      }
    });
  }
  std::string fault() override {
    port_event_t event;
    return port_.peek(&event, 1) == 0 ? "" : "an unchanged file was reported";
  }

 private:
  WatchedFiles files_{kSome};
  PortSet port_;
};

void add_cycle(Scenarios& all, const char* id, bool with_stamps) {
  Scenario s;
  s.id = id;
  s.name = with_stamps ? "write, port_getn, stat, port_associate a file"
                       : "the same without stat and stamps";
  s.reference = "write, read, inotify_add_watch, stat";
  s.target = .60;
  s.bar = .75;
  s.batch_ns = 2e6;
  s.make = [with_stamps] { return std::make_unique<CyclePair>(with_stamps); };
  all.push_back(s);
}

}  // namespace

void add_files(Scenarios& all) {
  Scenario s;
  s.id = "B17.first";
  s.name = "first port_associate of " + std::to_string(kMany) + " files";
  s.reference = "inotify_add_watch, stat";
  s.target = 1.3;
  s.bar = 1.6;
  s.min_ops = s.max_ops = kMany;
  s.make = [] { return std::make_unique<AssociatePair>(); };
  all.push_back(s);
  add_cycle(all, "B17.cycle", true);
  add_cycle(all, "B17.nostamp", false);
  s = Scenario();
  s.id = "B17.same";
  s.name = "port_associate of an unchanged file again";
  s.reference = "stat";
  s.target = 1.25;
  s.bar = 1.6;
  s.make = [] { return std::make_unique<UnchangedPair>(); };
  all.push_back(s);
}

}  // namespace portc::bench
