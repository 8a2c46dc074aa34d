// SPDX-License-Identifier: MIT
//
// Users and groups. The older functions with _r return the entry or null; the ones with __posix_
// in front return an error number.
// Source: illumos <pwd.h>, <grp.h>, <shadow.h>; getpwnam(3C).
#include "illumos/abi/users.h"

#include <grp.h>
#include <pwd.h>
#include <shadow.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>

#include "illumos/rt/errno.h"
#include "illumos/rt/streams.h"

namespace portc::illumos {
namespace {

char no_text[1];

abi::Passwd to_guest(const passwd& host) {
  return {host.pw_name, host.pw_passwd, host.pw_uid, host.pw_gid,  no_text,
          no_text,      host.pw_gecos,  host.pw_dir, host.pw_shell};
}

// The static entry that the functions without _r return.
abi::Passwd* in_place(const passwd* host) {
  static abi::Passwd entry;
  if (host == nullptr) return nullptr;
  entry = to_guest(*host);
  return &entry;
}

abi::Spwd to_guest(const spwd& host) {
  auto number = [](long value) { return static_cast<int>(value); };
  return {host.sp_namp,          host.sp_pwdp,           number(host.sp_lstchg),
          number(host.sp_min),   number(host.sp_max),    number(host.sp_warn),
          number(host.sp_inact), number(host.sp_expire), 0};
}

abi::Spwd* in_place(const spwd* host) {
  static abi::Spwd entry;
  if (host == nullptr) return nullptr;
  entry = to_guest(*host);
  return &entry;
}

int put(int error, const passwd* host, abi::Passwd* out, abi::Passwd** result) {
  *result = nullptr;
  if (error != 0) return errno_to_guest(error);
  if (host == nullptr) return 0;
  *out = to_guest(*host);
  *result = out;
  return 0;
}

template <typename T>
T* old_result(int guest_error, T* result) {
  if (guest_error != 0) guest_errno = guest_error;
  return result;
}

template <typename T>
T* checked(T* result) {
  if (result == nullptr && errno != 0) set_guest_errno();
  return result;
}

}  // namespace
}  // namespace portc::illumos

using namespace portc::illumos;

extern "C" int il___posix_getpwnam_r(const char* name, abi::Passwd* out, char* room, size_t size,
                                     abi::Passwd** result) {
  passwd host, *found = nullptr;
  const int error = getpwnam_r(name, &host, room, size, &found);
  return put(error, found, out, result);
}

extern "C" int il___posix_getpwuid_r(uid_t uid, abi::Passwd* out, char* room, size_t size,
                                     abi::Passwd** result) {
  passwd host, *found = nullptr;
  const int error = getpwuid_r(uid, &host, room, size, &found);
  return put(error, found, out, result);
}

extern "C" abi::Passwd* il_getpwnam_r(const char* name, abi::Passwd* out, char* room, int size) {
  abi::Passwd* result = nullptr;
  const int error = il___posix_getpwnam_r(name, out, room, static_cast<size_t>(size), &result);
  return old_result(error, result);
}

extern "C" abi::Passwd* il_getpwuid_r(uid_t uid, abi::Passwd* out, char* room, int size) {
  abi::Passwd* result = nullptr;
  const int error = il___posix_getpwuid_r(uid, out, room, static_cast<size_t>(size), &result);
  return old_result(error, result);
}

extern "C" abi::Passwd* il_getpwent_r(abi::Passwd* out, char* room, int size) {
  passwd host, *found = nullptr;
  abi::Passwd* result = nullptr;
  const int error =
      put(getpwent_r(&host, room, static_cast<size_t>(size), &found), found, out, &result);
  return old_result(error, result);
}

extern "C" abi::Passwd* il_getpwnam(const char* name) {
  errno = 0;
  return in_place(checked(getpwnam(name)));
}

extern "C" abi::Passwd* il_getpwuid(uid_t uid) {
  errno = 0;
  return in_place(checked(getpwuid(uid)));
}

extern "C" abi::Passwd* il_getpwent() {
  errno = 0;
  return in_place(checked(getpwent()));
}

extern "C" abi::Passwd* il_fgetpwent(FILE* stream) {
  errno = 0;
  return in_place(checked(fgetpwent(host_stream(stream))));
}

extern "C" abi::Spwd* il_getspnam_r(const char* name, abi::Spwd* out, char* room, int size) {
  spwd host, *found = nullptr;
  const int error = getspnam_r(name, &host, room, static_cast<size_t>(size), &found);
  if (error != 0) guest_errno = errno_to_guest(error);
  if (found == nullptr) return nullptr;
  *out = to_guest(*found);
  return out;
}

extern "C" abi::Spwd* il_getspnam(const char* name) {
  errno = 0;
  return in_place(checked(getspnam(name)));
}

extern "C" abi::Spwd* il_getspent() {
  errno = 0;
  return in_place(checked(getspent()));
}

extern "C" int il___posix_getgrnam_r(const char* name, group* out, char* room, size_t size,
                                     group** result) {
  const int error = getgrnam_r(name, out, room, size, result);
  return error == 0 ? 0 : errno_to_guest(error);
}

extern "C" int il___posix_getgrgid_r(gid_t gid, group* out, char* room, size_t size,
                                     group** result) {
  const int error = getgrgid_r(gid, out, room, size, result);
  return error == 0 ? 0 : errno_to_guest(error);
}

extern "C" group* il_getgrnam_r(const char* name, group* out, char* room, int size) {
  group* result = nullptr;
  const int error = il___posix_getgrnam_r(name, out, room, static_cast<size_t>(size), &result);
  return old_result(error, result);
}

extern "C" group* il_getgrgid_r(gid_t gid, group* out, char* room, int size) {
  group* result = nullptr;
  const int error = il___posix_getgrgid_r(gid, out, room, static_cast<size_t>(size), &result);
  return old_result(error, result);
}

extern "C" group* il_getgrent_r(group* out, char* room, int size) {
  group* result = nullptr;
  const int error = getgrent_r(out, room, static_cast<size_t>(size), &result);
  return old_result(error == 0 ? 0 : errno_to_guest(error), result);
}

extern "C" group* il_getgrnam(const char* name) {
  errno = 0;
  return checked(getgrnam(name));
}

extern "C" group* il_getgrgid(gid_t gid) {
  errno = 0;
  return checked(getgrgid(gid));
}

extern "C" group* il_getgrent() {
  errno = 0;
  return checked(getgrent());
}

extern "C" int il___posix_getlogin_r(char* name, size_t size) {
  const int error = getlogin_r(name, size);
  return error == 0 ? 0 : errno_to_guest(error);
}

extern "C" char* il_getlogin_r(char* name, int size) {
  const int error = getlogin_r(name, static_cast<size_t>(size));
  return old_result(error == 0 ? 0 : errno_to_guest(error), error == 0 ? name : nullptr);
}
