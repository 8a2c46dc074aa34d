// SPDX-License-Identifier: MIT
//
// exec. Where our loader is installed as illumos's, the kernel starts such programs by itself;
// elsewhere it would say that their interpreter does not exist. So they are looked at first, and
// started through the loader. Everything here may run in the child of a fork of a program with
// threads: no malloc.
//
// Sources: illumos exec(2), <unistd.h>.
#include "illumos/rt/exec.h"

#include <fcntl.h>
#include <paths.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <climits>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstring>

#include "illumos/elf/image.h"
#include "illumos/rt/environment.h"
#include "illumos/rt/errno.h"
#include "illumos/rt/start.h"

namespace portc::illumos {
namespace {

constexpr char kInterpreter[] = "/lib/amd64/ld.so.1";
constexpr size_t kHead = 64 + 56 * kMaxSegments;
constexpr size_t kLine = 256;  // of a script, as the kernel reads it

// An argument vector of a few words more. Freed when exec failed.
class Arguments {
 public:
  explicit Arguments(char* const* rest) : rest_(rest) {
    size_t count = 0;
    while (rest != nullptr && rest[count] != nullptr) ++count;
    size_ = (count + kMore) * sizeof(char*);
    void* memory = mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory != MAP_FAILED) words_ = static_cast<const char**>(memory);
  }
  ~Arguments() {
    if (words_ != nullptr) munmap(words_, size_);
  }

  bool ok() const { return words_ != nullptr; }
  void add(const char* word) { words_[used_++] = word; }
  // From the given ones, those after the first.
  void add_rest() {
    if (rest_ == nullptr || rest_[0] == nullptr) return;
    for (char* const* word = rest_ + 1; *word != nullptr; ++word) add(*word);
  }
  const char* first() const { return rest_ != nullptr && rest_[0] != nullptr ? rest_[0] : nullptr; }
  char* const* vector() const { return const_cast<char* const*>(words_); }

 private:
  static constexpr size_t kMore = 8;
  char* const* rest_;
  const char** words_ = nullptr;
  size_t size_ = 0;
  size_t used_ = 0;
};

class File {
 public:
  explicit File(const char* path)
      : file_(open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)) {}
  ~File() {
    if (file_ >= 0) close(file_);
  }
  size_t read_at(void* buffer, size_t size, uint64_t at) const {
    const ssize_t n = file_ < 0 ? -1 : pread(file_, buffer, size, static_cast<off_t>(at));
    return n < 0 ? 0 : static_cast<size_t>(n);
  }
  uint64_t size() const {
    struct stat info;
    return file_ >= 0 && fstat(file_, &info) == 0 ? static_cast<uint64_t>(info.st_size) : 0;
  }

 private:
  int file_;
};

bool is_illumos_program(const File& file, const void* head, size_t length) {
  Image image;
  if (check_header(head, length) != Problem::kNone) return false;
  if (check_segments(head, length, file.size(), image) != Problem::kNone) return false;
  char name[kMaxInterpreter];
  if (image.interpreter == nullptr || image.interpreter->p_filesz > sizeof name) return false;
  const size_t size = image.interpreter->p_filesz;
  return file.read_at(name, size, image.interpreter->p_offset) == size &&
         is_illumos_interpreter(name, size);
}

bool is_illumos_program(const char* path) {
  alignas(16) char head[kHead];
  const File file(path);
  return is_illumos_program(file, head, file.read_at(head, sizeof head, 0));
}

bool loader_is_installed() {
  if (handover().from_kernel) return true;
  struct stat installed, ours;
  return stat(kInterpreter, &installed) == 0 && stat(handover().loader, &ours) == 0 &&
         installed.st_dev == ours.st_dev && installed.st_ino == ours.st_ino;
}

// "#! interpreter [argument]": cut into its words in place. False if it is none.
bool parse_script(char (&line)[kLine], size_t length, const char*& interpreter,
                  const char*& argument) {
  if (length < 2 || line[0] != '#' || line[1] != '!') return false;
  line[length < kLine ? length : kLine - 1] = '\0';
  line[strcspn(line, "\n")] = '\0';
  char* at = line + 2 + strspn(line + 2, " \t");
  if (*at == '\0') return false;
  interpreter = at;
  at += strcspn(at, " \t");
  argument = nullptr;
  if (*at == '\0') return true;
  *at++ = '\0';
  at += strspn(at, " \t");
  for (char* end = at + strlen(at); end > at && (end[-1] == ' ' || end[-1] == '\t');) *--end = '\0';
  if (*at != '\0') argument = at;
  return true;
}

void run(const Arguments& arguments, char* const* environment) {
  execve(handover().loader, arguments.vector(), environment);
}

// The loader's command line up to the program.
void begin(Arguments& words, const char* name, const char* program) {
  words.add(handover().loader);
  words.add("--argv0");
  words.add(name);
  words.add(program);
}

// Returns if it is not for the loader.
void run_by_loader(const char* path, char* const* arguments, char* const* environment) {
  alignas(16) char head[kHead];
  const File file(path);
  const size_t length = file.read_at(head, sizeof head, 0);
  const char *interpreter = nullptr, *argument = nullptr;
  char line[kLine];
  memcpy(line, head, sizeof line);
  const bool script =
      parse_script(line, length, interpreter, argument) && is_illumos_program(interpreter);
  if (!script && !is_illumos_program(file, head, length)) return;
  // The kernel would ask this of the program; it will ask it of the loader.
  if (faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) != 0) return;
  Arguments words(arguments);
  if (!words.ok()) return;
  if (script) {
    begin(words, interpreter, interpreter);
    if (argument != nullptr) words.add(argument);
    words.add(path);
  } else {
    begin(words, words.first() != nullptr ? words.first() : path, path);
  }
  words.add_rest();
  run(words, environment);
}

// A file without a recognised format, as execvp finds it.
void run_by_shell(const char* path, char* const* arguments, char* const* environment) {
  Arguments words(arguments);
  if (!words.ok()) return;
  words.add(words.first() != nullptr ? words.first() : path);
  words.add(path);
  words.add_rest();
  execve(_PATH_BSHELL, words.vector(), environment);
}

int execute_or_shell(const char* path, char* const* arguments, char* const* environment) {
  execute(path, arguments, environment);
  if (errno == ENOEXEC) run_by_shell(path, arguments, environment);
  return fail(errno);
}

// The arguments of execl and its kind; the environment behind the null pointer.
class Listed {
 public:
  Listed(const char* first, va_list list) {
    va_list counted;
    va_copy(counted, list);
    size_t count = first != nullptr;
    while (count > 0 && va_arg(counted, char*) != nullptr) ++count;
    va_end(counted);
    size_ = (count + 1) * sizeof(char*);
    void* memory = mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return;
    words_ = static_cast<const char**>(memory);
    words_[0] = first;
    for (size_t i = 1; first != nullptr && i <= count; ++i) words_[i] = va_arg(list, char*);
  }
  ~Listed() {
    if (words_ != nullptr) munmap(words_, size_);
  }
  bool ok() const { return words_ != nullptr; }
  char* const* vector() const { return const_cast<char* const*>(words_); }

 private:
  const char** words_ = nullptr;
  size_t size_;
};

const char* search_path() {
  const char* path = guest_variable("PATH");
  return path != nullptr ? path : "/usr/bin:/bin";
}

}  // namespace

int execute(const char* path, char* const* arguments, char* const* environment) {
  if (path != nullptr && !loader_is_installed()) run_by_loader(path, arguments, environment);
  execve(path, arguments, environment);
  return fail(errno);
}

int execute_found(const char* name, const char* search, char* const* arguments,
                  char* const* environment) {
  if (*name == '\0') return fail(ENOENT);
  if (strchr(name, '/') != nullptr) return execute_or_shell(name, arguments, environment);
  int error = ENOENT;
  for (const char* at = search; at != nullptr;) {
    const size_t length = strcspn(at, ":");
    char path[PATH_MAX];
    const int size = snprintf(path, sizeof path, "%.*s%s%s", static_cast<int>(length), at,
                              length > 0 ? "/" : "", name);
    if (size < static_cast<int>(sizeof path))
      execute_or_shell(path, arguments, environment);
    else
      errno = ENOENT;
    if (errno == EACCES) error = EACCES;
    if (errno != EACCES && errno != ENOENT && errno != ENOTDIR) return fail(errno);
    at = at[length] == ':' ? at + length + 1 : nullptr;
  }
  return fail(error);
}

}  // namespace portc::illumos

using namespace portc::illumos;

extern "C" {

int il_execve(const char* path, char* const* arguments, char* const* environment) {
  return execute(path, arguments, environment);
}

int il_execv(const char* path, char* const* arguments) {
  return execute(path, arguments, guest_environment());
}

int il_execvp(const char* name, char* const* arguments) {
  return execute_found(name, search_path(), arguments, guest_environment());
}

int il_execvpe(const char* name, char* const* arguments, char* const* environment) {
  return execute_found(name, search_path(), arguments, environment);
}

int il_fexecve(int file, char* const* arguments, char* const* environment) {
  char path[32];
  snprintf(path, sizeof path, "/proc/self/fd/%d", file);
  return execute(path, arguments, environment);
}

int il_execl(const char* path, const char* first, ...) {
  va_list list;
  va_start(list, first);
  const Listed words(first, list);
  va_end(list);
  return words.ok() ? execute(path, words.vector(), guest_environment()) : fail(ENOMEM);
}

int il_execlp(const char* name, const char* first, ...) {
  va_list list;
  va_start(list, first);
  const Listed words(first, list);
  va_end(list);
  if (!words.ok()) return fail(ENOMEM);
  return execute_found(name, search_path(), words.vector(), guest_environment());
}

int il_execle(const char* path, const char* first, ...) {
  va_list list;
  va_start(list, first);
  const Listed words(first, list);
  char* const* environment = va_arg(list, char* const*);
  va_end(list);
  return words.ok() ? execute(path, words.vector(), environment) : fail(ENOMEM);
}

}  // extern "C"
