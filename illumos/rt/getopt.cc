// SPDX-License-Identifier: MIT
//
// getopt, with the guest's own optind and its siblings. Unlike Linux's, illumos's stops at the
// first argument that is no option; getopt_long does not.
// Source: illumos getopt(3C), getopt_long(3C).
#include <getopt.h>

#include <cstdio>
#include <cstdlib>

#include "illumos/rt/data.h"
#include "illumos/rt/errno.h"
#include "illumos/rt/objects.h"

char* il_optarg;
int il_optind = 1;
int il_opterr = 1;
int il_optopt;

namespace portc::illumos {
namespace {

struct Variables {
  char*& argument = guest_object("optarg", il_optarg);
  int& index = guest_object("optind", il_optind);
  int& error = guest_object("opterr", il_opterr);
  int& option = guest_object("optopt", il_optopt);
};

template <typename Call>
int with_variables(Call call) {
  Variables guest;
  static int last = 1;
  // A guest that begins anew sets its index to 1; Linux's must then forget where it was.
  optind = guest.index == 1 && last != 1 ? 0 : guest.index;
  opterr = guest.error;
  const int result = call();
  last = guest.index = optind;
  guest.argument = optarg;
  guest.option = optopt;
  return result;
}

}  // namespace
}  // namespace portc::illumos

using namespace portc::illumos;

extern "C" int il_getopt(int count, char** arguments, const char* options) {
  char stopping[256];
  const int length = snprintf(stopping, sizeof stopping, "+%s", options);
  if (length < 0 || static_cast<size_t>(length) >= sizeof stopping) return -1;
  return with_variables([&] { return getopt(count, arguments, stopping); });
}

extern "C" int il_getopt_long(int count, char** arguments, const char* options,
                              const option* longer, int* which) {
  return with_variables([&] { return getopt_long(count, arguments, options, longer, which); });
}

extern "C" int il_getopt_long_only(int count, char** arguments, const char* options,
                                   const option* longer, int* which) {
  return with_variables([&] { return getopt_long_only(count, arguments, options, longer, which); });
}

extern "C" int il_getopt_clip(int count, char** arguments, const char* options,
                              const option* longer, int* which) {
  return il_getopt_long(count, arguments, options, longer, which);
}
