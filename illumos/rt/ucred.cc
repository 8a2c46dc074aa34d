// SPDX-License-Identifier: MIT
//
// Sources: illumos ucred_get(3C), <ucred.h>.
#include "illumos/rt/ucred.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "illumos/rt/errno.h"

namespace portc::illumos {
namespace {

constexpr pid_t kMyself = -1;  // P_MYID

const char* find_line(const char* text, const char* label) {
  const char* at = strstr(text, label);
  return at != nullptr ? at + strlen(label) : nullptr;
}

void read_groups(const char* at, Ucred& credentials) {
  while (at != nullptr && *at != '\0' && *at != '\n') {
    char* end = nullptr;
    const unsigned long group = strtoul(at, &end, 10);
    if (end == at || credentials.group_count == kUcredGroups) return;
    credentials.groups[credentials.group_count++] = static_cast<uint32_t>(group);
    at = end + strspn(end, " \t");
  }
}

bool parse(const char* status, Ucred& credentials) {
  const char* users = find_line(status, "\nUid:");
  const char* groups = find_line(status, "\nGid:");
  if (users == nullptr || groups == nullptr) return false;
  Ucred& c = credentials;
  if (sscanf(users, "%u %u %u", &c.ruid, &c.euid, &c.suid) != 3) return false;
  if (sscanf(groups, "%u %u %u", &c.rgid, &c.egid, &c.sgid) != 3) return false;
  const char* more = find_line(status, "\nGroups:");
  if (more != nullptr) read_groups(more + strspn(more, " \t"), credentials);
  return true;
}

// False with Linux's errno.
bool read_ucred(pid_t process, Ucred& credentials) {
  char path[32], text[16384];
  snprintf(path, sizeof path, "/proc/%d/status", static_cast<int>(process));
  const int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) {
    if (errno == ENOENT) errno = ESRCH;
    return false;
  }
  const ssize_t size = read(file, text, sizeof text - 1);
  close(file);
  text[size > 0 ? size : 0] = '\0';
  fill_ucred(credentials, process, 0, 0);
  if (parse(text, credentials)) return true;
  errno = ESRCH;
  return false;
}

}  // namespace
}  // namespace portc::illumos

using namespace portc::illumos;

extern "C" {

Ucred* il_ucred_get(pid_t process) {
  auto* credentials = static_cast<Ucred*>(malloc(sizeof(Ucred)));
  if (credentials == nullptr) {
    fail(ENOMEM);
    return nullptr;
  }
  if (read_ucred(process == kMyself ? getpid() : process, *credentials)) return credentials;
  set_guest_errno();
  free(credentials);
  return nullptr;
}

void il_ucred_free(Ucred* credentials) { free(credentials); }
size_t il_ucred_size() { return sizeof(Ucred); }
pid_t il_ucred_getpid(const Ucred* credentials) { return credentials->pid; }
uid_t il_ucred_getruid(const Ucred* credentials) { return credentials->ruid; }
uid_t il_ucred_geteuid(const Ucred* credentials) { return credentials->euid; }
uid_t il_ucred_getsuid(const Ucred* credentials) { return credentials->suid; }
gid_t il_ucred_getrgid(const Ucred* credentials) { return credentials->rgid; }
gid_t il_ucred_getegid(const Ucred* credentials) { return credentials->egid; }
gid_t il_ucred_getsgid(const Ucred* credentials) { return credentials->sgid; }

int il_ucred_getgroups(const Ucred* credentials, const uint32_t** groups) {
  *groups = credentials->groups;
  return static_cast<int>(credentials->group_count);
}

// Projects and zones do not exist here: the default project, the global zone.
int32_t il_ucred_getprojid(const Ucred*) { return 3; }
int32_t il_ucred_getzoneid(const Ucred*) { return 0; }
uint32_t il_ucred_getpflags(const Ucred*, uint32_t) { return 0; }
int32_t il_getzoneid() { return 0; }
int32_t il_getprojid() { return 3; }
int32_t il_gettaskid() { return 0; }

int il_getzoneidbyname(const char* name) {
  return name == nullptr || strcmp(name, "global") == 0 ? 0 : fail(EINVAL);
}

ssize_t il_getzonenamebyid(int zone, char* buffer, size_t size) {
  constexpr char kGlobal[] = "global";
  if (zone != 0) return fail(EINVAL);
  if (buffer != nullptr && size > 0) snprintf(buffer, size, "%s", kGlobal);
  return sizeof kGlobal;
}

}  // extern "C"
