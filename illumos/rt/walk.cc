// SPDX-License-Identifier: MIT
//
// Walking through a tree of files: Linux's walk, with illumos's numbers and structures for the
// program's function. Which function that is, is the thread's while it walks.
//
// Source: illumos ftw(3C), <ftw.h>.
#include <ftw.h>

#include "illumos/rt/errno.h"
#include "illumos/rt/numbers.h"
#include "illumos/rt/stat.h"

namespace portc::illumos {
namespace {

constexpr Number kKinds[] = {{FTW_F, 0},  {FTW_D, 1},  {FTW_DNR, 2}, {FTW_NS, 3},
                             {FTW_SL, 4}, {FTW_DP, 6}, {FTW_SLN, 7}};
constexpr int kSameFlags = FTW_PHYS | FTW_MOUNT | FTW_CHDIR | FTW_DEPTH;

struct Level {
  int quit;
  int base;
  int level;
};

using See = int (*)(const char*, const abi::Stat*, int, Level*);
using SeeSimply = int (*)(const char*, const abi::Stat*, int);

thread_local See see;
thread_local SeeSimply see_simply;

int kind_to_guest(int host) { return static_cast<int>(guest_number(kKinds, host, 3)); }

int show(const char* path, const struct stat* status, int kind, FTW* at) {
  const abi::Stat guest = stat_to_guest(*status);
  Level level = {0, at->base, at->level};
  return see(path, &guest, kind_to_guest(kind), &level);
}

int show_simply(const char* path, const struct stat* status, int kind) {
  const abi::Stat guest = stat_to_guest(*status);
  return see_simply(path, &guest, kind_to_guest(kind));
}

// A function that walks again, inside, must find its own when it returns.
template <typename Function, typename Walk>
int walked(Function& current, Function function, Walk walk) {
  const Function outer = current;
  current = function;
  const int before = errno;
  errno = 0;
  const int result = walk();
  if (result == -1 && errno != 0) set_guest_errno();
  errno = before;
  current = outer;
  return result;
}

}  // namespace
}  // namespace portc::illumos

using namespace portc::illumos;

extern "C" {

int il_nftw(const char* path, See function, int depth, int flags) {
  return walked(see, function, [&] { return nftw(path, &show, depth, flags & kSameFlags); });
}

int il_ftw(const char* path, SeeSimply function, int depth) {
  return walked(see_simply, function, [&] { return ftw(path, &show_simply, depth); });
}

// The number is the version of its structures; there has been one since 64-bit programs exist.
int il__xftw(int, const char* path, SeeSimply function, int depth) {
  return il_ftw(path, function, depth);
}

}  // extern "C"
