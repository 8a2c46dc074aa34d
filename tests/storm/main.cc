// SPDX-License-Identifier: MIT
//
// storm [--seconds N] [--rounds N] [--seed N] [--kind NAME] [--defect NAME] [--patience N]
//       [--point NAME] [--points] [--sweep] [--steps N]
//
// Rounds of a second or so, each with new ports and of one kind: who may be killed, and how the
// workers came by the ports. After each round:
//
//   - the retrievers, asleep, have got every event whose port_send returned, if only senders were
//     killed; and every event but those that killed retrievers held, otherwise
//   - none twice, and none that was not sent
//   - every worker has ended that was asked to
//   - every path works: as many events as the port has slots, in order; associations; the alert;
//     poll; another process
//   - no descriptor and no mapping is left
//
// --defect breaks the runtime in a way that has to be noticed. The closing line is "N passed, N
// failed", in rounds; the first that fails is the last. Exit status: 0, 1, or 2 for a bad call.
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <cstring>

#include "tests/storm/round.h"

namespace storm {

Options options;

namespace {

void conductor_is_stuck(int) {
  const char text[] =
      "    FAILS: nothing moves: a call of the conductor does not return\n"
      "0 passed, 1 failed\n";
  (void)!write(STDOUT_FILENO, text, sizeof text - 1);
  leave_at_once();
}

int conclude(uint64_t passed, uint64_t failed) {
  printf("%llu passed, %llu failed\n", static_cast<unsigned long long>(passed),
         static_cast<unsigned long long>(failed));
  fflush(stdout);
  if (failed != 0) leave_at_once();
  return passed != 0 ? 0 : 1;
}

int storm() {
  make_journal();
  map_journal();
  snprintf(journal->defect, sizeof journal->defect, "%s", options.defect);
  if (options.sweep) {
    const uint32_t offset =
        options.steps == 0 ? 0 : static_cast<uint32_t>(options.seed % options.steps);
    const Verdict verdict = sweep({options.patience * 1000 * kMillisecond, options.steps, offset});
    return conclude(verdict.passed, verdict.failed);
  }
  const int64_t until = now() + options.seconds * 1000 * kMillisecond;
  Chance chance(options.seed);
  uint64_t passed = 0, failed = 0;
  signal(SIGALRM, conductor_is_stuck);
  printf("storm: seed %llu\n", static_cast<unsigned long long>(options.seed));
  for (uint64_t i = 0; i < options.rounds && now() < until && failed == 0; ++i) {
    const uint32_t kind = options.kind < kKinds ? options.kind : static_cast<uint32_t>(i % kKinds);
    // The first round has the program's own seed, so that one that failed can be played alone.
    const uint64_t seed = i == 0 ? options.seed : chance.next() >> 32;
    ++(play(i + 1, seed, static_cast<Kind>(kind)) ? passed : failed);
  }
  if (options.points) print_points();
  print_totals();
  return conclude(passed, failed);
}

[[noreturn]] void usage() {
  fprintf(stderr,
          "usage: storm [--seconds N] [--rounds N] [--seed N] [--kind NAME] [--defect NAME]"
          " [--patience N] [--point NAME] [--points] [--sweep] [--steps N]\n");
  exit(2);
}

uint64_t number_in(const char* text) {
  char* end;
  errno = 0;
  const uint64_t value = strtoull(text, &end, 10);
  if (errno != 0 || *text == '\0' || *end != '\0') usage();
  return value;
}

uint32_t kind_named(const char* name) {
  for (uint32_t kind = 0; kind < kKinds; ++kind)
    if (strcmp(kind_names[kind], name) == 0) return kind;
  usage();
}

uint32_t point_named(const char* name) {
  for (uint32_t point = 0; point < point_count; ++point)
    if (strcmp(point_names[point], name) == 0) return point;
  usage();
}

void parse(int count, char** words) {
  options.seed = static_cast<uint64_t>(time(nullptr));
  for (int i = 1; i < count; ++i) {
    if (strcmp(words[i], "--points") == 0 || strcmp(words[i], "--sweep") == 0) {
      (words[i][2] == 'p' ? options.points : options.sweep) = true;
      continue;
    }
    if (i + 1 == count) usage();
    const char* value = words[++i];
    if (strcmp(words[i - 1], "--seconds") == 0)
      options.seconds = static_cast<int64_t>(number_in(value));
    else if (strcmp(words[i - 1], "--rounds") == 0)
      options.rounds = number_in(value);
    else if (strcmp(words[i - 1], "--seed") == 0)
      options.seed = number_in(value);
    else if (strcmp(words[i - 1], "--kind") == 0)
      options.kind = kind_named(value);
    else if (strcmp(words[i - 1], "--defect") == 0)
      options.defect = value;
    else if (strcmp(words[i - 1], "--point") == 0)
      options.point = point_named(value);
    else if (strcmp(words[i - 1], "--steps") == 0)
      options.sweep = true, options.steps = static_cast<uint32_t>(number_in(value));
    else if (strcmp(words[i - 1], "--patience") == 0)
      options.patience = static_cast<int64_t>(number_in(value));
    else
      usage();
  }
}

}  // namespace

}  // namespace storm

int main(int count, char** words) {
  using namespace storm;
  const bool executed = count == 3 && strcmp(words[1], "--executed") == 0;
  const bool passed = count == 3 && strcmp(words[1], "--passed") == 0;
  if (!executed && !passed) {
    parse(count, words);
    return storm::storm();
  }
  map_journal();
  worker_main(static_cast<uint32_t>(number_in(words[2])), passed ? kSocketNumber : -1);
}
