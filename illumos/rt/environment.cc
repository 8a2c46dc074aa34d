// SPDX-License-Identifier: MIT
//
// Sources: illumos getenv(3C), setenv(3C), putenv(3C), environ(7).
#include "illumos/rt/environment.h"

#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <initializer_list>

#include "illumos/rt/data.h"
#include "illumos/rt/errno.h"
#include "illumos/rt/lock.h"
#include "illumos/rt/start.h"

namespace portc::illumos {
namespace {

size_t count(char** environment) {
  size_t n = 0;
  while (environment != nullptr && environment[n] != nullptr) ++n;
  return n;
}

bool is_name(const char* entry, const char* name, size_t length) {
  return strncmp(entry, name, length) == 0 && entry[length] == '=';
}

// Its place in the environment, or the end's.
char** find(const char* name, size_t length) {
  char** at = guest_environment();
  while (at != nullptr && *at != nullptr && !is_name(*at, name, length)) ++at;
  return at;
}

// The old array stays: another thread may be reading it.
bool append(char* entry) {
  char** old = guest_environment();
  const size_t entries = count(old);
  auto** grown = static_cast<char**>(malloc((entries + 2) * sizeof(char*)));
  if (grown == nullptr) return false;
  if (entries > 0) memcpy(grown, old, entries * sizeof *grown);
  grown[entries] = entry;
  grown[entries + 1] = nullptr;
  guest_environment() = grown;
  return true;
}

bool put(char* entry, size_t name_length) {
  char** at = find(entry, name_length);
  if (at == nullptr || *at == nullptr) return append(entry);
  *at = entry;
  return true;
}

void remove(const char* name, size_t length) {
  for (char** at = find(name, length); at != nullptr && *at != nullptr; at = find(name, length))
    for (; *at != nullptr; ++at) at[0] = at[1];
}

bool bad_name(const char* name) {
  return name == nullptr || *name == '\0' || strchr(name, '=') != nullptr;
}

}  // namespace

char**& guest_environment() {
  static char*** const variable = [] {
    for (const char* name : {"_environ", "environ"})
      if (void* own = guest().find_own(name, sizeof(char**))) return static_cast<char***>(own);
    return &il__environ;
  }();
  return *variable;
}

const char* guest_variable(const char* name) {
  const size_t length = strlen(name);
  char** at = find(name, length);
  return at != nullptr && *at != nullptr ? *at + length + 1 : nullptr;
}

void lend_environment() { environ = guest_environment(); }

}  // namespace portc::illumos

using namespace portc::illumos;

extern "C" {

const char* il_getenv(const char* name) { return guest_variable(name); }

int il_putenv(char* entry) {
  const Locked locked(environment_lock);
  const char* equals = strchr(entry, '=');
  if (equals == nullptr) {
    remove(entry, strlen(entry));
    return 0;
  }
  return put(entry, static_cast<size_t>(equals - entry)) ? 0 : fail(ENOMEM);
}

int il_setenv(const char* name, const char* value, int overwrite) {
  if (bad_name(name)) return fail(EINVAL);
  const Locked locked(environment_lock);
  const size_t length = strlen(name);
  char** at = find(name, length);
  if (at != nullptr && *at != nullptr && overwrite == 0) return 0;
  const size_t size = length + strlen(value) + 2;
  auto* entry = static_cast<char*>(malloc(size));
  if (entry == nullptr) return fail(ENOMEM);
  snprintf(entry, size, "%s=%s", name, value);
  if (put(entry, length)) return 0;
  free(entry);
  return fail(ENOMEM);
}

int il_unsetenv(const char* name) {
  if (bad_name(name)) return fail(EINVAL);
  const Locked locked(environment_lock);
  remove(name, strlen(name));
  return 0;
}

int il_clearenv() {
  const Locked locked(environment_lock);
  guest_environment() = nullptr;
  return 0;
}

}  // extern "C"
