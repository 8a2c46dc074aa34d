// SPDX-License-Identifier: MIT
#include "libportc/source/alert.h"

#include "libportc/base/kill_point.h"
#include "libportc/core/owner.h"

namespace portc {

Result<void> alert_set(Port& port, bool only_new, int32_t events, uint64_t user) {
  PortGuard guard(port);
  if (!guard) return Errno{guard.error()};
  PortHeader& header = port.segment.header();
  if (only_new && header.alert_on != 0 && !owner_is_dead(header.alert_owner)) return Errno{EBUSY};
  const uint32_t number = header.alert_count + 1;
  AlertRecord& record = header.alerts[number % kAlertRecords];
  record.events = events;
  record.user = user;
  kill_point("alert.written");
  header.alert_owner = owner_self();
  kill_point("alert.owned");
  header.alert_count = number;
  kill_point("alert.counted");
  header.alert_on = 1;
  kill_point("alert.on");
  port.rang = true;
  return {};
}

Result<void> alert_clear(Port& port) {
  PortGuard guard(port);
  if (!guard) return Errno{guard.error()};
  port.segment.header().alert_on = 0;
  return {};
}

void alert_end(Port& port, OwnerToken owner) {
  PortHeader& header = port.segment.header();
  if (header.alert_on != 0 && header.alert_owner == owner) header.alert_on = 0;
}

}  // namespace portc
