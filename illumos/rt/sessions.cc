// SPDX-License-Identifier: MIT
//
// Who is logged in, and when the system was started: utmpx.
// Source: illumos <utmpx.h>, getutxent(3C).
#include <utmpx.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "illumos/rt/errno.h"

namespace portc::illumos {
namespace {

struct Utmpx {
  char user[32];
  char id[4];
  char line[32];
  int process;
  int16_t type;
  int16_t termination, exit;
  int64_t seconds, microseconds;
  int session;
  int pad[5];
  int16_t host_size;
  char host[257];
};
static_assert(sizeof(Utmpx) == 384 && offsetof(Utmpx, type) == 72);
static_assert(offsetof(Utmpx, seconds) == 80 && offsetof(Utmpx, host) == 122);

// The two that tell of a change of the clock are the other way round.
short type_to(short type) {
  if (type == OLD_TIME) return NEW_TIME;
  return type == NEW_TIME ? short{OLD_TIME} : type;
}

Utmpx* found(const utmpx* host) {
  static Utmpx entry;
  if (host == nullptr) return nullptr;
  memset(&entry, 0, sizeof entry);
  memcpy(entry.user, host->ut_user, sizeof entry.user);
  memcpy(entry.id, host->ut_id, sizeof entry.id);
  memcpy(entry.line, host->ut_line, sizeof entry.line);
  entry.process = host->ut_pid;
  entry.type = type_to(host->ut_type);
  entry.termination = host->ut_exit.e_termination;
  entry.exit = host->ut_exit.e_exit;
  entry.seconds = host->ut_tv.tv_sec;
  entry.microseconds = host->ut_tv.tv_usec;
  entry.session = static_cast<int>(host->ut_session);
  memcpy(entry.host, host->ut_host, sizeof host->ut_host);
  entry.host_size = static_cast<int16_t>(strnlen(entry.host, sizeof entry.host));
  return &entry;
}

utmpx wanted(const Utmpx& guest) {
  utmpx host = {};
  host.ut_type = type_to(guest.type);
  memcpy(host.ut_id, guest.id, sizeof host.ut_id);
  memcpy(host.ut_line, guest.line, sizeof host.ut_line);
  return host;
}

}  // namespace
}  // namespace portc::illumos

using namespace portc::illumos;

extern "C" Utmpx* il_getutxent() { return found(getutxent()); }

extern "C" Utmpx* il_getutxid(const Utmpx* like) {
  const utmpx host = wanted(*like);
  return found(getutxid(&host));
}

extern "C" Utmpx* il_getutxline(const Utmpx* like) {
  const utmpx host = wanted(*like);
  return found(getutxline(&host));
}

extern "C" Utmpx* il_pututxline(const Utmpx*) {
  (void)fail(EPERM);
  return nullptr;
}
