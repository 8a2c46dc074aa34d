// SPDX-License-Identifier: MIT
//
// posix_spawn. Both of its objects are one pointer to a guest, so what they point to is ours. The
// child is made by fork, and tells through a pipe what went wrong; that it could exec, it tells by
// the pipe's end.
//
// Source: illumos posix_spawn(3C), posix_spawn_file_actions_addopen(3C), <spawn.h>.
#include <fcntl.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>

#include "illumos/rt/environment.h"
#include "illumos/rt/errno.h"
#include "illumos/rt/exec.h"
#include "illumos/rt/open_flags.h"
#include "illumos/rt/signal_numbers.h"

namespace portc::illumos {
namespace {

enum Flags : int {
  kResetIds = 0x1,
  kSetGroup = 0x2,
  kSetDefault = 0x4,
  kSetMask = 0x8,
  kSetParameters = 0x10,
  kSetScheduler = 0x20,
  kSetSession = 0x40,
  kSetIgnore = 0x800,
  kNoSigchld = 0x1000,  // nothing is done about these two
  kWaitByNumber = 0x2000,
  kNoExecError = 0x4000,  // the child exits with 127, and is a child as any other
};
constexpr int kAllFlags = 0x787f;

struct Attributes {
  short flags;
  pid_t group;
  int policy;
  sched_param parameters;
  abi::SigSet to_default, to_ignore, mask;
};

struct Action {
  enum Kind { kOpen, kClose, kDup, kCloseFrom, kChdir, kFchdir } kind;
  int file;
  int other;  // of kDup
  int flags;  // of kOpen, Linux's
  mode_t mode;
  char* path;
  Action* next;
};

struct Actions {
  Action* first;
  Action** end;
};

template <typename T>
struct Handle {
  T* object;
};

// In the child. A failure ends it: the error goes to the parent.
class Child {
 public:
  Child(int report, const Actions* actions, const Attributes* attributes)
      : report_(report), actions_(actions), attributes_(attributes) {}

  void prepare() {
    if (attributes_ != nullptr) apply(*attributes_);
    for (const Action* a = actions_ != nullptr ? actions_->first : nullptr; a != nullptr;
         a = a->next)
      perform(*a);
  }

  [[noreturn]] void exec_failed(int guest_error) {
    if (attributes_ != nullptr && (attributes_->flags & kNoExecError) != 0) _exit(127);
    give_up(guest_error);
  }

 private:
  [[noreturn]] void give_up(int guest_error) {
    (void)!write(report_, &guest_error, sizeof guest_error);
    _exit(127);
  }

  void check(int result) {
    if (result < 0) give_up(errno_to_guest(errno));
  }

  static void act_on(const abi::SigSet& set, void (*action)(int)) {
    for (int number = 1; number <= abi::kMaxSignal; ++number)
      if (has_signal(set, number) && signal_to_host(number) > 0)
        signal(signal_to_host(number), action);
  }

  void apply(const Attributes& attributes) {
    const int flags = attributes.flags;
    if ((flags & kSetMask) != 0) {
      const sigset_t mask = set_to_host(attributes.mask);
      sigprocmask(SIG_SETMASK, &mask, nullptr);
    }
    if ((flags & kSetIgnore) != 0) act_on(attributes.to_ignore, SIG_IGN);
    if ((flags & kSetDefault) != 0) act_on(attributes.to_default, SIG_DFL);
    if ((flags & kResetIds) != 0) {
      check(setgid(getgid()));
      check(setuid(getuid()));
    }
    if ((flags & kSetSession) != 0) check(setsid());
    if ((flags & kSetGroup) != 0) check(setpgid(0, attributes.group));
  }

  // The pipe must stay out of the way of the program's numbers.
  void make_way(int number) {
    if (number == report_) report_ = fcntl(report_, F_DUPFD_CLOEXEC, 3);
  }

  void perform(const Action& action) {
    switch (action.kind) {
      case Action::kOpen:
        return open_as(action);
      case Action::kClose:
        make_way(action.file);
        return check(close(action.file));
      case Action::kDup:
        make_way(action.other);
        if (action.file == action.other) return check(fcntl(action.file, F_SETFD, 0));
        return check(dup2(action.file, action.other));
      case Action::kCloseFrom:
        return close_from(static_cast<unsigned>(action.file));
      case Action::kChdir:
        return check(chdir(action.path));
      case Action::kFchdir:
        return check(fchdir(action.file));
    }
  }

  void open_as(const Action& action) {
    make_way(action.file);
    close(action.file);
    const int file = open(action.path, action.flags, action.mode);
    check(file);
    if (file == action.file) return;
    check(dup2(file, action.file));
    close(file);
  }

  void close_from(unsigned lowest) {
    const auto report = static_cast<unsigned>(report_);
    if (lowest < report) close_range(lowest, report - 1, 0);
    close_range(lowest > report ? lowest : report + 1, ~0u, 0);
  }

  int report_;
  const Actions* actions_;
  const Attributes* attributes_;
};

// What went wrong in the child, if anything. A handler of the guest's may interrupt the wait.
bool was_told(int report, int& guest_error) {
  ssize_t got;
  do {
    got = read(report, &guest_error, sizeof guest_error);
  } while (got < 0 && errno == EINTR);
  return got == sizeof guest_error;
}

bool bad(const Attributes* attributes) {
  return attributes != nullptr && (attributes->flags & ~kAllFlags) != 0;
}

// Returns the guest's error number.
template <typename Execute>
int spawn(pid_t* process, const Handle<Actions>* actions, const Handle<Attributes>* attributes,
          Execute execute_it) {
  const Actions* const doing = actions != nullptr ? actions->object : nullptr;
  const Attributes* const being = attributes != nullptr ? attributes->object : nullptr;
  if (bad(being)) return errno_to_guest(EINVAL);
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return errno_to_guest(errno);
  const pid_t child = fork();
  if (child == 0) {
    Child self(ends[1], doing, being);
    self.prepare();
    execute_it();
    self.exec_failed(guest_errno);
  }
  const int fork_error = errno;
  close(ends[1]);
  int error = 0;
  if (child < 0)
    error = errno_to_guest(fork_error);
  else if (was_told(ends[0], error))
    while (waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
    }
  close(ends[0]);
  if (error == 0 && process != nullptr) *process = child;
  return error;
}

int add(Handle<Actions>* actions, const Action& action, const char* path) {
  if (action.file < 0 || action.other < 0) return errno_to_guest(EBADF);
  auto* copy = static_cast<Action*>(malloc(sizeof(Action)));
  char* name = path != nullptr ? strdup(path) : nullptr;
  if (copy == nullptr || (path != nullptr && name == nullptr)) {
    free(copy);
    return errno_to_guest(ENOMEM);
  }
  *copy = action;
  copy->path = name;
  *actions->object->end = copy;
  actions->object->end = &copy->next;
  return 0;
}

template <typename T>
int make(Handle<T>* handle) {
  void* memory = calloc(1, sizeof(T));
  if (memory == nullptr) return errno_to_guest(ENOMEM);
  handle->object = new (memory) T();
  return 0;
}

}  // namespace
}  // namespace portc::illumos

using namespace portc::illumos;

extern "C" {

int il_posix_spawn(pid_t* process, const char* path, const Handle<Actions>* actions,
                   const Handle<Attributes>* attributes, char* const* arguments,
                   char* const* environment) {
  return spawn(process, actions, attributes, [&] { execute(path, arguments, environment); });
}

int il_posix_spawnp(pid_t* process, const char* name, const Handle<Actions>* actions,
                    const Handle<Attributes>* attributes, char* const* arguments,
                    char* const* environment) {
  const char* search = guest_variable("PATH");
  if (search == nullptr) search = "/usr/bin:/bin";
  return spawn(process, actions, attributes,
               [&] { execute_found(name, search, arguments, environment); });
}

int il_posix_spawn_file_actions_init(Handle<Actions>* actions) {
  const int error = make(actions);
  if (error == 0) actions->object->end = &actions->object->first;
  return error;
}

int il_posix_spawn_file_actions_destroy(Handle<Actions>* actions) {
  for (Action* a = actions->object->first; a != nullptr;) {
    Action* next = a->next;
    free(a->path);
    free(a);
    a = next;
  }
  free(actions->object);
  actions->object = nullptr;
  return 0;
}

int il_posix_spawn_file_actions_addopen(Handle<Actions>* actions, int file, const char* path,
                                        int flags, mode_t mode) {
  return add(actions, {Action::kOpen, file, 0, host_open_flags(flags), mode, nullptr, nullptr},
             path);
}

int il_posix_spawn_file_actions_addclose(Handle<Actions>* actions, int file) {
  return add(actions, {Action::kClose, file, 0, 0, 0, nullptr, nullptr}, nullptr);
}

int il_posix_spawn_file_actions_adddup2(Handle<Actions>* actions, int file, int other) {
  return add(actions, {Action::kDup, file, other, 0, 0, nullptr, nullptr}, nullptr);
}

int il_posix_spawn_file_actions_addclosefrom_np(Handle<Actions>* actions, int lowest) {
  return add(actions, {Action::kCloseFrom, lowest, 0, 0, 0, nullptr, nullptr}, nullptr);
}

int il_posix_spawn_file_actions_addchdir(Handle<Actions>* actions, const char* path) {
  return add(actions, {Action::kChdir, 0, 0, 0, 0, nullptr, nullptr}, path);
}

int il_posix_spawn_file_actions_addfchdir(Handle<Actions>* actions, int file) {
  return add(actions, {Action::kFchdir, file, 0, 0, 0, nullptr, nullptr}, nullptr);
}

int il_posix_spawnattr_init(Handle<Attributes>* attributes) { return make(attributes); }

int il_posix_spawnattr_destroy(Handle<Attributes>* attributes) {
  free(attributes->object);
  attributes->object = nullptr;
  return 0;
}

int il_posix_spawnattr_getflags(const Handle<Attributes>* attributes, short* flags) {
  *flags = attributes->object->flags;
  return 0;
}

int il_posix_spawnattr_setflags(Handle<Attributes>* attributes, short flags) {
  if ((flags & ~kAllFlags & 0xffff) != 0) return errno_to_guest(EINVAL);
  attributes->object->flags = flags;
  return 0;
}

int il_posix_spawnattr_getpgroup(const Handle<Attributes>* attributes, pid_t* group) {
  *group = attributes->object->group;
  return 0;
}

int il_posix_spawnattr_setpgroup(Handle<Attributes>* attributes, pid_t group) {
  attributes->object->group = group;
  return 0;
}

int il_posix_spawnattr_getsigdefault(const Handle<Attributes>* attributes, abi::SigSet* set) {
  *set = attributes->object->to_default;
  return 0;
}

int il_posix_spawnattr_setsigdefault(Handle<Attributes>* attributes, const abi::SigSet* set) {
  attributes->object->to_default = *set;
  return 0;
}

int il_posix_spawnattr_getsigignore_np(const Handle<Attributes>* attributes, abi::SigSet* set) {
  *set = attributes->object->to_ignore;
  return 0;
}

int il_posix_spawnattr_setsigignore_np(Handle<Attributes>* attributes, const abi::SigSet* set) {
  attributes->object->to_ignore = *set;
  return 0;
}

int il_posix_spawnattr_getsigmask(const Handle<Attributes>* attributes, abi::SigSet* set) {
  *set = attributes->object->mask;
  return 0;
}

int il_posix_spawnattr_setsigmask(Handle<Attributes>* attributes, const abi::SigSet* set) {
  attributes->object->mask = *set;
  return 0;
}

int il_posix_spawnattr_getschedpolicy(const Handle<Attributes>* attributes, int* policy) {
  *policy = attributes->object->policy;
  return 0;
}

int il_posix_spawnattr_setschedpolicy(Handle<Attributes>* attributes, int policy) {
  attributes->object->policy = policy;
  return 0;
}

int il_posix_spawnattr_getschedparam(const Handle<Attributes>* attributes,
                                     sched_param* parameters) {
  *parameters = attributes->object->parameters;
  return 0;
}

int il_posix_spawnattr_setschedparam(Handle<Attributes>* attributes,
                                     const sched_param* parameters) {
  attributes->object->parameters = *parameters;
  return 0;
}

}  // extern "C"
