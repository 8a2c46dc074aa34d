// SPDX-License-Identifier: MIT
//
// Source: pthread_cancel(3C), pthread_cleanup_push(3C) of illumos.
#include "illumos/rt/cancel.h"

#include "illumos/rt/errno.h"
#include "illumos/rt/signals.h"
#include "illumos/rt/threads.h"

namespace portc::illumos {
namespace {

bool is_due(const Thread& thread) {
  return thread.cancel_asked.load() && thread.cancel_state != abi::kCancelDisable && !thread.ending;
}

int exchange(int& place, int next, int allowed, int* before) {
  if (next != 0 && next != allowed) return errno_to_guest(EINVAL);
  if (before != nullptr) *before = place;
  place = next;
  return 0;
}

}  // namespace

thread_local bool in_cancel_point;
thread_local Word* changed_by_cancel;

void test_cancel() {
  const Thread& thread = self();
  if (__builtin_expect(!is_due(thread), 1)) return;
  in_cancel_point = false;
  exit_thread(abi::kCanceled);
}

void cancel_if_asked(const sigset_t& mask) {
  const Thread& thread = self();
  if (!is_due(thread)) return;
  if (changed_by_cancel != nullptr) changed_by_cancel->fetch_add(1);
  if (!in_cancel_point && thread.cancel_type != abi::kCancelAsynchronous) return;
  in_cancel_point = false;
  pthread_sigmask(SIG_SETMASK, &mask, nullptr);
  exit_thread(abi::kCanceled);
}

extern "C" {

int il_pthread_cancel(abi::ThreadId id) {
  Thread* thread = find_thread(id);
  if (thread == nullptr) return errno_to_guest(ESRCH);
  catch_nudges();
  thread->cancel_asked.store(true);
  if (thread == &self()) {
    if (thread->cancel_type == abi::kCancelAsynchronous) test_cancel();
    return 0;
  }
  const int error = signal_thread(*thread, kNudge);
  return error == 0 ? 0 : errno_to_guest(error);
}

int il_pthread_setcancelstate(int state, int* before) {
  Thread& thread = self();
  const int error = exchange(thread.cancel_state, state, abi::kCancelDisable, before);
  if (error == 0 && thread.cancel_type == abi::kCancelAsynchronous) test_cancel();
  return error;
}

int il_pthread_setcanceltype(int type, int* before) {
  const int error = exchange(self().cancel_type, type, abi::kCancelAsynchronous, before);
  if (error == 0 && type == abi::kCancelAsynchronous) test_cancel();
  return error;
}

void il_pthread_testcancel() { test_cancel(); }

void il___pthread_cleanup_push(void (*routine)(void*), void* argument, char* frame,
                               abi::Cleanup* place) {
  Thread& thread = self();
  *place = {thread.cleanups, routine, argument, frame};
  thread.cleanups = place;
}

void il___pthread_cleanup_pop(int execute, abi::Cleanup* place) {
  self().cleanups = place->next;
  if (execute != 0) place->routine(place->argument);
}

// What pthread_cleanup_push passes as the frame: nobody needs it.
char* il__getfp() { return static_cast<char*>(__builtin_frame_address(0)); }

}  // extern "C"

}  // namespace portc::illumos
