// SPDX-License-Identifier: MIT
#include "illumos/loader/carrier.h"

#include <sys/mman.h>

#include "libportc/base/sys.h"

namespace portc::illumos {
namespace {

constexpr char kImport[] = "portc_illumos_start";
constexpr size_t kStrings = 4096;

enum Segment : size_t { kHeaders, kInterpreter, kLoad, kDynamic, kStack, kTls, kSegments };

struct Page {
  Elf64_Phdr segments[kSegments];
  Elf64_Dyn dynamic[12];
  Elf64_Sym symbols[2];  // the empty one, and the import
  Elf64_Rela relocation;
  uint32_t hash[5];  // one bucket, two symbols, nothing exported
  void* start;
  char interpreter[kMaxInterpreter];
  char strings[kStrings];  // "", the import, the runtime's path
};

uint64_t address(const void* p) { return reinterpret_cast<uint64_t>(p); }

class Writer {
 public:
  explicit Writer(Page& page) : page_(page), base_(address(&page)) {}

  void segment(Segment which, uint32_t type, const void* at, uint64_t size, uint32_t flags) {
    page_.segments[which] = {type, flags, 0, address(at) - base_, 0, size, size, 8};
  }

  void entry(int64_t tag, uint64_t value) {
    page_.dynamic[entries_].d_tag = tag;
    page_.dynamic[entries_++].d_un.d_val = value;
  }

  void pointer(int64_t tag, const void* at) { entry(tag, address(at) - base_); }

  // The offset of a copy in the string table.
  uint64_t string(const char* text) {
    const size_t size = __builtin_strlen(text) + 1;
    if (size > kStrings - strings_) return 0;
    const size_t at = strings_;
    __builtin_memcpy(page_.strings + at, text, size);
    strings_ += size;
    return at;
  }

  size_t strings_size() const { return strings_; }

 private:
  Page& page_;
  uint64_t base_;
  size_t entries_ = 0;
  size_t strings_ = 1;
};

void write_import(Page& page, uint32_t name) {
  page.symbols[1] = {name, ELF64_ST_INFO(STB_GLOBAL, STT_FUNC), STV_DEFAULT, SHN_UNDEF, 0, 0};
  page.relocation = {address(&page.start) - address(&page), ELF64_R_INFO(1, R_X86_64_GLOB_DAT), 0};
  page.hash[0] = 1;
  page.hash[1] = 2;
}

void write_dynamic(Page& page, Writer& writer, uint64_t runtime) {
  writer.entry(DT_NEEDED, runtime);
  writer.pointer(DT_STRTAB, page.strings);
  writer.entry(DT_STRSZ, writer.strings_size());
  writer.pointer(DT_SYMTAB, page.symbols);
  writer.entry(DT_SYMENT, sizeof(Elf64_Sym));
  writer.pointer(DT_HASH, page.hash);
  writer.pointer(DT_RELA, &page.relocation);
  writer.entry(DT_RELASZ, sizeof page.relocation);
  writer.entry(DT_RELAENT, sizeof(Elf64_Rela));
  writer.entry(DT_FLAGS, DF_BIND_NOW);
  writer.entry(DT_DEBUG, 0);  // for debuggers
  writer.entry(DT_NULL, 0);
}

void write_tls(Page& page, const Image& guest, uint64_t base) {
  Elf64_Phdr& tls = page.segments[kTls];
  tls = *guest.tls;
  tls.p_vaddr = base + guest.tls->p_vaddr - address(&page);
}

}  // namespace

bool make_carrier(const Image& guest, uint64_t base, const char* runtime,
                  const char* dynamic_loader, Carrier& carrier) {
  const long at = sys::raw(SYS_mmap, 0, page_up(sizeof(Page)), PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (at < 0) return false;
  Page& page = *reinterpret_cast<Page*>(at);
  Writer writer(page);
  const size_t interpreter = __builtin_strlen(dynamic_loader) + 1;
  const uint64_t import_name = writer.string(kImport);
  const uint64_t runtime_name = writer.string(runtime);
  if (interpreter > sizeof page.interpreter || runtime_name == 0) return false;
  __builtin_memcpy(page.interpreter, dynamic_loader, interpreter);
  write_import(page, static_cast<uint32_t>(import_name));
  write_dynamic(page, writer, runtime_name);

  writer.segment(kHeaders, PT_PHDR, page.segments, sizeof page.segments, PF_R);
  writer.segment(kInterpreter, PT_INTERP, page.interpreter, interpreter, PF_R);
  writer.segment(kLoad, PT_LOAD, &page, sizeof page, PF_R | PF_W);
  writer.segment(kDynamic, PT_DYNAMIC, page.dynamic, sizeof page.dynamic, PF_R | PF_W);
  page.segments[kStack].p_type = PT_GNU_STACK;
  page.segments[kStack].p_flags = PF_R | PF_W;
  page.segments[kTls].p_type = PT_NULL;
  if (guest.tls != nullptr) write_tls(page, guest, base);
  carrier = {page.segments, kSegments, &page.start};
  return true;
}

}  // namespace portc::illumos
