// SPDX-License-Identifier: MIT
//
// Paths: from a path to watches, and back to the file. file_lock is held everywhere.
#pragma once

#include "libportc/source/file_tables.h"

namespace portc::files {

// A file as a look found it.
struct Found {
  Identity file;
  Known known;
  uint32_t mode;
};

// What inotify has to report of a file for that. Never 0.
//   named  its name is watched in the parent directory
uint32_t file_mask(uint32_t wanted, bool directory, bool named);

// Where a path leads. The watches are pinned as long as this lives.
class Placement {
 public:
  Placement() = default;
  ~Placement() { reset(); }
  Placement(const Placement&) = delete;
  Placement& operator=(const Placement&) = delete;

  // Makes the watches, then looks at the file. Records of the file that are older are read before
  // the look; `drained` says that all were. Errors: those of file_associate but for slots.
  Result<void> make(Port& port, const FileRequest& request, bool drained);

  // Gives an association the watches and the name. False: no memory.
  bool fill(Association& a) const;

  const Found& found() const { return found_; }

 private:
  enum class Outcome { kDone, kReplaced, kFailed };

  void reset();
  static void hold(Watch*& place, Watch* watch);
  Outcome attempt(Port& port, const FileRequest& request);
  Outcome fail(int error);
  bool watch_parent(const char* path, size_t length);
  bool watch_file(const char* path, bool follow, uint32_t wanted);
  bool drain(Port& port);
  bool resolve(const char* path, bool magic);
  bool unnamed(const char* path, bool through, bool anonymous);
  Outcome identify(const char* path, bool follow);
  Outcome narrow(const char* path, bool follow);
  bool supported(const char* path) const;

  Watch* watch_ = nullptr;
  Watch* parent_ = nullptr;
  Found found_ = {};
  int error_ = 0;
  bool through_ = false;
  bool anonymous_ = false;
  bool named_ = false;
  bool drained_ = false;
  bool fresh_ = false;  // the file was not watched before
  uint32_t name_length_ = 0;
  char name_[256];
};

// 0 or -errno.
int find_path(const char* path, bool follow, Found& found);

enum class Look {
  kSame,      // the file is there
  kReplaced,  // another one is
  kGone,      // nothing is
  kUnknown,   // it cannot be seen
};

// Looks at the file by the stored path. `known` is written for kSame.
Look look(const Association& a, Known& known);

// Returns when what was removing or renaming names in the directory has ended, and has reported.
void look_into(const Watch& directory);

// After an overflow: do the watches of the association still exist, as far as its path can say?
bool confirm(Association& a);

}  // namespace portc::files
