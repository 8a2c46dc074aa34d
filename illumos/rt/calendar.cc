// SPDX-License-Identifier: MIT
//
// Dates. Linux's struct tm has the zone behind what illumos's has, so each is converted.
//
// Sources: illumos ctime(3C), mktime(3C), strftime(3C), <time.h>.
#include <cstring>
#include <ctime>

#include "illumos/abi/process.h"
#include "illumos/rt/data.h"
#include "illumos/rt/environment.h"
#include "illumos/rt/errno.h"
#include "illumos/rt/objects.h"

char* il_tzname[2];
long il_timezone;
long il_altzone;
int il_daylight;

namespace portc::illumos {
namespace {

static_assert(offsetof(tm, tm_isdst) == offsetof(abi::Tm, daylight_saving));

constexpr long kHour = 3600;

void publish_zone() {
  auto& names = guest_object("tzname", il_tzname);
  names[0] = tzname[0];
  names[1] = tzname[1];
  guest_object("timezone", il_timezone) = timezone;
  guest_object("altzone", il_altzone) = daylight != 0 ? timezone - kHour : timezone;
  guest_object("daylight", il_daylight) = daylight;
}

void set_zone() {
  lend_environment();
  tzset();
  publish_zone();
}

tm to_host(const abi::Tm& guest) {
  tm host = {};
  memcpy(&host, &guest, sizeof guest);
  const bool summer = guest.daylight_saving > 0;
  host.tm_gmtoff = (summer ? kHour : 0) - timezone;
  host.tm_zone = tzname[summer];
  return host;
}

void to_guest(const tm& host, abi::Tm* guest) { memcpy(guest, &host, sizeof *guest); }

abi::Tm* result(const tm* host, abi::Tm* guest) {
  if (host == nullptr) {
    set_guest_errno();
    return nullptr;
  }
  to_guest(*host, guest);
  return guest;
}

// What the functions without _r return.
thread_local abi::Tm own_tm;

time_t made(time_t time, const tm& host, abi::Tm* guest) {
  if (time == -1) set_guest_errno();
  to_guest(host, guest);
  return time;
}

}  // namespace
}  // namespace portc::illumos

using namespace portc::illumos;

extern "C" {

void il_tzset() { set_zone(); }

abi::Tm* il_localtime_r(const time_t* time, abi::Tm* guest) {
  tm host;
  return result(localtime_r(time, &host), guest);
}

abi::Tm* il_localtime(const time_t* time) {
  set_zone();
  return il_localtime_r(time, &own_tm);
}

abi::Tm* il_gmtime_r(const time_t* time, abi::Tm* guest) {
  tm host;
  return result(gmtime_r(time, &host), guest);
}

abi::Tm* il_gmtime(const time_t* time) { return il_gmtime_r(time, &own_tm); }

time_t il_mktime(abi::Tm* guest) {
  set_zone();
  tm host = to_host(*guest);
  const time_t time = mktime(&host);
  return made(time, host, guest);
}

time_t il_timegm(abi::Tm* guest) {
  tm host = to_host(*guest);
  const time_t time = timegm(&host);
  return made(time, host, guest);
}

char* il_asctime_r(const abi::Tm* guest, char* buffer) {
  const tm host = to_host(*guest);
  return asctime_r(&host, buffer);
}

char* il_asctime(const abi::Tm* guest) {
  const tm host = to_host(*guest);
  return asctime(&host);
}

char* il_ctime(const time_t* time) {
  set_zone();
  return ctime(time);
}

size_t il_strftime(char* buffer, size_t size, const char* format, const abi::Tm* guest) {
  const tm host = to_host(*guest);
  return strftime(buffer, size, format, &host);
}

char* il_strptime(const char* text, const char* format, abi::Tm* guest) {
  tm host = to_host(*guest);
  char* end = strptime(text, format, &host);
  if (end != nullptr) to_guest(host, guest);
  return end;
}

}  // extern "C"
