// SPDX-License-Identifier: MIT
#include "libportc/core/limits.h"

#include <cstdlib>
#include <cstring>

namespace portc {
namespace {

constexpr uint32_t kDefaultEvents = 65536;  // illumos: process.max-port-events
constexpr uint32_t kDefaultPorts = 8192;    // illumos: project.max-port-ids
constexpr uint32_t kMostPorts = 65536;

uint32_t number(const char* name, uint32_t most, uint32_t otherwise) {
  const char* text = secure_getenv(name);
  if (text == nullptr || *text == '\0') return otherwise;
  uint64_t value = 0;
  for (; *text != '\0'; ++text) {
    if (*text < '0' || *text > '9') return otherwise;
    value = value * 10 + static_cast<uint64_t>(*text - '0');
    if (value > most) return otherwise;
  }
  return value == 0 ? otherwise : static_cast<uint32_t>(value);
}

// What PORTC_REARM forces.
void force(PortLimits& limits) {
  const char* mode = secure_getenv("PORTC_REARM");
  if (mode == nullptr) return;
  if (strcmp(mode, "level") == 0) limits.rearm = Rearm::kLevel;
  if (strcmp(mode, "oneshot") == 0) limits.rearm = Rearm::kOneShot;
  if (strcmp(mode, "shared") == 0) limits.shared = true;
  if (strcmp(mode, "exact") == 0) limits.exact = true;
}

}  // namespace

PortLimits limits_now() {
  PortLimits limits = {number("PORTC_MAX_EVENTS", kMaxSlots, kDefaultEvents),
                       number("PORTC_MAX_PORTS", kMostPorts, kDefaultPorts),
                       number("PORTC_EXACT", 1, 0) != 0, false, Rearm::kAuto};
  force(limits);
  return limits;
}

}  // namespace portc
