// SPDX-License-Identifier: MIT
//
// A file that claims to be an illumos program: whatever its headers and tables say, it is refused
// or loaded and bound, with nothing read or written outside of what was mapped for it.
#include <sys/mman.h>

#include "illumos/elf/image.h"
#include "illumos/link/bind.h"
#include "illumos/link/trace.h"
#include "illumos/loader/mapping.h"
#include "tests/fuzz/fuzz.h"

extern "C" void portc_illumos_trace_call() {}

namespace portc::illumos {
namespace {

char object[16] = "an object";
void function() {}

}  // namespace

// A small table in the place of the runtime's.
const Symbol kSymbols[] = {
    {"function", "libc.so.1", "d=d", reinterpret_cast<const void*>(&function), 0, nullptr},
    {"object", "libc.so.1", "", object, sizeof object, nullptr},
};
const size_t kSymbolCount = 2;

const Symbol* find_symbol(const char* name) {
  for (const Symbol& symbol : kSymbols)
    if (strcmp(symbol.name, name) == 0) return &symbol;
  return nullptr;
}

namespace {

int as_file(const uint8_t* data, size_t size) {
  const int file = memfd_create("guest", MFD_CLOEXEC);
  EXPECT(file >= 0);
  EXPECT(write(file, data, size) == static_cast<ssize_t>(size));
  return file;
}

class Names final : public Imports {
 public:
  void provided(const Symbol& symbol) override { length_ += strlen(symbol.name); }
  void missing(const char* name, bool) override { length_ += strlen(name); }

 private:
  size_t length_ = 0;
};

void bind_loaded(const Image& image, uint64_t base) {
  Guest guest(base, image.header, image.header_count);
  if (!guest.read_dynamic()) return;
  Names names;
  (void)list_imports(guest, names);
  (void)guest.find_own("environ", 8);
  (void)guest.tls_offset();
  (void)bind(guest, false);
}

// Larger ones only take time: the kernel makes their pages when they are touched.
constexpr uint64_t kMost = 1 << 24;

void load(int file) {
  static Head head;
  head = {};
  if (read_head(file, head) != 0 || check_header(head.bytes, head.length) != Problem::kNone) return;
  Image image;
  if (check_segments(head.bytes, head.length, head.file_size, image) != Problem::kNone) return;
  EXPECT(image.low < image.high && image.high <= kMaxAddress + kPage);
  if (image.high - image.low > kMost) return;
  uint64_t base = 0;
  if (map_image(file, image, base) != 0) return;
  bind_loaded(image, base);
  EXPECT(munmap(reinterpret_cast<void*>(base + image.low), image.high - image.low) == 0);
}

}  // namespace
}  // namespace portc::illumos

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const int file = portc::illumos::as_file(data, size);
  portc::illumos::load(file);
  close(file);
  fuzz::expect_no_leak();
  return 0;
}
