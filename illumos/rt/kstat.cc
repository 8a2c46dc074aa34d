// SPDX-License-Identifier: MIT
//
// The kernel's statistics: the few that programs ask for to learn about the processors and for
// how long the system has run. The chain is made by kstat_open and read by kstat_read.
// Source: illumos <kstat.h>, <sys/kstat.h>, kstat(3KSTAT).
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include "illumos/rt/errno.h"

namespace portc::illumos {
namespace {

constexpr size_t kNameSize = 31;

struct Named {
  char name[kNameSize];
  uint8_t type;
  union {
    char characters[16];
    uint32_t u32;
    uint64_t u64;
    struct {
      const char* text;
      uint32_t size;
    } string;
  };
};
static_assert(sizeof(Named) == 48 && offsetof(Named, u64) == 32);

struct Kstat {
  int64_t created;
  Kstat* next;
  int id;
  char module[kNameSize];
  uint8_t reserved;
  int instance;
  char name[kNameSize];
  uint8_t type;
  char class_name[kNameSize];
  uint8_t flags;
  Named* data;
  unsigned count;
  size_t size;
  int64_t taken;
  void* internal[4];
};
static_assert(sizeof(Kstat) == 184 && offsetof(Kstat, data) == 120);
static_assert(offsetof(Kstat, taken) == 144);

struct Control {
  int chain;
  Kstat* first;
  int device;
};
static_assert(sizeof(Control) == 24);

enum : uint8_t { kUint32 = 2, kInt64 = 3, kUint64 = 4, kString = 9 };
constexpr uint8_t kTypeNamed = 1;

int64_t now() {
  timespec time = {};
  (void)clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * int64_t{1000000000} + time.tv_nsec;
}

void copy_name(char (&to)[kNameSize], const char* from) { snprintf(to, sizeof to, "%s", from); }

constexpr size_t kMost = 8;  // values in one

struct Entry {
  Kstat kstat;
  Named values[kMost];
  char text[128];

  void put(const char* name, uint8_t type, uint64_t value) {
    Named& named = values[kstat.count++];
    copy_name(named.name, name);
    named.type = type;
    named.u64 = value;
  }
};
static_assert(offsetof(Entry, kstat) == 0);

// A line "LABEL : value" of /proc/cpuinfo.
void read_brand(char* to, size_t size) {
  to[0] = '\0';
  FILE* file = fopen("/proc/cpuinfo", "re");
  char line[256];
  while (file != nullptr && fgets(line, sizeof line, file) != nullptr) {
    if (strncmp(line, "model name", 10) != 0) continue;
    const char* value = strchr(line, ':');
    snprintf(to, size, "%s", value != nullptr ? value + 2 : "");
    to[strcspn(to, "\n")] = '\0';
    break;
  }
  if (file != nullptr) (void)fclose(file);
}

unsigned read_megahertz() {
  FILE* file = fopen("/proc/cpuinfo", "re");
  char line[256];
  double value = 0;
  while (file != nullptr && fgets(line, sizeof line, file) != nullptr)
    if (sscanf(line, "cpu MHz : %lf", &value) == 1) break;
  if (file != nullptr) (void)fclose(file);
  return static_cast<unsigned>(value);
}

struct Ticks {
  unsigned long user, nice, kernel, idle, wait, interrupts;
};

Ticks read_ticks(int processor) {
  Ticks ticks = {};
  char label[16], line[256];
  snprintf(label, sizeof label, "cpu%d ", processor);
  FILE* file = fopen("/proc/stat", "re");
  while (file != nullptr && fgets(line, sizeof line, file) != nullptr) {
    if (strncmp(line, label, strlen(label)) != 0) continue;
    (void)sscanf(line + strlen(label), "%lu %lu %lu %lu %lu %lu", &ticks.user, &ticks.nice,
                 &ticks.kernel, &ticks.idle, &ticks.wait, &ticks.interrupts);
    break;
  }
  if (file != nullptr) (void)fclose(file);
  return ticks;
}

void read_system(Entry& entry) {
  timespec running = {};
  (void)clock_gettime(CLOCK_BOOTTIME, &running);
  double load[3] = {};
  (void)getloadavg(load, 3);
  entry.put("ncpus", kUint32, static_cast<uint64_t>(sysconf(_SC_NPROCESSORS_ONLN)));
  entry.put("boot_time", kUint32, static_cast<uint64_t>(time(nullptr) - running.tv_sec));
  entry.put("clk_intr", kUint32,
            static_cast<uint64_t>(running.tv_sec * sysconf(_SC_CLK_TCK) +
                                  running.tv_nsec / (1000000000 / sysconf(_SC_CLK_TCK))));
  const char* const names[] = {"avenrun_1min", "avenrun_5min", "avenrun_15min"};
  for (int i = 0; i < 3; ++i) entry.put(names[i], kUint32, static_cast<uint64_t>(load[i] * 256));
}

void read_processor(Entry& entry) {
  read_brand(entry.text, sizeof entry.text);
  entry.put("state", 0, 0);
  snprintf(entry.values[0].characters, sizeof entry.values[0].characters, "on-line");
  entry.put("clock_MHz", kInt64, read_megahertz());
  entry.put("brand", kString, 0);
  entry.values[2].string = {entry.text, static_cast<uint32_t>(strlen(entry.text) + 1)};
  entry.put("chip_id", kInt64, 0);
  entry.put("core_id", kInt64, static_cast<uint64_t>(entry.kstat.instance));
}

void read_times(Entry& entry) {
  const Ticks ticks = read_ticks(entry.kstat.instance);
  entry.put("cpu_ticks_user", kUint64, ticks.user + ticks.nice);
  entry.put("cpu_ticks_kernel", kUint64, ticks.kernel);
  entry.put("cpu_ticks_idle", kUint64, ticks.idle);
  entry.put("cpu_ticks_wait", kUint64, ticks.wait);
  entry.put("intr", kUint64, ticks.interrupts);
}

bool add(Control& control, const char* module, int instance, const char* name, const char* kind) {
  auto* entry = static_cast<Entry*>(calloc(1, sizeof(Entry)));
  if (entry == nullptr) return false;
  Kstat& kstat = entry->kstat;
  copy_name(kstat.module, module);
  copy_name(kstat.name, name);
  copy_name(kstat.class_name, kind);
  kstat.instance = instance;
  kstat.type = kTypeNamed;
  Kstat** end = &control.first;
  for (; *end != nullptr; end = &(*end)->next) ++kstat.id;
  *end = &kstat;
  return true;
}

void drop_all(Kstat* first) {
  while (first != nullptr) {
    Kstat* next = first->next;
    free(first);
    first = next;
  }
}

bool add_all(Control& control) {
  bool ok = add(control, "unix", 0, "system_misc", "misc");
  const long processors = sysconf(_SC_NPROCESSORS_ONLN);
  for (int i = 0; ok && i < processors; ++i) {
    char name[kNameSize];
    snprintf(name, sizeof name, "cpu_info%d", i);
    ok = add(control, "cpu_info", i, name, "misc") && add(control, "cpu", i, "sys", "misc");
  }
  return ok;
}

}  // namespace
}  // namespace portc::illumos

using namespace portc::illumos;

extern "C" Control* il_kstat_open() {
  auto* control = static_cast<Control*>(calloc(1, sizeof(Control)));
  if (control == nullptr || !add_all(*control)) {
    if (control != nullptr) drop_all(control->first);
    free(control);
    (void)fail(ENOMEM);
    return nullptr;
  }
  control->chain = 1;
  control->device = -1;
  return control;
}

extern "C" int il_kstat_close(Control* control) {
  drop_all(control->first);
  free(control);
  return 0;
}

extern "C" int il_kstat_chain_update(Control*) { return 0; }

// Null and -1 stand for any.
extern "C" Kstat* il_kstat_lookup(Control* control, const char* module, int instance,
                                  const char* name) {
  for (Kstat* at = control->first; at != nullptr; at = at->next) {
    if (module != nullptr && strcmp(module, at->module) != 0) continue;
    if (instance != -1 && instance != at->instance) continue;
    if (name == nullptr || strcmp(name, at->name) == 0) return at;
  }
  (void)fail(ENOENT);
  return nullptr;
}

extern "C" int il_kstat_read(Control* control, Kstat* kstat, void* copy) {
  auto& entry = *reinterpret_cast<Entry*>(kstat);
  memset(entry.values, 0, sizeof entry.values);
  kstat->count = 0;
  if (strcmp(kstat->module, "unix") == 0)
    read_system(entry);
  else if (strcmp(kstat->module, "cpu") == 0)
    read_times(entry);
  else
    read_processor(entry);
  kstat->data = entry.values;
  kstat->size = kstat->count * sizeof(Named);
  kstat->taken = now();
  if (copy != nullptr) memcpy(copy, entry.values, kstat->size);
  return control->chain;
}

extern "C" Named* il_kstat_data_lookup(Kstat* kstat, const char* name) {
  for (unsigned i = 0; kstat->data != nullptr && i < kstat->count; ++i)
    if (strcmp(kstat->data[i].name, name) == 0) return &kstat->data[i];
  (void)fail(ENOENT);
  return nullptr;
}
