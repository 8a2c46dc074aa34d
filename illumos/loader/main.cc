// SPDX-License-Identifier: MIT
//
// ld.so.1: starts an illumos program. Two ways lead here:
//  - the kernel maps the program and, as its interpreter, us (installed as /lib/amd64/ld.so.1);
//  - `ld.so.1 [--check] [--argv0 NAME] PROGRAM [ARG...]`: we map it. No installation, no privilege.
// Then both are one: Linux's own dynamic loader is mapped and started on a made-up executable
// (carrier.h) that needs nothing but the runtime, and the runtime does the rest.
//
// A static program without a C library: whatever this file does happens before there is one.
#include <elf.h>
#include <fcntl.h>
#include <sys/mman.h>

#include <cerrno>

#include "illumos/loader/carrier.h"
#include "illumos/loader/handover.h"
#include "illumos/loader/mapping.h"
#include "illumos/loader/place.h"
#include "illumos/loader/stack.h"
#include "libportc/base/sys.h"

#define HIDDEN __attribute__((visibility("hidden")))
extern "C" {
HIDDEN void portc_loader_entry();  // our own first instruction
HIDDEN void portc_loader_leave();  // the carrier's
HIDDEN extern const Elf64_Ehdr __ehdr_start;
HIDDEN extern const Elf64_Dyn _DYNAMIC[];
portc::illumos::Handover portc_handover;  // the assembly names these two
void* const* portc_runtime_start;
}

asm(R"(
.globl portc_loader_entry
.type portc_loader_entry,@function
portc_loader_entry:
  xor %ebp, %ebp
  call portc_loader_relocate
  mov %rsp, %rdi
  call portc_loader_main
  xor %edx, %edx
  jmp *%rax
.globl portc_loader_leave
.type portc_loader_leave,@function
portc_loader_leave:
  mov %rsp, %rdi
  lea portc_handover(%rip), %rsi
  mov portc_runtime_start(%rip), %rax
  call *(%rax)
)");

namespace portc::illumos {
namespace {

constexpr char kDynamicLoader[] = "/lib64/ld-linux-x86-64.so.2";
constexpr char kInstalled[] = PORTC_LIBDIR "/portc/ld.so.1";
constexpr int kOurFault = 125, kCannotRun = 126, kNotFound = 127;  // env(1)'s codes

// The head of the guest's file outlives us: the runtime reads the program headers in it.
constinit Head guest_head;
constinit Head dynamic_loader_head;
constinit Place place;

void print(const char* text) {
  (void)sys::raw(SYS_write, 2, sys::arg(text), static_cast<long>(__builtin_strlen(text)));
}

[[noreturn]] void fail(int status, const char* who, const char* why) {
  print("ld.so.1: ");
  print(who);
  print(": ");
  print(why);
  print("\n");
  for (;;) (void)sys::raw(SYS_exit_group, status);
}

const char* describe_errno(int error) {
  switch (error) {
    case ENOENT:
      return "there is no such file";
    case EACCES:
      return "permission denied";
    case ENOEXEC:
      return "it is not a regular file";
    case EEXIST:
      return "its addresses are in use already";
    case ENOMEM:
      return "there is not enough memory";
    default:
      return "it cannot be read";
  }
}

[[noreturn]] void fail_errno(const char* who, int error) {
  fail(error == ENOENT ? kNotFound : kCannotRun, who, describe_errno(error));
}

int open_file(const char* path) {
  // Without a wait for somebody at the other end of a pipe.
  const long file = sys::raw(SYS_open, sys::arg(path), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) fail_errno(path, static_cast<int>(-file));
  return static_cast<int>(file);
}

Image read_image(const char* path, int file, Head& head) {
  if (const int r = read_head(file, head); r != 0) fail_errno(path, -r);
  Image image;
  Problem problem = check_header(head.bytes, head.length);
  if (problem == Problem::kNone)
    problem = check_segments(head.bytes, head.length, head.file_size, image);
  // The one file that is linked statically and all right is the dynamic loader itself.
  if (problem == Problem::kStatic && &head == &dynamic_loader_head) problem = Problem::kNone;
  if (problem != Problem::kNone) fail(kCannotRun, path, describe(problem));
  return image;
}

uint64_t map_file(const char* path, int file, const Image& image) {
  uint64_t base = 0;
  if (const int r = map_image(file, image, base); r != 0) fail_errno(path, -r);
  sys::close(file);
  return base;
}

void check_interpreter(const char* path, int file, const Image& image) {
  char name[kMaxInterpreter];
  const long size = static_cast<long>(image.interpreter->p_filesz);
  const long r = sys::raw(SYS_pread64, file, sys::arg(name), size,
                          static_cast<long>(image.interpreter->p_offset));
  if (r != size || !is_illumos_interpreter(name, static_cast<size_t>(size)))
    fail(kCannotRun, path, describe(Problem::kInterpreter));
}

[[noreturn]] void usage(int status) {
  print(
      "usage: ld.so.1 [--check] [--argv0 NAME] PROGRAM [ARG...]\n"
      "\n"
      "Starts an illumos program on Linux; portc-run(1) calls it, and finds programs by PATH.\n"
      "Installed as /lib/amd64/ld.so.1, it is called by the kernel. See portc-illumos(7).\n");
  for (;;) (void)sys::raw(SYS_exit_group, status);
}

bool is(const char* a, const char* b) {
  return __builtin_strlen(a) == __builtin_strlen(b) &&
         __builtin_memcmp(a, b, __builtin_strlen(a)) == 0;
}

// What is dropped from the front of argv is what was meant for us.
const char* take_options(Stack& stack) {
  char** words = stack.arguments();
  const size_t count = stack.argument_count();
  size_t at = 1;
  const char* name = nullptr;
  if (at < count && is(words[at], "--help")) usage(0);
  if (at < count && is(words[at], "--check")) {
    portc_handover.check = true;
    ++at;
  }
  if (at + 1 < count && is(words[at], "--argv0")) {
    name = words[at + 1];
    at += 2;
  }
  if (at >= count || words[at][0] == '-') usage(kOurFault);
  const char* program = words[at];
  if (name != nullptr) words[at] = const_cast<char*>(name);
  stack.drop_arguments(at);
  return program;
}

Image start_from_command_line(Stack& stack) {
  const char* program = take_options(stack);
  const int file = open_file(program);
  const Image image = read_image(program, file, guest_head);
  check_interpreter(program, file, image);
  portc_handover.base = map_file(program, file, image);
  portc_handover.program = program;
  stack.set(AT_EXECFN, reinterpret_cast<uint64_t>(program));
  return image;
}

// Where the kernel put a program that is not at its own addresses.
uint64_t base_of(const Elf64_Phdr* segments, size_t count) {
  for (size_t i = 0; i < count; ++i)
    if (segments[i].p_type == PT_PHDR)
      return reinterpret_cast<uint64_t>(segments) - segments[i].p_vaddr;
  return 0;
}

Image start_from_kernel(const Stack& stack) {
  const char* program = reinterpret_cast<const char*>(stack.value(AT_EXECFN));
  if (program == nullptr) program = "illumos program";
  if (stack.value(AT_SECURE) != 0)
    fail(kCannotRun, program, "set-user-ID illumos programs are not supported");
  const auto* segments = reinterpret_cast<const Elf64_Phdr*>(stack.value(AT_PHDR));
  const size_t count = stack.value(AT_PHNUM);
  Image image;
  // The kernel has mapped the segments, so the file is long enough for them.
  const Problem problem = segments == nullptr || count > kMaxSegments
                              ? Problem::kHeaders
                              : read_segments(segments, count, kMaxAddress, image);
  if (problem != Problem::kNone) fail(kCannotRun, program, describe(problem));
  portc_handover.base = base_of(segments, count);
  image.entry = stack.value(AT_ENTRY) - portc_handover.base;
  portc_handover.from_kernel = true;
  portc_handover.program = program;
  return image;
}

// The dynamic loader's entry, with the auxiliary vector telling it about the carrier.
uint64_t start_dynamic_loader(Stack& stack, const Image& guest) {
  const int file = open_file(kDynamicLoader);
  const Image image = read_image(kDynamicLoader, file, dynamic_loader_head);
  const uint64_t base = map_file(kDynamicLoader, file, image);
  Carrier carrier = {};
  if (!make_carrier(guest, portc_handover.base, place.runtime, kDynamicLoader, carrier))
    fail(kOurFault, portc_handover.program, describe_errno(ENOMEM));
  portc_runtime_start = carrier.start;
  stack.set(AT_PHDR, reinterpret_cast<uint64_t>(carrier.segments));
  stack.set(AT_PHNUM, carrier.segment_count);
  stack.set(AT_PHENT, sizeof(Elf64_Phdr));
  stack.set(AT_ENTRY, reinterpret_cast<uint64_t>(&portc_loader_leave));
  stack.set(AT_BASE, base);
  return base + image.entry;
}

}  // namespace
}  // namespace portc::illumos

// Nobody has told our own pointers where we were mapped. Before anything that has pointers in it.
extern "C" void portc_loader_relocate() {
  const uint64_t base = reinterpret_cast<uint64_t>(&__ehdr_start);
  uint64_t table = 0, size = 0;
  for (const Elf64_Dyn* entry = _DYNAMIC; entry->d_tag != DT_NULL; ++entry) {
    if (entry->d_tag == DT_RELA) table = base + entry->d_un.d_ptr;
    if (entry->d_tag == DT_RELASZ) size = entry->d_un.d_val;
  }
  const auto* relocation = reinterpret_cast<const Elf64_Rela*>(table);
  for (; size >= sizeof *relocation; size -= sizeof *relocation, ++relocation)
    *reinterpret_cast<uint64_t*>(base + relocation->r_offset) =
        base + static_cast<uint64_t>(relocation->r_addend);
}

// Returns where to go on; the stack is the dynamic loader's then.
extern "C" uint64_t portc_loader_main(uint64_t* vector) {
  using namespace portc::illumos;
  Stack stack(vector);
  const bool own = stack.value(AT_ENTRY) == reinterpret_cast<uint64_t>(&portc_loader_entry);
  const Image guest = own ? start_from_command_line(stack) : start_from_kernel(stack);
  if (!find_place(kInstalled, place))
    fail(kOurFault, portc_handover.program, "the runtime's folder has too long a name");
  portc_handover.entry = portc_handover.base + guest.entry;
  portc_handover.segments = guest.header;
  portc_handover.segment_count = guest.header_count;
  portc_handover.loader = place.loader;
  portc_handover.directory = place.directory;
  return start_dynamic_loader(stack, guest);
}
