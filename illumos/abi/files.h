// SPDX-License-Identifier: MIT
//
// illumos's structures about files, as its amd64 programs have them.
// Source: illumos <sys/stat.h>, <sys/fcntl.h>, <sys/dirent.h>, <sys/statvfs.h>, <dirent.h>.
#pragma once

#include <cstddef>
#include <cstdint>

namespace portc::illumos::abi {

struct Timespec {
  int64_t seconds;
  int64_t nanoseconds;
};

struct Stat {
  uint64_t device;
  uint64_t inode;
  uint32_t mode;
  uint32_t links;
  uint32_t user;
  uint32_t group;
  uint64_t special_device;
  int64_t size;
  Timespec accessed;
  Timespec modified;
  Timespec changed;
  int32_t block_size;
  int32_t padding;
  int64_t blocks;
  char file_system[16];
};
static_assert(sizeof(Stat) == 128);
static_assert(offsetof(Stat, mode) == 16);
static_assert(offsetof(Stat, special_device) == 32);
static_assert(offsetof(Stat, size) == 40);
static_assert(offsetof(Stat, accessed) == 48);
static_assert(offsetof(Stat, modified) == 64);
static_assert(offsetof(Stat, changed) == 80);
static_assert(offsetof(Stat, block_size) == 96);
static_assert(offsetof(Stat, blocks) == 104);
static_assert(offsetof(Stat, file_system) == 112);

struct Flock {
  int16_t type;
  int16_t whence;
  int64_t start;
  int64_t length;
  int32_t system;
  int32_t process;
  int64_t padding[4];
};
static_assert(sizeof(Flock) == 64);
static_assert(offsetof(Flock, whence) == 2);
static_assert(offsetof(Flock, start) == 8);
static_assert(offsetof(Flock, length) == 16);
static_assert(offsetof(Flock, system) == 24);
static_assert(offsetof(Flock, process) == 28);

struct Statvfs {
  uint64_t block_size;
  uint64_t fragment_size;
  uint64_t blocks;
  uint64_t free_blocks;
  uint64_t available_blocks;
  uint64_t files;
  uint64_t free_files;
  uint64_t available_files;
  uint64_t id;
  char type[16];
  uint64_t flags;
  uint64_t name_length;
  char text[32];
};
static_assert(sizeof(Statvfs) == 136);
static_assert(offsetof(Statvfs, id) == 64);
static_assert(offsetof(Statvfs, type) == 72);
static_assert(offsetof(Statvfs, flags) == 88);
static_assert(offsetof(Statvfs, name_length) == 96);
static_assert(offsetof(Statvfs, text) == 104);

// A record of getdents: no type, unlike Linux's; as long as the name needs, in eights.
struct Dirent {
  uint64_t inode;
  int64_t offset;
  uint16_t length;
  char name[6];
};
static_assert(sizeof(Dirent) == 24);
static_assert(offsetof(Dirent, offset) == 8);
static_assert(offsetof(Dirent, length) == 16);
static_assert(offsetof(Dirent, name) == 18);

// What opendir returns: its members are in a public header.
struct Directory {
  int32_t file;
  int32_t at;    // of the next record in the buffer
  int32_t size;  // of what is in the buffer
  int32_t padding;
  char* buffer;
};
static_assert(sizeof(Directory) == 24);
static_assert(offsetof(Directory, at) == 4);
static_assert(offsetof(Directory, size) == 8);
static_assert(offsetof(Directory, buffer) == 16);

}  // namespace portc::illumos::abi
