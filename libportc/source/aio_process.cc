// SPDX-License-Identifier: MIT
#include "libportc/source/aio_process.h"

#include <sys/stat.h>

#include <cstdlib>

#include "libportc/base/sys.h"
#include "libportc/core/registry.h"

namespace portc {
namespace {

// Taken before aio_lock and the registry's, by whoever makes the engine or gives it up.
constinit LeafLock make_lock;

constinit std::atomic<uint32_t> users{0};

constinit std::atomic<const AioEngine*> engine_in_use{nullptr};
constinit std::atomic<int> engine_fd{-1};
constinit std::atomic<int> kick_fd{-1};

bool same(const char* a, const char* b) {
  while (*a != '\0' && *a == *b) ++a, ++b;
  return *a == *b;
}

// Opens it, and hides its descriptor.
Result<const AioEngine*> make(const AioEngine& engine) {
  const Result<int> opened = engine.open();
  if (!opened) return Errno{opened.error()};
  const Result<int> hidden = private_hide(*opened);
  if (!hidden) {
    engine.close();
    return Errno{hidden.error()};
  }
  engine.moved(*hidden);
  engine_fd.store(*hidden, std::memory_order_relaxed);
  engine_in_use.store(&engine, std::memory_order_release);
  return &engine;
}

Result<const AioEngine*> choose() {
  const char* wish = secure_getenv("PORTC_AIO_ENGINE");
  for (const AioEngine* engine : {&kUringEngine, &kNativeEngine})
    if (wish != nullptr && same(wish, engine->name)) {
      const Result<const AioEngine*> made = make(*engine);
      const bool scarce = !made && (made.error() == EMFILE || made.error() == ENOMEM);
      return made || scarce ? made : Result<const AioEngine*>(Errno{ENOSYS});
    }
  const Result<const AioEngine*> made = make(kUringEngine);
  if (made || made.error() == EMFILE) return made;
  return make(kNativeEngine);
}

// The epoll sets know the descriptor by its number, too.
void move_in_sets(int from, int to) {
  each_port([from, to](Port& port) {
    PortGuard guard(port);
    if (!guard || port.own[static_cast<size_t>(Source::kAio)] == nullptr) return;
    (void)private_join(port, to, Source::kAio);
    private_part(port, from);
  });
}

}  // namespace

const AioEngine* aio_engine_known() { return engine_in_use.load(std::memory_order_acquire); }

Result<void> aio_use() {
  LeafGuard guard(make_lock);
  if (aio_engine_known() == nullptr) {
    const Result<void> table = aio_table_init();
    if (!table) return table;
    const Result<const AioEngine*> chosen = choose();
    if (!chosen) return Errno{chosen.error()};
  }
  users.fetch_add(1, std::memory_order_relaxed);
  return {};
}

void aio_pin() { users.fetch_add(1); }

void aio_unuse() { users.fetch_sub(1, std::memory_order_release); }

void aio_tidy() {
  const auto idle = [] {
    return portc_private_aio_flying.load() == 0 && users.load() == 0 &&
           aio_engine_known() != nullptr;
  };
  if (PORTC_LIKELY(!idle())) return;
  LeafGuard guard(make_lock);
  LeafGuard lock(aio_lock);
  if (!idle() || aio_anybody_asleep()) return;
  const AioEngine& engine = *aio_engine_known();
  engine_in_use.store(nullptr, std::memory_order_relaxed);
  engine.close();
  engine_fd.store(-1, std::memory_order_relaxed);
  private_close(kick_fd.exchange(-1, std::memory_order_relaxed));
}

int aio_descriptor() { return engine_fd.load(std::memory_order_relaxed); }

Result<int> aio_kick_descriptor() {
  const int known = kick_fd.load(std::memory_order_relaxed);
  if (known >= 0) return known;
  LeafGuard guard(make_lock);
  if (kick_fd.load(std::memory_order_relaxed) < 0) {
    const Result<int> made = sys::eventfd(0, O_CLOEXEC | O_NONBLOCK);
    if (!made) return made;
    const Result<int> hidden = private_hide(*made);
    if (!hidden) return hidden;
    kick_fd.store(*hidden, std::memory_order_relaxed);
  }
  return kick_fd.load(std::memory_order_relaxed);
}

void aio_process_forget() {
  make_lock.reset_child();
  users.store(0, std::memory_order_relaxed);
  if (const AioEngine* engine = aio_engine_known()) engine->forget();
  private_close(kick_fd.load(std::memory_order_relaxed));
  kick_fd.store(-1, std::memory_order_relaxed);
  engine_fd.store(-1, std::memory_order_relaxed);
  engine_in_use.store(nullptr, std::memory_order_relaxed);
}

bool aio_process_vacate(int fd) {
  const bool engines = engine_fd.load(std::memory_order_relaxed) == fd;
  if (fd < 0 || (!engines && kick_fd.load(std::memory_order_relaxed) != fd)) return false;
  const Result<int> place = private_move(fd);
  if (!place) return false;
  bool still = false;  // it may have been given up meanwhile, and closed
  {
    LeafGuard guard(aio_lock);
    std::atomic<int>& number = engines ? engine_fd : kick_fd;
    still = number.load(std::memory_order_relaxed) == fd;
    if (still) number.store(*place, std::memory_order_relaxed);
    if (still && engines) aio_engine_known()->moved(*place);
  }
  if (still && engines) move_in_sets(fd, *place);
  private_close(still ? fd : *place);
  return true;
}

// --- for the engines ---

void aio_identify(AioRecord& record) {
  struct stat st = {};
  if (sys::raw(SYS_fstat, record.fd, sys::arg(&st)) != 0) return;
  record.device = st.st_dev;
  record.inode = st.st_ino;
}

bool aio_same_file(const AioRecord& record) {
  struct stat st = {};
  return record.inode != 0 && sys::raw(SYS_fstat, record.fd, sys::arg(&st)) == 0 &&
         record.device == st.st_dev && record.inode == st.st_ino;
}

}  // namespace portc
