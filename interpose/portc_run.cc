// SPDX-License-Identifier: MIT
//
// portc-run [options] PROGRAM [ARG...]: runs a program with the preload object in front of what
// LD_PRELOAD already says, or an illumos program with our own interpreter. Becomes the program, so
// that signals and the exit status are its own.
#include <fcntl.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "illumos/elf/image.h"

namespace {

using portc::illumos::Problem;

constexpr int kOurFault = 125;  // env(1)'s codes
constexpr int kCannotRun = 126;
constexpr int kNotFound = 127;
constexpr char kObject[] = "/lib/portc/portc-preload.so";
constexpr char kLoader[] = "/lib/portc/ld.so.1";

void usage(FILE* out) {
  fputs(
      "usage: portc-run [options] PROGRAM [ARG...]\n"
      "\n"
      "Runs PROGRAM with illumos event ports: port_create and its kind are there, and\n"
      "descriptors, fork, poll and descriptor passing know about ports. PROGRAM may be an\n"
      "illumos program: see portc-illumos(7).\n"
      "\n"
      "  --exact           every port is exactly pollable from birth (PORTC_EXACT=1)\n"
      "  --max-events N    events and associations per port (PORTC_MAX_EVENTS)\n"
      "  --max-ports N     ports per process (PORTC_MAX_PORTS)\n"
      "  --print-preload   print the preload object's path and exit\n"
      "  --check           list what PROGRAM, an illumos program, imports, and exit\n"
      "  --help            this text\n"
      "  --version         the version\n"
      "\n"
      "Exit status: PROGRAM's; 127 if it is not found, 126 if it cannot be run,\n"
      "125 if portc-run itself fails. See portc-run(1).\n",
      out);
}

int complain(const char* what, const char* which) {
  fprintf(stderr, "portc-run: %s%s%s\n", what, which != nullptr ? ": " : "",
          which != nullptr ? which : "");
  return kOurFault;
}

// Our own path, without symbolic links. Some sandboxes have no /proc; the kernel passes the path
// that was executed, too.
bool find_self(char (&path)[PATH_MAX]) {
  const ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
  if (n > 0) {
    path[n] = '\0';
    return true;
  }
  const auto* executed = reinterpret_cast<const char*>(getauxval(AT_EXECFN));
  if (executed != nullptr && realpath(executed, path) != nullptr) return true;
  path[0] = '\0';
  return false;
}

// PREFIX/bin/portc-run -> PREFIX/lib/portc/...
bool find_own(const char* file, char (&path)[PATH_MAX]) {
  if (!find_self(path)) return false;
  for (int up = 0; up < 2; ++up) {
    char* slash = strrchr(path, '/');
    if (slash == nullptr) return false;
    *slash = '\0';
  }
  if (strlen(path) + strlen(file) >= sizeof path) return false;
  strcat(path, file);
  return access(path, R_OK) == 0;
}

// Is it libasan.so, libtsan.so.2, libclang_rt.asan-x86_64.so or another of their kind?
bool is_sanitizer(const char* path, size_t length) {
  constexpr const char* kNames[] = {"asan", "hwasan", "lsan", "msan", "rtsan", "tsan"};
  constexpr const char* kStarts[] = {"lib", "libclang_rt."};
  while (const void* slash = memchr(path, '/', length)) {
    const char* const name = static_cast<const char*>(slash) + 1;
    length -= static_cast<size_t>(name - path);
    path = name;
  }
  for (const char* start : kStarts) {
    for (const char* name : kNames) {
      const size_t both = strlen(start) + strlen(name);
      if (length > both && strncmp(path, start, strlen(start)) == 0 &&
          strncmp(path + strlen(start), name, strlen(name)) == 0 && strchr(".-_", path[both]))
        return true;
    }
  }
  return false;
}

// How much of the list is runtimes of sanitizers, which refuse to be anything but the first.
size_t sanitizers(const char* list) {
  constexpr char kSeparators[] = ": ";
  size_t taken = 0;
  for (;;) {
    const size_t start = taken + strspn(list + taken, kSeparators);
    const size_t length = strcspn(list + start, kSeparators);
    if (length == 0 || !is_sanitizer(list + start, length)) return taken;
    taken = start + length;
  }
}

int set_preload(const char* object) {
  // ld.so splits the list at colons and spaces, and nothing can quote them.
  if (strpbrk(object, ": ") != nullptr)
    return complain("the preload object's path has a colon or a space in it", object);
  const char* before = getenv("LD_PRELOAD");
  if (before == nullptr || *before == '\0') return setenv("LD_PRELOAD", object, 1);
  const size_t size = strlen(object) + 1 + strlen(before) + 1;
  char* joined = static_cast<char*>(malloc(size));
  if (joined == nullptr) return complain("out of memory", nullptr);
  const size_t first = sanitizers(before);
  snprintf(joined, size, "%.*s%s%s%s%s", static_cast<int>(first), before, first > 0 ? ":" : "",
           object, first == 0 ? ":" : "", before + first);
  return setenv("LD_PRELOAD", joined, 1);
}

bool is_count(const char* text) {
  return text != nullptr && *text != '\0' && strspn(text, "0123456789") == strlen(text) &&
         strspn(text, "0") != strlen(text);
}

// What execvp would run: the name itself, or where PATH leads to. False if there is none.
bool find_program(const char* name, char (&path)[PATH_MAX]) {
  if (strchr(name, '/') != nullptr)
    return snprintf(path, sizeof path, "%s", name) < static_cast<int>(sizeof path);
  const char* folders = getenv("PATH");
  for (const char* at = folders != nullptr ? folders : "/bin:/usr/bin"; *at != '\0';) {
    const size_t length = strcspn(at, ":");
    const int size = snprintf(path, sizeof path, "%.*s/%s", static_cast<int>(length),
                              length > 0 ? at : ".", length > 0 || *at == ':' ? name : "");
    struct stat status;
    if (size < static_cast<int>(sizeof path) && access(path, X_OK) == 0 &&
        stat(path, &status) == 0 && S_ISREG(status.st_mode))
      return true;
    at += length + (at[length] == ':' ? 1 : 0);
  }
  return false;
}

// What there is to know of a program before it is run.
struct File {
  Problem problem = Problem::kNotElf;
  char interpreter[portc::illumos::kMaxInterpreter + 1] = "";
  bool illumos = false;
};

File look_at(const char* path) {
  using namespace portc::illumos;
  File file;
  alignas(16) char head[sizeof(Elf64_Ehdr) + kMaxSegments * sizeof(Elf64_Phdr)];
  struct stat status;
  const int descriptor = open(path, O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return file;
  const ssize_t length = read(descriptor, head, sizeof head);
  Image image;
  if (length > 0 && fstat(descriptor, &status) == 0) {
    const auto size = static_cast<size_t>(length);
    file.problem = check_header(head, size);
    if (file.problem == Problem::kNone)
      file.problem = check_segments(head, size, static_cast<uint64_t>(status.st_size), image);
  }
  if (image.interpreter != nullptr && image.interpreter->p_filesz <= kMaxInterpreter) {
    const size_t size = image.interpreter->p_filesz;
    const ssize_t n =
        pread(descriptor, file.interpreter, size, static_cast<off_t>(image.interpreter->p_offset));
    file.illumos =
        n == static_cast<ssize_t>(size) && is_illumos_interpreter(file.interpreter, size);
  }
  close(descriptor);
  return file;
}

// Becomes our interpreter, with the program as its first argument. Returns if that fails.
int run_illumos(const char* loader, const char* path, char** words, bool check) {
  size_t count = 0;
  while (words[count] != nullptr) ++count;
  auto** line = static_cast<char**>(calloc(count + 5, sizeof(char*)));
  if (line == nullptr) return complain("out of memory", nullptr);
  size_t at = 0;
  line[at++] = const_cast<char*>(loader);
  if (check) line[at++] = const_cast<char*>("--check");
  line[at++] = const_cast<char*>("--argv0");
  line[at++] = words[0];
  line[at++] = const_cast<char*>(path);
  memcpy(line + at, words + 1, (count - 1) * sizeof *line);
  execv(loader, line);
  return complain(strerror(errno), loader);
}

// Why an existing file could not be run, in words that help more than the kernel's.
int explain(const char* name, const File& file, int error) {
  if (file.interpreter[0] != '\0' && error == ENOENT)
    fprintf(stderr, "portc-run: %s: its interpreter is missing: %s\n", name, file.interpreter);
  else if (file.problem != Problem::kNone && file.problem != Problem::kNotElf)
    fprintf(stderr, "portc-run: %s: %s\n", name, describe(file.problem));
  else
    fprintf(stderr, "portc-run: %s: %s\n", name, strerror(error));
  return error == ENOENT && file.problem == Problem::kNotElf ? kNotFound : kCannotRun;
}

enum class Action { kRun, kCheck, kPrintObject, kExit };

struct Options {
  Action action = Action::kRun;
  int status = 0;
  char** program = nullptr;
};

// An option with a value sets a variable. The number of words it took, 0 if it is none of these.
int count_option(char** words, int& status) {
  const char* variable = nullptr;
  if (strcmp(words[0], "--max-events") == 0) variable = "PORTC_MAX_EVENTS";
  if (strcmp(words[0], "--max-ports") == 0) variable = "PORTC_MAX_PORTS";
  if (variable == nullptr) return 0;
  if (!is_count(words[1])) {
    status = complain("needs a number greater than zero", words[0]);
    return 1;
  }
  setenv(variable, words[1], 1);
  return 2;
}

Options leave(int status) { return {Action::kExit, status, nullptr}; }

Options parse(char** words) {
  Action action = Action::kRun;
  for (++words; *words != nullptr && (*words)[0] == '-';) {
    if (strcmp(*words, "--") == 0) {
      ++words;
      break;
    }
    if (strcmp(*words, "--help") == 0 || strcmp(*words, "-h") == 0) {
      usage(stdout);
      return leave(0);
    }
    if (strcmp(*words, "--version") == 0) {
      puts("portc-run " PORTC_VERSION);
      return leave(0);
    }
    if (strcmp(*words, "--print-preload") == 0) return {Action::kPrintObject, 0, nullptr};
    if (strcmp(*words, "--check") == 0) {
      action = Action::kCheck;
      ++words;
      continue;
    }
    int status = 0;
    int taken = count_option(words, status);
    if (status != 0) return leave(status);
    if (taken == 0 && strcmp(*words, "--exact") == 0) {
      setenv("PORTC_EXACT", "1", 1);
      taken = 1;
    }
    if (taken == 0) {
      complain("no such option", *words);
      usage(stderr);
      return leave(kOurFault);
    }
    words += taken;
  }
  if (*words == nullptr) {
    usage(stderr);
    return leave(kOurFault);
  }
  return {action, 0, words};
}

}  // namespace

int main(int, char** argv) {
  const Options options = parse(argv);
  if (options.action == Action::kExit) return options.status;
  char object[PATH_MAX];
  if (!find_own(kObject, object)) return complain("the preload object is missing", object);
  if (options.action == Action::kPrintObject) return puts(object) == EOF ? kOurFault : 0;

  char path[PATH_MAX];
  const char* name = options.program[0];
  const File file = find_program(name, path) ? look_at(path) : File{};
  const bool check = options.action == Action::kCheck;
  if (file.illumos || check) {
    char loader[PATH_MAX];
    if (!find_own(kLoader, loader)) return complain("the illumos loader is missing", loader);
    return run_illumos(loader, path, options.program, check);
  }
  if (set_preload(object) != 0) return kOurFault;
  execvp(name, options.program);
  return explain(name, file, errno);
}
