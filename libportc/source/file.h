// SPDX-License-Identifier: MIT
//
// Files and directories: PORT_SOURCE_FILE, by inotify.
//
// An association is about two things that inotify watches separately: an inode (was it read,
// written, changed?) and a name in a directory (was it removed, renamed, overwritten?). So it
// has two watches: one of the file, one of its parent directory, which all associations with
// names in that directory share. An unlink of one of two hard links, a rename and a removal
// with another file made in its place are then told apart exactly, by records of the kernel and
// in its order, and whatever happens to directories further up is not mistaken for anything.
//
//  - One inotify instance per process (a user has 128), made at first use, is an item of every
//    port that has associations. Whoever collects reads it for all ports.
//  - Watches stay while associations do, also between an event and the next port_associate. So
//    to associate an unchanged file again costs a look at it: the path leads to the same inode,
//    whose watch is there. A watch that nobody waits for and that keeps reporting is given up, and
//    made again when it is needed.
//  - Nothing is lost between look and watch: first the watch is in place, then the file is looked
//    at, then the stamps are compared, then the association waits. And nothing older is reported:
//    before the look everything that inotify has is read, unless there can be nothing of this
//    file: its watch is new, or it has waited since its last look and has not changed.
//  - Removing a link reports on the inode (IN_ATTRIB) before it does on the name (IN_DELETE), and
//    then the inode's number may already be another file's. When the look after IN_ATTRIB does not
//    rule that out, the event is put off until the directory has been looked into, which waits
//    for a removal to end, and what is there then has been read.
//  - When the kernel's queue overflows, every association that waits is placed and compared anew.
//
// The stored path serves only for looks at the file (stamps, size, links) after records that do
// not say enough. It goes stale when a directory above is renamed; then a change of times is
// reported as FILE_ATTRIB alone.
//
// A name is not watched, and only the inode's own end and move are reported, if the parent
// directory cannot be read, or the path is a link of /proc/PID/fd.
//
// All of it is guarded by one leaf lock, inside the port's lock. Both are held while a path is
// looked up: a file system that does not answer stops the others that use the port.
//
// Source: port_associate(3C), illumos uts/common/fs/portfs/port_fop.c; inotify(7), and the order
// of records from Linux fs/namei.c (vfs_unlink, vfs_rename) and include/linux/fsnotify.h.
#pragma once

#include <time.h>

#include <cstdint>

#include "libportc/core/port.h"
#include "libportc/core/source.h"

namespace portc {

// Event bits; the values are <port.h>'s.
enum FileBits : uint32_t {
  kFileAccess = 0x1,
  kFileModified = 0x2,
  kFileAttrib = 0x4,
  kFileDelete = 0x10,
  kFileRenameTo = 0x20,
  kFileRenameFrom = 0x40,
  kFileTrunc = 0x100000,
  kFileUnmounted = 0x20000000,
};
constexpr uint32_t kFileWanted = kFileAccess | kFileModified | kFileAttrib | kFileTrunc;

struct FileStamps {
  struct timespec accessed;
  struct timespec modified;
  struct timespec changed;
};

struct FileRequest {
  uint64_t object;  // which file object: its address
  const char* path;
  size_t length;      // of the path, < kPathMax
  FileStamps stamps;  // what the program knows; zero: not compared
  uint32_t wanted;    // bits of kFileWanted
  bool follow;        // a symbolic link at the end of the path
  uint64_t user;
};

constexpr uint32_t kPathMax = 4096;  // with the NUL

extern const SourceOps kFileOps;

// Waits once for what is wanted of the file that the path leads to now, or for an exception.
// For a known object it replaces everything, and drops a queued event. If the stamps are not the
// file's any more, the event is queued at once.
// Errors, in this order: EAGAIN (no inotify instance, no descriptor), those of the path's lookup
// (ENOENT, ENOTDIR, ELOOP, ENAMETOOLONG, EACCES, which also says that the file may not be read),
// EAGAIN (the user's watches are used up), ENOMEM, ENOTSUP (a file system whose changes inotify
// does not see), EINVAL (the file kept being replaced during the call), EAGAIN (no free slot).
Result<void> file_associate(Port& port, const FileRequest& request);

// Errors: ENOENT (not associated by this process, or its event has been retrieved, or it was an
// exception).
Result<void> file_dissociate(Port& port, uint64_t object);

// Are files all that this process has of private sources in the port? The lock is held.
bool file_alone(const Port& port);

}  // namespace portc
