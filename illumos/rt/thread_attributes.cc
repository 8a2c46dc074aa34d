// SPDX-License-Identifier: MIT
//
// pthread_attr_t is a pointer to what libc allocates.
// Source: pthread_attr_init(3C) and its kind; illumos lib/libc/port/threads/pthr_attr.c.
#include <sched.h>

#include <cstdlib>
#include <cstring>

#include "illumos/rt/errno.h"
#include "illumos/rt/threads.h"

namespace portc::illumos {

namespace {

struct Attributes {
  void* stack = nullptr;
  size_t stack_size = 0;
  size_t guard = 4096;
  int detach = 0;
  int daemon = 0;
  int scope = 0;
  int policy = SCHED_OTHER;
  int priority = 0;
  int inherit = 0;
  char name[kMaxName] = {};
};

struct Place {
  Attributes* attributes;
};

constexpr size_t kMinStack = 8 << 10;

int invalid() { return errno_to_guest(EINVAL); }

Attributes* of(const Place* place) { return place != nullptr ? place->attributes : nullptr; }

template <typename T>
int put(const Place* place, T Attributes::*member, T value, bool allowed) {
  Attributes* attributes = of(place);
  if (attributes == nullptr || !allowed) return invalid();
  attributes->*member = value;
  return 0;
}

template <typename T>
int get(const Place* place, T Attributes::*member, T* out) {
  const Attributes* attributes = of(place);
  if (attributes == nullptr || out == nullptr) return invalid();
  *out = attributes->*member;
  return 0;
}

}  // namespace

extern "C" {

int il_pthread_attr_init(Place* place) {
  auto* made = static_cast<Attributes*>(malloc(sizeof(Attributes)));
  if (made == nullptr) return errno_to_guest(ENOMEM);
  *made = Attributes{};
  place->attributes = made;
  return 0;
}

int il_pthread_attr_destroy(Place* place) {
  if (of(place) == nullptr) return invalid();
  free(place->attributes);
  place->attributes = nullptr;
  return 0;
}

int il_pthread_attr_setstacksize(Place* place, size_t size) {
  return put(place, &Attributes::stack_size, size, size >= kMinStack);
}
int il_pthread_attr_getstacksize(const Place* place, size_t* size) {
  return get(place, &Attributes::stack_size, size);
}
int il_pthread_attr_setstackaddr(Place* place, void* stack) {
  return put(place, &Attributes::stack, stack, true);
}
int il_pthread_attr_getstackaddr(const Place* place, void** stack) {
  return get(place, &Attributes::stack, stack);
}
int il_pthread_attr_setstack(Place* place, void* stack, size_t size) {
  if (size < kMinStack) return invalid();
  const int error = put(place, &Attributes::stack, stack, true);
  return error != 0 ? error : put(place, &Attributes::stack_size, size, true);
}
int il_pthread_attr_getstack(const Place* place, void** stack, size_t* size) {
  const int error = get(place, &Attributes::stack, stack);
  return error != 0 ? error : get(place, &Attributes::stack_size, size);
}
int il_pthread_attr_setguardsize(Place* place, size_t size) {
  return put(place, &Attributes::guard, size, true);
}
int il_pthread_attr_getguardsize(const Place* place, size_t* size) {
  return get(place, &Attributes::guard, size);
}
int il_pthread_attr_setdetachstate(Place* place, int state) {
  return put(place, &Attributes::detach, state, state == 0 || state == abi::kThrDetached);
}
int il_pthread_attr_getdetachstate(const Place* place, int* state) {
  return get(place, &Attributes::detach, state);
}
int il_pthread_attr_setdaemonstate_np(Place* place, int state) {
  return put(place, &Attributes::daemon, state, state == 0 || state == abi::kThrDaemon);
}
int il_pthread_attr_getdaemonstate_np(const Place* place, int* state) {
  return get(place, &Attributes::daemon, state);
}
int il_pthread_attr_setscope(Place* place, int scope) {
  return put(place, &Attributes::scope, scope, scope == 0 || scope == abi::kScopeSystem);
}
int il_pthread_attr_getscope(const Place* place, int* scope) {
  return get(place, &Attributes::scope, scope);
}
int il_pthread_attr_setinheritsched(Place* place, int inherit) {
  return put(place, &Attributes::inherit, inherit, inherit == 0 || inherit == abi::kInheritSched);
}
int il_pthread_attr_getinheritsched(const Place* place, int* inherit) {
  return get(place, &Attributes::inherit, inherit);
}
int il_pthread_attr_setschedpolicy(Place* place, int policy) {
  return put(place, &Attributes::policy, policy,
             policy == SCHED_OTHER || policy == SCHED_FIFO || policy == SCHED_RR);
}
int il_pthread_attr_getschedpolicy(const Place* place, int* policy) {
  return get(place, &Attributes::policy, policy);
}
int il_pthread_attr_setschedparam(Place* place, const abi::SchedParam* param) {
  return put(place, &Attributes::priority, static_cast<int>(param->priority), true);
}
int il_pthread_attr_getschedparam(const Place* place, abi::SchedParam* param) {
  const Attributes* attributes = of(place);
  if (attributes == nullptr || param == nullptr) return invalid();
  param->priority = attributes->priority;
  return 0;
}

int il_pthread_attr_setname_np(Place* place, const char* name) {
  Attributes* attributes = of(place);
  if (attributes == nullptr) return invalid();
  if (name != nullptr && strlen(name) >= kMaxName) return errno_to_guest(ERANGE);
  strcpy(attributes->name, name != nullptr ? name : "");
  return 0;
}
int il_pthread_attr_getname_np(const Place* place, char* name, size_t size) {
  const Attributes* attributes = of(place);
  if (attributes == nullptr) return invalid();
  if (size <= strlen(attributes->name)) return errno_to_guest(ERANGE);
  strcpy(name, attributes->name);
  return 0;
}

// What a running thread has.
int il_pthread_attr_get_np(abi::ThreadId id, Place* place) {
  Attributes* attributes = of(place);
  const Thread* thread = find_thread(id);
  if (attributes == nullptr) return invalid();
  if (thread == nullptr ||
      !stack_of(*thread, attributes->stack, attributes->stack_size, &attributes->guard))
    return errno_to_guest(ESRCH);
  attributes->detach = (thread->state.load() & kDetached) != 0 ? abi::kThrDetached : 0;
  attributes->policy = thread->policy;
  attributes->priority = thread->priority;
  return 0;
}

int il_pthread_create(abi::ThreadId* id, const Place* place, void* (*function)(void*),
                      void* argument) {
  const Attributes usual;
  const Attributes* attributes = place != nullptr ? place->attributes : &usual;
  if (attributes == nullptr) return invalid();
  ThreadOptions options;
  options.stack = attributes->stack;
  options.stack_size = attributes->stack_size;
  options.guard = attributes->guard;
  options.detached = attributes->detach != 0;
  options.daemon = attributes->daemon != 0;
  options.policy = attributes->policy;
  options.priority = attributes->priority;
  options.name = attributes->name;
  const int error = create_thread(options, function, argument, id);
  return error == 0 ? 0 : errno_to_guest(error);
}

}  // extern "C"

}  // namespace portc::illumos
