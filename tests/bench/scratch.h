// SPDX-License-Identifier: MIT
//
// Files to measure with, beside the program, where the disk is the one that was built on. They
// are gone when the row ends, fail() included: files have no name, and a folder is removed with
// what is in it.
#ifndef PORTC_TESTS_BENCH_SCRATCH_H
#define PORTC_TESTS_BENCH_SCRATCH_H

#include <string>

#include "tests/bench/support.h"

namespace portc::bench {

// A file of so many bytes, written to the disk, opened for reading with these flags besides.
// Fails the row if the file system does not know the flags (O_DIRECT).
Fd scratch_file(size_t size, int flags);

class ScratchFolder {
 public:
  explicit ScratchFolder(int files);
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  ~ScratchFolder();
  std::string path(int i) const { return path_ + "/" + std::to_string(i); }
  int files() const { return files_; }
  void remove() const;  // for fail(), too

 private:
  std::string path_;
  int files_;
};

}  // namespace portc::bench

#endif  // PORTC_TESTS_BENCH_SCRATCH_H
