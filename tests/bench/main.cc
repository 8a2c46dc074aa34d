// SPDX-License-Identifier: MIT
//
// bench: measures libportc against what one would write without it.
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include <algorithm>
#include <cmath>

#include "tests/bench/bench.h"
#include "tests/bench/support.h"

namespace portc::bench {
namespace {

constexpr char kHelp[] =
    "Usage: bench [OPTION]...\n"
    "Measure libportc against a reference in the same run; ratios below 1 are faster.\n"
    "\n"
    "  --list          list the rows and exit\n"
    "  --only ID       only this row or group (B8, B1.k16); repeatable, or separated by commas\n"
    "  --json FILE     also write the results to FILE\n"
    "  --rounds N      measured rounds per row, at least 5 (7)\n"
    "  --seconds S     time per row (1)\n"
    "  --in-process    no process per row, for debuggers and profilers\n"
    "  --strict        fail if a row is over its bar, or one with a bar was not measured\n"
    "  --help          show this help\n"
    "\n"
    "Verdicts: \"target\" for a ratio at or under the target, \"bar\" for one at or under the "
    "bar,\n"
    "OVER, \"info\" for rows without a bar, and n/a with the reason for what was not measured.\n";

struct Options {
  Effort effort;
  std::vector<std::string> only;
  std::string json;
  bool list = false;
  bool strict = false;
};

void split_commas(const std::string& text, std::vector<std::string>& out) {
  size_t start = 0;
  while (start <= text.size()) {
    const size_t end = std::min(text.find(',', start), text.size());
    if (end > start) {
      out.push_back(text.substr(start, end - start));
    }
    start = end + 1;
  }
}

[[noreturn]] void usage_error(const char* text) {
  fprintf(stderr, "bench: %s; see bench --help\n", text);
  exit(2);
}

constexpr option kLong[] = {{"list", no_argument, nullptr, 'l'},
                            {"only", required_argument, nullptr, 'o'},
                            {"json", required_argument, nullptr, 'j'},
                            {"rounds", required_argument, nullptr, 'r'},
                            {"seconds", required_argument, nullptr, 's'},
                            {"in-process", no_argument, nullptr, 'i'},
                            {"strict", no_argument, nullptr, 'S'},
                            {"help", no_argument, nullptr, 'h'},
                            {nullptr, 0, nullptr, 0}};

void apply(int letter, Options& options) {
  switch (letter) {
    case 'l':
      options.list = true;
      return;
    case 'o':
      split_commas(optarg, options.only);
      return;
    case 'j':
      options.json = optarg;
      return;
    case 'r':
      options.effort.rounds = atoi(optarg);
      return;
    case 's':
      options.effort.seconds = atof(optarg);
      return;
    case 'i':
      options.effort.isolated = false;
      return;
    case 'S':
      options.strict = true;
      return;
    case 'h':
      fputs(kHelp, stdout);
      exit(0);
    default:
      usage_error("unknown option");
  }
}

Options parse(int argc, char** argv) {
  Options options;
  int letter;
  while ((letter = getopt_long(argc, argv, "", kLong, nullptr)) != -1) {
    apply(letter, options);
  }
  if (optind != argc) {
    usage_error("unexpected argument");
  }
  if (options.effort.rounds < 5 || !(options.effort.seconds > 0)) {
    usage_error("too little effort");
  }
  return options;
}

bool starts_with(const std::string& text, const std::string& prefix) {
  return text.compare(0, prefix.size(), prefix) == 0;
}

bool is_selected(const Scenario& scenario, const std::vector<std::string>& only) {
  for (const std::string& id : only) {
    if (scenario.id == id || starts_with(scenario.id, id + ".")) {
      return true;
    }
  }
  return only.empty();
}

Scenarios collect() {
  Scenarios all;
  add_fd_loop(all);
  add_peers(all);
  add_fd_scale(all);
  add_fd_threads(all);
  add_user(all);
  add_flood(all);
  add_ping_pong(all);
  add_timers(all);
  add_aio(all);
  add_files(all);
  add_lifetime(all);
  add_preload(all);
  return all;
}

// A row that could not be measured makes the worst unknown, so it is the worst.
Result worst(const Scenario& scenario, const std::vector<Row>& rows) {
  Result out;
  for (const Row& row : rows) {
    if (!starts_with(row.scenario->id, scenario.worst_of)) {
      continue;
    }
    if (!row.result.measured) {
      out = row.result;
      out.note = row.scenario->id + ": " + row.result.note;
      return out;
    }
    if (!out.measured || row.result.ratio > out.ratio) {
      out = row.result;
      out.note = row.scenario->id;
    }
  }
  return out;
}

int run(const Scenarios& selected, const Options& options) {
  std::vector<Row> rows;
  bool missed = false;
  print_head();
  for (const Scenario& scenario : selected) {
    const Result result =
        scenario.worst_of.empty() ? measure(scenario, options.effort) : worst(scenario, rows);
    rows.push_back(Row{&scenario, result});
    print_row(rows.back());
    missed |= !std::isnan(scenario.bar) && (!result.measured || is_over(scenario, result));
  }
  print_foot();
  if (!options.json.empty() && !write_json(options.json, rows, options.effort)) {
    fprintf(stderr, "bench: cannot write %s\n", options.json.c_str());
    return 2;
  }
  return missed && options.strict ? 1 : 0;
}

int bench_main(int argc, char** argv) {
  const Options options = parse(argc, argv);
  processors();  // before anything is pinned
  Scenarios selected;
  for (const Scenario& scenario : collect()) {
    if (is_selected(scenario, options.only)) {
      selected.push_back(scenario);
    }
  }
  if (selected.empty()) {
    usage_error("no such row");
  }
  if (options.list) {
    print_list(selected);
    return 0;
  }
  return run(selected, options);
}

}  // namespace
}  // namespace portc::bench

int main(int argc, char** argv) { return portc::bench::bench_main(argc, argv); }
