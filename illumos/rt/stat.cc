// SPDX-License-Identifier: MIT
//
// What is known about a file and a file system; device numbers.
//
// Sources: illumos <sys/stat.h>, <sys/statvfs.h>, <sys/mkdev.h>, stat(2), statvfs(2), mknod(2).
#include "illumos/rt/stat.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstring>

#include "illumos/abi/files.h"
#include "illumos/rt/errno.h"
#include "illumos/rt/paths.h"

namespace portc::illumos {
namespace {

constexpr int kNofollow = 0x1000;
constexpr int kTrigger = 0x2;   // of automounts: Linux needs no telling
constexpr int kOldDevices = 0;  // the version in __makedev and its kind
constexpr int kOldMinorBits = 8, kOldMajorMask = 0x7f, kOldMinorMask = 0xff;

uint64_t guest_device(dev_t host) { return static_cast<uint64_t>(major(host)) << 32 | minor(host); }

dev_t host_device(uint64_t guest) {
  return makedev(static_cast<unsigned>(guest >> 32), static_cast<unsigned>(guest));
}

// A file without a type is one that Linux keeps no name for; a guest has such a one as a port.
constexpr uint32_t kPort = 0xe000;

uint32_t guest_mode(mode_t host) { return (host & S_IFMT) == 0 ? host | kPort : host; }

abi::Timespec guest_time(const timespec& host) { return {host.tv_sec, host.tv_nsec}; }

struct TypeName {
  long magic;
  const char* name;
};
constexpr TypeName kTypes[] = {
    {TMPFS_MAGIC, "tmpfs"},      {PROC_SUPER_MAGIC, "proc"},
    {NFS_SUPER_MAGIC, "nfs"},    {0x2fc12fc1, "zfs"},
    {EXT4_SUPER_MAGIC, "ext4"},  {XFS_SUPER_MAGIC, "xfs"},
    {0x9123683e, "btrfs"},       {OVERLAYFS_SUPER_MAGIC, "overlay"},
    {ISOFS_SUPER_MAGIC, "hsfs"}, {MSDOS_SUPER_MAGIC, "pcfs"},
    {0xff534d42, "smbfs"},
};

const char* type_name(long magic) {
  for (const TypeName& type : kTypes)
    if (type.magic == magic) return type.name;
  return "ufs";
}

// Which type a device's file system has does not change, so it is asked for once. A place that is
// taken stays so; when they are all taken, the others are asked for each time.
class TypeCache {
 public:
  template <typename Ask>
  const char* find(dev_t device, Ask ask) {
    Place& place = places_[device % kPlaces];
    const uint64_t key = device + 1;
    const uint64_t holder = place.key.load(std::memory_order_acquire);
    if (holder == key)
      if (const char* name = place.name.load(std::memory_order_acquire)) return name;
    struct statfs info;
    if (ask(&info) != 0) return "";
    const char* name = type_name(info.f_type);
    uint64_t none = 0;
    if (place.key.compare_exchange_strong(none, key)) place.name.store(name);
    return name;
  }

 private:
  static constexpr size_t kPlaces = 61;
  struct Place {
    std::atomic<uint64_t> key;
    std::atomic<const char*> name;
  };
  Place places_[kPlaces];
};
constinit TypeCache types;

// `ask` is statfs for the same file.
template <typename Ask>
int copy(int result, const struct stat& host, abi::Stat* guest, Ask ask) {
  if (result != 0) return fail(errno);
  if (guest == nullptr) return fail(EFAULT);
  const int error = errno;
  *guest = stat_to_guest(host);
  strncpy(guest->file_system, types.find(host.st_dev, ask), sizeof guest->file_system - 1);
  errno = error;
  return 0;
}

int statfs_path(const char* path, struct statfs* info) {
  return with_path(path, [&](const char* name) { return statfs(name, info); });
}

int statfs_at(int directory, const char* path, const struct stat& host, struct statfs* info) {
  if (S_ISLNK(host.st_mode)) return -1;
  if (directory == AT_FDCWD || path[0] == '/') return statfs_path(path, info);
  const int file = openat(directory, path, O_PATH | O_CLOEXEC);
  if (file < 0) return -1;
  const int result = fstatfs(file, info);
  close(file);
  return result;
}

// ST_RDONLY and ST_NOSUID are the same; names that are too long are always refused.
constexpr uint64_t kSameFlags = 3, kNoTruncation = 4;

int copy(int result, const struct statfs& host, abi::Statvfs* guest) {
  if (result != 0) return fail(errno);
  *guest = {.block_size = static_cast<uint64_t>(host.f_bsize),
            .fragment_size = static_cast<uint64_t>(host.f_frsize),
            .blocks = host.f_blocks,
            .free_blocks = host.f_bfree,
            .available_blocks = host.f_bavail,
            .files = host.f_files,
            .free_files = host.f_ffree,
            .available_files = host.f_ffree,
            .id = static_cast<uint64_t>(static_cast<uint32_t>(host.f_fsid.__val[0])),
            .type = {},
            .flags = (static_cast<uint64_t>(host.f_flags) & kSameFlags) | kNoTruncation,
            .name_length = static_cast<uint64_t>(host.f_namelen),
            .text = {}};
  snprintf(guest->type, sizeof guest->type, "%s", type_name(host.f_type));
  return 0;
}

}  // namespace

abi::Stat stat_to_guest(const struct stat& host) {
  return {.device = guest_device(host.st_dev),
          .inode = host.st_ino,
          .mode = guest_mode(host.st_mode),
          .links = static_cast<uint32_t>(host.st_nlink),
          .user = host.st_uid,
          .group = host.st_gid,
          .special_device = guest_device(host.st_rdev),
          .size = host.st_size,
          .accessed = guest_time(host.st_atim),
          .modified = guest_time(host.st_mtim),
          .changed = guest_time(host.st_ctim),
          .block_size = static_cast<int32_t>(host.st_blksize),
          .padding = 0,
          .blocks = host.st_blocks,
          .file_system = {}};
}

}  // namespace portc::illumos

using namespace portc::illumos;

extern "C" {

int il_stat(const char* path, abi::Stat* guest) {
  struct stat host;
  const int result = with_path(path, [&](const char* name) { return stat(name, &host); });
  return copy(result, host, guest, [&](auto* info) { return statfs_path(path, info); });
}

// /proc/self/path/a.out is a link on illumos, and a program's own file here: followed either way.
int il_lstat(const char* path, abi::Stat* guest) {
  struct stat host;
  const int result = with_path(path, [&](const char* name) { return lstat(name, &host); });
  // What a link leads to may be elsewhere, so a link's own file system stays unnamed.
  return copy(result, host, guest,
              [&](auto* info) { return S_ISLNK(host.st_mode) ? -1 : statfs_path(path, info); });
}

int il_fstat(int file, abi::Stat* guest) {
  struct stat host;
  return copy(fstat(file, &host), host, guest, [&](auto* info) { return fstatfs(file, info); });
}

int il_fstatat(int directory, const char* path, abi::Stat* guest, int flags) {
  if (path == nullptr) return il_fstat(directory, guest);
  if ((flags & ~(kNofollow | kTrigger)) != 0) return fail(EINVAL);
  struct stat host;
  const int host_flag = (flags & kNofollow) != 0 ? AT_SYMLINK_NOFOLLOW : 0;
  const int at = host_directory(directory);
  const int result =
      with_path(path, [&](const char* name) { return fstatat(at, name, &host, host_flag); });
  return copy(result, host, guest, [&](auto* info) { return statfs_at(at, path, host, info); });
}

int il_statvfs(const char* path, abi::Statvfs* guest) {
  struct statfs host;
  return copy(statfs_path(path, &host), host, guest);
}

int il_fstatvfs(int file, abi::Statvfs* guest) {
  struct statfs host;
  return copy(fstatfs(file, &host), host, guest);
}

int il_mknodat(int directory, const char* path, mode_t mode, uint64_t device) {
  const int result = mknodat(host_directory(directory), path, mode, host_device(device));
  return result == 0 ? 0 : fail(errno);
}

int il_mknod(const char* path, mode_t mode, uint64_t device) {
  return mknod(path, mode, host_device(device)) == 0 ? 0 : fail(errno);
}

// An old device number has 15 bits.
uint64_t il___makedev(int version, uint32_t major_number, uint32_t minor_number) {
  if (version != kOldDevices) return static_cast<uint64_t>(major_number) << 32 | minor_number;
  return (major_number & kOldMajorMask) << kOldMinorBits | (minor_number & kOldMinorMask);
}

uint32_t il___major(int version, uint64_t device) {
  if (version != kOldDevices) return static_cast<uint32_t>(device >> 32);
  return static_cast<uint32_t>(device >> kOldMinorBits) & kOldMajorMask;
}

uint32_t il___minor(int version, uint64_t device) {
  if (version != kOldDevices) return static_cast<uint32_t>(device);
  return static_cast<uint32_t>(device) & kOldMinorMask;
}

// Obsolete there; no file system tells these figures by device number here.
int il_ustat(uint64_t, void*) { return fail(EINVAL); }

}  // extern "C"
