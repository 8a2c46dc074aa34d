// SPDX-License-Identifier: MIT
#include "tests/bench/scratch.h"

#include <fcntl.h>
#include <stdlib.h>

#include <algorithm>
#include <vector>

namespace portc::bench {
namespace {

std::string scratch_template(const char* what) {
  return own_folder() + "/scratch-" + what + "-XXXXXX";
}

void fill(int fd, size_t size) {
  const std::vector<char> block(1 << 20, 'x');
  for (size_t done = 0; done < size;) {
    const size_t part = std::min(block.size(), size - done);
    must(::write(fd, block.data(), part) == static_cast<ssize_t>(part), "write of a scratch file");
    done += part;
  }
}

std::vector<const ScratchFolder*>& live_folders() {
  static std::vector<const ScratchFolder*> folders;
  return folders;
}

void remove_folders() {
  for (const ScratchFolder* folder : live_folders()) {
    folder->remove();
  }
}

}  // namespace

Fd scratch_file(size_t size, int flags) {
  std::string path = scratch_template("file");
  const Fd writer(mkstemp(path.data()), "mkstemp");
  fill(writer.get(), size);
  must(fsync(writer.get()) == 0, "fsync");
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | flags);
  const int error = errno;
  unlink(path.c_str());
  if (fd < 0) {
    fail("open of a scratch file", error);
  }
  return Fd(fd, "open");
}

ScratchFolder::ScratchFolder(int files) : path_(scratch_template("folder")), files_(files) {
  must(mkdtemp(path_.data()) != nullptr, "mkdtemp");
  live_folders().push_back(this);
  on_fail(remove_folders);
  for (int i = 0; i < files; i++) {
    Fd made(::open(path(i).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600), "a scratch file");
  }
}

ScratchFolder::~ScratchFolder() {
  remove();
  auto& live = live_folders();
  live.erase(std::remove(live.begin(), live.end(), this), live.end());
}

void ScratchFolder::remove() const {
  for (int i = 0; i < files_; i++) {
    unlink(path(i).c_str());
  }
  rmdir(path_.c_str());
}

}  // namespace portc::bench
