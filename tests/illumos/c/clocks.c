// SPDX-License-Identifier: MIT
//
// Clocks, and dates in a zone of the guest's choosing.
#include "check.h"
#include "guest_files.h"

static long nanoseconds(clockid_t clock) {
  struct timespec now = {0, 0};
  return clock_gettime(clock, &now) == 0 ? now.tv_sec * 1000000000L + now.tv_nsec : -1;
}

static void clocks(void) {
  struct timespec time;
  struct timeval now;
  const long before = gethrtime(), monotonic = nanoseconds(CLOCK_MONOTONIC);
  CHECK("monotonic", before <= monotonic && monotonic <= gethrtime());
  CHECK("realtime", gettimeofday(&now, NULL) == 0 && now.tv_sec >= nanoseconds(0) / 1000000000L &&
                        nanoseconds(CLOCK_REALTIME) >= now.tv_sec * 1000000000L);
  CHECK("process-time", nanoseconds(CLOCK_PROCESS_CPUTIME_ID) > 0 &&
                            nanoseconds(CLOCK_THREAD_CPUTIME_ID) > 0 &&
                            nanoseconds(CLOCK_VIRTUAL) > 0);
  CHECK("no-clock", clock_gettime(77, &time) == -1 && errno == EINVAL);
  CHECK("getres", clock_getres(CLOCK_REALTIME, &time) == 0 && time.tv_sec == 0);
  time = (struct timespec){0, 1};
  CHECK("nanosleep", clock_nanosleep(CLOCK_MONOTONIC, 0, &time, NULL) == 0);
  time.tv_nsec = -1;
  errno = 0;
  CHECK("nanosleep-error", clock_nanosleep(CLOCK_REALTIME, 0, &time, NULL) == EINVAL && errno == 0);
  CHECK("gettimeofday-null", gettimeofday(NULL, NULL) == 0);
}

// Room behind the date shows whether more than illumos's structure is written.
static struct {
  struct tm date;
  char fence[24];
} guarded;

static int untouched(void) {
  for (size_t i = 0; i < sizeof guarded.fence; ++i)
    if (guarded.fence[i] != 0x55) return 0;
  return 1;
}

static void dates(void) {
  char text[64];
  const time_t moment = 1000000000;  // 2001-09-09 01:46:40 UTC
  memset(guarded.fence, 0x55, sizeof guarded.fence);
  CHECK("gmtime", gmtime_r(&moment, &guarded.date) == &guarded.date &&
                      guarded.date.tm_year == 101 && guarded.date.tm_hour == 1 && untouched());
  CHECK("asctime", strcmp(asctime_r(&guarded.date, text), "Sun Sep  9 01:46:40 2001\n") == 0);
  setenv("TZ", "XST-3XDT,M3.5.0,M10.5.0", 1);
  tzset();
  CHECK("zone", timezone == -10800 && altzone == -14400 && daylight == 1 &&
                    strcmp(tzname[0], "XST") == 0 && strcmp(tzname[1], "XDT") == 0);
  CHECK("localtime", localtime_r(&moment, &guarded.date) != NULL && guarded.date.tm_hour == 5 &&
                         guarded.date.tm_isdst == 1 && untouched());
  CHECK("mktime", mktime(&guarded.date) == moment && untouched());
  CHECK("strftime", strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S %Z %z", &guarded.date) > 0 &&
                        strcmp(text, "2001-09-09 05:46:40 XDT +0400") == 0);
  CHECK("strptime", strptime("2010-02-03", "%Y-%m-%d", &guarded.date) != NULL &&
                        guarded.date.tm_year == 110 && guarded.date.tm_mday == 3 && untouched());
  setenv("TZ", "UTC0", 1);
  CHECK("zone-again", localtime(&moment)->tm_hour == 1 && timezone == 0);
}

int main(void) {
  clocks();
  dates();
  return check_status();
}
