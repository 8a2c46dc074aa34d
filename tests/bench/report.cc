// SPDX-License-Identifier: MIT
//
// The table for people and the JSON for programs.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/utsname.h>

#include "tests/bench/bench.h"
#include "tests/bench/support.h"

namespace portc::bench {
namespace {

std::string number(double value) {
  if (isnan(value)) {
    return "-";
  }
  char text[32];
  snprintf(text, sizeof text, value < 0.1 ? "%.3f" : "%.2f", value);
  return text;
}

std::string verdict(const Scenario& scenario, const Result& result) {
  if (!result.measured) {
    return "n/a";
  }
  if (isnan(scenario.bar)) {
    return "info";
  }
  if (is_over(scenario, result)) {
    return "OVER";
  }
  return result.ratio > scenario.target ? "bar" : "target";
}

std::string json_string(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += ' ';
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::string json_number(double value) {
  if (!isfinite(value)) {
    return "null";
  }
  char text[32];
  snprintf(text, sizeof text, "%.4g", value);
  return text;
}

std::string json_row(const Row& row) {
  const Scenario& s = *row.scenario;
  const Result& r = row.result;
  const auto field = [](const char* key, const std::string& value) {
    return std::string("\"") + key + "\": " + value;
  };
  std::string out = "    {" + field("id", json_string(s.id));
  out += ", " + field("name", json_string(s.name));
  out += ", " + field("reference", json_string(s.reference));
  out += ", " + field("ratio", json_number(r.measured ? r.ratio : kNone));
  out += ", " + field("min", json_number(r.measured ? r.min : kNone));
  out += ", " + field("max", json_number(r.measured ? r.max : kNone));
  out += ", " + field("target", json_number(s.target));
  out += ", " + field("bar", json_number(s.bar));
  out += ", " + field("peer", s.peer ? "true" : "false");
  out += ", " + field("subject_ns", json_number(r.subject_ns));
  out += ", " + field("reference_ns", json_number(r.reference_ns));
  return out + ", " + field("note", json_string(r.note)) + "}";
}

double load() {
  double last_minute = kNone;
  return getloadavg(&last_minute, 1) == 1 ? last_minute : kNone;
}

}  // namespace

void print_list(const Scenarios& all) {
  for (const Scenario& s : all) {
    printf("%-22s %6s %6s  %s / %s\n", s.id.c_str(), number(s.target).c_str(),
           number(s.bar).c_str(), s.name.c_str(), s.reference.c_str());
  }
}

void print_head() {
  printf("%-22s %-47s %-39s %6s %6s %6s %7s %6s  %s\n", "id", "scenario", "reference", "ratio",
         "min", "max", "target", "bar", "verdict");
}

void print_row(const Row& row) {
  const Scenario& s = *row.scenario;
  const Result& r = row.result;
  const double none = kNone;
  printf("%-22s %-47s %-39s %6s %6s %6s %7s %6s  %s", s.id.c_str(), s.name.c_str(),
         s.reference.c_str(), number(r.measured ? r.ratio : none).c_str(),
         number(r.measured ? r.min : none).c_str(), number(r.measured ? r.max : none).c_str(),
         number(s.target).c_str(), number(s.bar).c_str(), verdict(s, r).c_str());
  if (!r.note.empty()) {
    printf(": %s", r.note.c_str());
  }
  printf("\n");
  fflush(stdout);
}

void print_foot() {
  const double wanting = load();
  if (wanting > static_cast<double>(processors().size()) + 1) {
    printf(
        "The load is %.1f on %zu processors: expect wide ranges, above all where threads or\n"
        "processes wake each other.\n",
        wanting, processors().size());
  }
}

bool write_json(const std::string& path, const std::vector<Row>& rows, const Effort& effort) {
  FILE* file = fopen(path.c_str(), "we");
  if (file == nullptr) {
    return false;
  }
  utsname system{};
  uname(&system);
  fprintf(file, "{\n  \"version\": %s,\n  \"kernel\": %s,\n  \"processors\": %zu,\n",
          json_string(PORTC_VERSION).c_str(), json_string(system.release).c_str(),
          processors().size());
  fprintf(file, "  \"load\": %s,\n", json_number(load()).c_str());
  fprintf(file, "  \"rounds\": %d,\n  \"rows\": [\n", effort.rounds);
  for (size_t i = 0; i < rows.size(); i++) {
    fprintf(file, "%s%s\n", json_row(rows[i]).c_str(), i + 1 < rows.size() ? "," : "");
  }
  fprintf(file, "  ]\n}\n");
  const bool written = ferror(file) == 0;
  return fclose(file) == 0 && written;
}

}  // namespace portc::bench
