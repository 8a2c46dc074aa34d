// SPDX-License-Identifier: MIT
//
// Locales and characters. The numbers of categories are Linux's; classes of wide characters are
// pointers there and small numbers here; the tables behind <ctype.h>'s old macros are the C
// locale's.
// Source: illumos <locale.h>, <langinfo.h>, <wctype.h>, <iso/ctype_iso.h>.
#include <langinfo.h>
#include <locale.h>

#include <cctype>
#include <cstring>
#include <cwctype>

#include "illumos/rt/data.h"
#include "illumos/rt/environment.h"
#include "illumos/rt/errno.h"
#include "illumos/rt/numbers.h"

// Classes at [1 + c], then the other case at [258 + c], then the widths of characters.
unsigned char il___ctype[521];
unsigned il___ctype_mask[256];
int il___trans_lower[256];
int il___trans_upper[256];

namespace portc::illumos {
namespace {

constexpr Number kItems[] = {
#include "illumos/tables/langinfo.inc"
};

constexpr unsigned kUpper = 0x1, kLower = 0x2, kDigit = 0x4, kSpace = 0x8, kPunct = 0x10,
                   kControl = 0x20, kBlank = 0x40, kHex = 0x80, kGraph = 0x2000, kAlpha = 0x4000,
                   kPrint = 0x8000;

unsigned classes_of(int c) {
  unsigned classes = 0;
  if (isupper(c)) classes |= kUpper;
  if (islower(c)) classes |= kLower;
  if (isdigit(c)) classes |= kDigit;
  if (isspace(c)) classes |= kSpace;
  if (ispunct(c)) classes |= kPunct;
  if (iscntrl(c)) classes |= kControl;
  if (isblank(c)) classes |= kBlank;
  if (isxdigit(c)) classes |= kHex;
  if (isgraph(c)) classes |= kGraph;
  if (isalpha(c)) classes |= kAlpha;
  if (isprint(c)) classes |= kPrint;
  return classes;
}

const char* const kClassNames[] = {nullptr, "alnum", "alpha", "blank", "cntrl", "digit", "graph",
                                   "lower", "print", "punct", "space", "upper", "xdigit"};
constexpr int kClassCount = sizeof kClassNames / sizeof kClassNames[0];
enum { kToLower = 1, kToUpper };

// In the old table, which is of bytes, only a space is a blank.
__attribute__((constructor)) void fill_tables() {
  for (int c = 0; c < 256; ++c) {
    const unsigned classes = classes_of(c);
    il___ctype_mask[c] = classes;
    il___trans_lower[c] = tolower(c);
    il___trans_upper[c] = toupper(c);
    il___ctype[1 + c] =
        static_cast<unsigned char>((classes & 0x3f) | (classes & kHex) | (c == ' ' ? kBlank : 0));
    il___ctype[258 + c] = static_cast<unsigned char>(isupper(c) ? tolower(c) : toupper(c));
  }
  il___ctype[514] = 1;
  il___ctype[520] = 1;
}

constexpr int kGuestAll = 0x3f;  // LC_ALL_MASK

}  // namespace
}  // namespace portc::illumos

using namespace portc::illumos;

// The variables that it looks at are the guest's.
extern "C" char* il_setlocale(int category, const char* name) {
  lend_environment();
  return setlocale(category, name);
}

extern "C" const char* il_nl_langinfo(int item) {
  const int64_t host = host_number(kItems, item, -1);
  return host < 0 ? "" : nl_langinfo(static_cast<nl_item>(host));
}

extern "C" const char* il_nl_langinfo_l(int item, locale_t locale) {
  const int64_t host = host_number(kItems, item, -1);
  return host < 0 ? "" : nl_langinfo_l(static_cast<nl_item>(host), locale);
}

extern "C" locale_t il_newlocale(int mask, const char* name, locale_t base) {
  locale_t locale = newlocale((mask & kGuestAll) == kGuestAll ? LC_ALL_MASK : mask, name, base);
  if (locale == nullptr) set_guest_errno();
  return locale;
}

extern "C" locale_t il___global_locale() { return LC_GLOBAL_LOCALE; }

extern "C" int il_wctype(const char* name) {
  for (int i = 1; i < kClassCount; ++i)
    if (strcmp(kClassNames[i], name) == 0) return i;
  return 0;
}

extern "C" int il_iswctype(wint_t c, int number) {
  return number > 0 && number < kClassCount ? iswctype(c, wctype(kClassNames[number])) : 0;
}

extern "C" int il_wctrans(const char* name) {
  if (strcmp(name, "tolower") == 0) return kToLower;
  return strcmp(name, "toupper") == 0 ? kToUpper : 0;
}

extern "C" wint_t il_towctrans(wint_t c, int number) {
  if (number == kToLower) return towlower(c);
  return number == kToUpper ? towupper(c) : c;
}
