// SPDX-License-Identifier: MIT
//
// C11's threads, as illumos has them: its own with other results.
// Source: illumos <threads.h>, thrd_create(3C), mtx_init(3C), cnd_init(3C).
#include "illumos/abi/threads.h"
#include "illumos/rt/errno.h"
#include "illumos/rt/threads.h"

extern "C" {
int il_pthread_join(uint32_t id, void** result);
int il_pthread_detach(uint32_t id);
int il_pthread_key_create(uint32_t* key, void (*destructor)(void*));
int il_pthread_key_delete(uint32_t key);
int il_pthread_setspecific(uint32_t key, const void* value);
int il_pthread_once(portc::illumos::abi::Once* once, void (*function)());
int il_mutex_init(portc::illumos::abi::Mutex* mutex, int type, void* ceiling);
int il_mutex_destroy(portc::illumos::abi::Mutex* mutex);
int il_mutex_lock(portc::illumos::abi::Mutex* mutex);
int il_mutex_trylock(portc::illumos::abi::Mutex* mutex);
int il_mutex_unlock(portc::illumos::abi::Mutex* mutex);
int il_pthread_mutex_timedlock(portc::illumos::abi::Mutex* mutex, const timespec* time);
int il_cond_init(portc::illumos::abi::Cond* cond, int type, void* unused);
int il_cond_destroy(portc::illumos::abi::Cond* cond);
int il_cond_signal(portc::illumos::abi::Cond* cond);
int il_cond_broadcast(portc::illumos::abi::Cond* cond);
int il_pthread_cond_wait(portc::illumos::abi::Cond* cond, portc::illumos::abi::Mutex* mutex);
int il_pthread_cond_timedwait(portc::illumos::abi::Cond* cond, portc::illumos::abi::Mutex* mutex,
                              const timespec* time);
}

namespace portc::illumos {
namespace {

enum Result : int { kSuccess, kError, kNoMemory, kTimedOut, kBusy };
constexpr int kMtxRecursive = 4;  // and mtx_plain 1, mtx_timed 2

int result(int guest_error) {
  if (guest_error == 0) return kSuccess;
  if (guest_error == errno_to_guest(ETIMEDOUT)) return kTimedOut;
  if (guest_error == errno_to_guest(EBUSY)) return kBusy;
  return guest_error == errno_to_guest(ENOMEM) ? kNoMemory : kError;
}

}  // namespace

extern "C" {

int il_thrd_create(abi::ThreadId* id, int (*function)(void*), void* argument) {
  // The result comes back in the same register, and is cut down by whoever joins.
  const int error = create_thread(
      {}, reinterpret_cast<void* (*)(void*)>(reinterpret_cast<uintptr_t>(function)), argument, id);
  return error == 0 ? kSuccess : error == EAGAIN ? kNoMemory : kError;
}
void il_thrd_exit(int value) { exit_thread(reinterpret_cast<void*>(static_cast<intptr_t>(value))); }
int il_thrd_join(abi::ThreadId id, int* value) {
  void* got = nullptr;
  const int r = result(il_pthread_join(id, &got));
  if (r == kSuccess && value != nullptr) *value = static_cast<int>(reinterpret_cast<intptr_t>(got));
  return r;
}
int il_thrd_detach(abi::ThreadId id) { return result(il_pthread_detach(id)); }
int il_thrd_sleep(const timespec* left, timespec* remaining) {
  const int kept = errno;
  const int r = nanosleep(left, remaining);
  const int error = errno;
  errno = kept;
  return r == 0 ? 0 : error == EINTR ? -1 : -2;
}

int il_tss_create(abi::Key* key, void (*destructor)(void*)) {
  return result(il_pthread_key_create(key, destructor));
}
void il_tss_delete(abi::Key key) { (void)il_pthread_key_delete(key); }
int il_tss_set(abi::Key key, void* value) { return result(il_pthread_setspecific(key, value)); }

void il_call_once(abi::Once* once, void (*function)()) { (void)il_pthread_once(once, function); }

int il_mtx_init(abi::Mutex* mutex, int type) {
  return result(il_mutex_init(mutex, (type & kMtxRecursive) != 0 ? abi::kRecursive : 0, nullptr));
}
void il_mtx_destroy(abi::Mutex* mutex) { (void)il_mutex_destroy(mutex); }
int il_mtx_lock(abi::Mutex* mutex) { return result(il_mutex_lock(mutex)); }
int il_mtx_trylock(abi::Mutex* mutex) { return result(il_mutex_trylock(mutex)); }
int il_mtx_unlock(abi::Mutex* mutex) { return result(il_mutex_unlock(mutex)); }
int il_mtx_timedlock(abi::Mutex* mutex, const timespec* time) {
  return result(il_pthread_mutex_timedlock(mutex, time));
}

int il_cnd_init(abi::Cond* cond) { return result(il_cond_init(cond, 0, nullptr)); }
void il_cnd_destroy(abi::Cond* cond) { (void)il_cond_destroy(cond); }
int il_cnd_signal(abi::Cond* cond) { return result(il_cond_signal(cond)); }
int il_cnd_broadcast(abi::Cond* cond) { return result(il_cond_broadcast(cond)); }
int il_cnd_wait(abi::Cond* cond, abi::Mutex* mutex) {
  return result(il_pthread_cond_wait(cond, mutex));
}
int il_cnd_timedwait(abi::Cond* cond, abi::Mutex* mutex, const timespec* time) {
  return result(il_pthread_cond_timedwait(cond, mutex, time));
}

}  // extern "C"

}  // namespace portc::illumos
