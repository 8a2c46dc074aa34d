// SPDX-License-Identifier: MIT
#include "illumos/link/check.h"

#include <cstdio>

#include "illumos/link/bind.h"

namespace portc::illumos {
namespace {

constexpr int kSomethingMissing = 1;
constexpr int kCannotRun = 126;

class Listing final : public Imports {
 public:
  void provided(const Symbol& symbol) override {
    if (symbol.approximate == nullptr) {
      ++provided_;
      printf("provided      %-16s %s\n", symbol.library, symbol.name);
    } else {
      ++approximated_;
      printf("approximated  %-16s %s: %s\n", symbol.library, symbol.name, symbol.approximate);
    }
  }

  // Nobody calls a weak import without a look at whether it is there.
  void missing(const char* name, bool weak) override {
    if (!weak) ++missing_;
    printf("missing       %-16s %s%s\n", "-", name, weak ? " (weak)" : "");
  }

  int finish(size_t libraries) const {
    printf("%zu provided, %zu approximated, %zu missing, %zu libraries missing\n", provided_,
           approximated_, missing_, libraries);
    return missing_ + libraries == 0 ? 0 : kSomethingMissing;
  }

 private:
  size_t provided_ = 0, approximated_ = 0, missing_ = 0;
};

size_t check_libraries(const Guest& guest) {
  size_t missing = 0;
  for (size_t i = 0; i < guest.needed_count(); ++i) {
    if (known_library(guest.needed(i))) continue;
    printf("missing       %-16s (the whole library)\n", guest.needed(i));
    ++missing;
  }
  return missing;
}

}  // namespace

int check(const Guest& guest, const char* program) {
  const size_t libraries = check_libraries(guest);
  Listing listing;
  if (!list_imports(guest, listing)) {
    fprintf(stderr, "portc-run: %s: its table of symbols leads out of it\n", program);
    return kCannotRun;
  }
  return listing.finish(libraries);
}

}  // namespace portc::illumos
