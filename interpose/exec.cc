// SPDX-License-Identifier: MIT
//
// exec in all its spellings: libc's call each other under names that nobody can stand in front of.
#include <cerrno>
#include <cstdarg>
#include <cstddef>

#include "interpose/next.h"
#include "libportc/api/hooks.h"

namespace {

// Lives until the call fails; if it succeeds, nothing of this program does.
class Attempt {
 public:
  Attempt() : saved_(errno), made_(portc::have_ports() && portc_private_executing()) {
    errno = saved_;
  }
  ~Attempt() {
    if (!made_) return;
    const int error = errno;
    portc_private_not_executed();
    errno = error;
  }
  Attempt(const Attempt&) = delete;
  Attempt& operator=(const Attempt&) = delete;

 private:
  int saved_;
  bool made_;
};

size_t count_words(va_list list) {
  size_t count = 1;
  while (va_arg(list, const char*) != nullptr) ++count;
  return count;
}

// What follows the path, up to and with the null pointer.
void take_words(char** words, const char* first, va_list list) {
  words[0] = const_cast<char*>(first);
  for (size_t i = 0; words[i] != nullptr;) words[++i] = va_arg(list, char*);
}

}  // namespace

// The words of a call such as execl(path, first, ..., nullptr), as an array in its own frame.
#define PORTC_WORDS(words, first, list)                                                            \
  va_list list;                                                                                    \
  va_start(list, first);                                                                           \
  const size_t words##_count = count_words(list);                                                  \
  va_end(list);                                                                                    \
  char** const words = static_cast<char**>(__builtin_alloca((words##_count + 1) * sizeof(char*))); \
  va_start(list, first);                                                                           \
  take_words(words, first, list)

extern "C" {

PORTC_EXPORT int execve(const char* path, char* const* words, char* const* environment) noexcept {
  const Attempt attempt;
  return PORTC_NEXT(execve)(path, words, environment);
}

PORTC_EXPORT int execv(const char* path, char* const* words) noexcept {
  const Attempt attempt;
  return PORTC_NEXT(execv)(path, words);
}

PORTC_EXPORT int execvp(const char* file, char* const* words) noexcept {
  const Attempt attempt;
  return PORTC_NEXT(execvp)(file, words);
}

PORTC_EXPORT int execvpe(const char* file, char* const* words, char* const* environment) noexcept {
  const Attempt attempt;
  return PORTC_NEXT(execvpe)(file, words, environment);
}

PORTC_EXPORT int fexecve(int fd, char* const* words, char* const* environment) noexcept {
  const Attempt attempt;
  return PORTC_NEXT(fexecve)(fd, words, environment);
}

PORTC_EXPORT int execveat(int directory, const char* path, char* const* words,
                          char* const* environment, int flags) noexcept {
  const Attempt attempt;
  return PORTC_NEXT(execveat)(directory, path, words, environment, flags);
}

PORTC_EXPORT int execl(const char* path, const char* first, ...) noexcept {
  PORTC_WORDS(words, first, list);
  va_end(list);
  const Attempt attempt;
  return PORTC_NEXT(execv)(path, words);
}

PORTC_EXPORT int execlp(const char* file, const char* first, ...) noexcept {
  PORTC_WORDS(words, first, list);
  va_end(list);
  const Attempt attempt;
  return PORTC_NEXT(execvp)(file, words);
}

PORTC_EXPORT int execle(const char* path, const char* first, ...) noexcept {
  PORTC_WORDS(words, first, list);
  char* const* const environment = va_arg(list, char* const*);
  va_end(list);
  const Attempt attempt;
  return PORTC_NEXT(execve)(path, words, environment);
}

}  // extern "C"
