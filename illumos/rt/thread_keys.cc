// SPDX-License-Identifier: MIT
//
// Values of a thread's own. A key's number is never given out again, so a value of a deleted key
// cannot turn up under a new one.
//
// Source: pthread_key_create(3C), thr_keycreate(3C) of illumos.
#include <cstdlib>
#include <cstring>

#include "illumos/rt/errno.h"
#include "illumos/rt/lock.h"
#include "illumos/rt/threads.h"

namespace portc::illumos {
namespace {

constexpr abi::Key kMaxKeys = 16384;
constexpr abi::Key kNotYet = ~abi::Key{0};  // PTHREAD_ONCE_KEY_NP

using Destructor = void (*)(void*);

struct KeyEntry {
  std::atomic<bool> used;
  std::atomic<Destructor> destructor;
};

KeyEntry keys[kMaxKeys];
std::atomic<abi::Key> key_count{1};  // 0 is no key

// With the lock held.
int make_key(abi::Key* out, Destructor destructor) {
  const abi::Key key = key_count.load();
  if (key == kMaxKeys) return EAGAIN;
  keys[key].destructor.store(destructor);
  keys[key].used.store(true);
  key_count.store(key + 1);
  *out = key;
  return 0;
}

bool is_key(abi::Key key) { return key < key_count.load() && keys[key].used.load(); }

int set(abi::Key key, const void* value) {
  if (!is_key(key)) return EINVAL;
  Thread& thread = self();
  if (key >= thread.value_count) {
    if (value == nullptr) return 0;
    const uint32_t count = (key + 16) & ~uint32_t{15};
    auto* values = static_cast<void**>(realloc(thread.values, count * sizeof(void*)));
    if (values == nullptr) return ENOMEM;
    memset(values + thread.value_count, 0, (count - thread.value_count) * sizeof(void*));
    thread.values = values;
    thread.value_count = count;
  }
  thread.values[key] = const_cast<void*>(value);
  return 0;
}

void* get(abi::Key key) {
  const Thread& thread = self();
  return key < thread.value_count ? thread.values[key] : nullptr;
}

bool destroy_once(Thread& thread) {
  bool any = false;
  for (abi::Key key = 1; key < thread.value_count; ++key) {
    void* value = thread.values[key];
    const Destructor destructor = keys[key].destructor.load();
    if (value == nullptr || destructor == nullptr || !keys[key].used.load()) continue;
    thread.values[key] = nullptr;
    destructor(value);
    any = true;
  }
  return any;
}

int to_guest(int error) { return error == 0 ? 0 : errno_to_guest(error); }

}  // namespace

void destroy_values(Thread& thread) {
  constexpr int kRounds = 4;
  for (int i = 0; i < kRounds && destroy_once(thread); ++i) {
  }
  free(thread.values);
  thread.values = nullptr;
  thread.value_count = 0;
}

extern "C" {

int il_pthread_key_create(abi::Key* key, Destructor destructor) {
  const Locked locked(key_lock);
  return to_guest(make_key(key, destructor));
}

int il_pthread_key_create_once_np(abi::Key* key, Destructor destructor) {
  auto& place = *reinterpret_cast<std::atomic<abi::Key>*>(key);
  if (place.load(std::memory_order_acquire) != kNotYet) return 0;
  const Locked locked(key_lock);
  if (place.load() != kNotYet) return 0;
  abi::Key made = 0;
  const int error = make_key(&made, destructor);
  if (error == 0) place.store(made, std::memory_order_release);
  return to_guest(error);
}

int il_pthread_key_delete(abi::Key key) {
  const Locked locked(key_lock);
  if (!is_key(key)) return to_guest(EINVAL);
  keys[key].used.store(false);
  keys[key].destructor.store(nullptr);
  return 0;
}

int il_pthread_setspecific(abi::Key key, const void* value) { return to_guest(set(key, value)); }
void* il_pthread_getspecific(abi::Key key) { return get(key); }

int il_thr_getspecific(abi::Key key, void** value) {
  if (!is_key(key)) return to_guest(EINVAL);
  *value = get(key);
  return 0;
}

}  // extern "C"

}  // namespace portc::illumos
