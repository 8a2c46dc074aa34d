# SPDX-License-Identifier: MIT
"""Compares two logs of Redis's runtest, one on event ports and one on epoll.

    compare.py KNOWN EVPORT_LOG EPOLL_LOG UNIT...

KNOWN is known.txt; the UNITs are the test files that each run should have finished. A test name
can occur more than once; it counts as often as it occurs. The closing line is "N passed, N
failed"; the exit status is 0 when both runs were complete and nothing failed that counts.
"""

import collections
import re
import sys

OUTCOME = re.compile(r"^\[(ok|err|exception|timeout)\]: (.*?)(?: \(\d+ ms\)| in tests/\S+)?$")
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
UNIT = re.compile(r"^\[ *\d+/\d+ done\]: (\S+) \((\d+) seconds\)")


class Run:
    """The outcome of one run: names by outcome, with multiplicity, and seconds by unit."""

    def __init__(self, title, path, units):
        self.title = title
        self.units = {}
        outcomes = collections.defaultdict(collections.Counter)
        with open(path, encoding="utf-8", errors="replace") as log:
            for line in log:
                line = COLOUR.sub("", line).rstrip()
                if match := UNIT.match(line):
                    self.units[match[1]] = int(match[2])
                elif match := OUTCOME.match(line):
                    outcomes[match[1]][match[2]] += 1
        self.passed = outcomes["ok"]
        self.failed = outcomes["err"] + outcomes["exception"] + outcomes["timeout"]
        self.missing = [unit for unit in units if unit not in self.units]


def read_known(path):
    """Returns {test name: reason}."""
    known, reason = {}, None
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("= "):
                reason = line[2:].strip()
            elif line.strip() and not line.startswith(("#", "  ")):
                known[line.strip()] = reason
    return known


def print_summary(evport, epoll):
    rows = [(name, *(f"{run.units[name]} s" if name in run.units else "-" for run in (evport, epoll)))
            for name in sorted(evport.units | epoll.units)]
    rows.append(("tests passed", evport.passed.total(), epoll.passed.total()))
    rows.append(("tests failed", evport.failed.total(), epoll.failed.total()))
    print(f"\n  {'':<28} {'event ports':>12} {'epoll':>8}")
    for row in rows:
        print("  {:<28} {:>12} {:>8}".format(*row))
    print()


def excuse(evport, known):
    """Lists what failed as known.txt foresees, and returns it."""
    excused = collections.Counter({name: n for name, n in evport.failed.items() if name in known})
    for name in sorted(excused, key=lambda name: (known[name], name)):
        print(f"  fails on event ports, known ({known[name]}), not counted: {name}")
    return excused


def print_tests(title, names):
    for name in sorted(names.elements()):
        print(f"  {title}: {name}")


def main(known_path, evport_log, epoll_log, *units):
    evport, epoll = Run("event ports", evport_log, units), Run("epoll", epoll_log, units)
    print_summary(evport, epoll)
    excused = excuse(evport, read_known(known_path))
    # What epoll passed and event ports did not, whether it failed there or was never reached;
    # and what failed on event ports alone because epoll never came to it.
    ours = (epoll.passed - evport.passed) | (evport.failed - epoll.failed)
    ours -= excused
    print_tests("fails on both, not counted", (evport.failed & epoll.failed) - excused)
    print_tests("fails on epoll only", epoll.failed - evport.failed)
    print_tests("FAILS on event ports only", ours)
    missing = [(run.title, unit) for run in (evport, epoll) for unit in run.missing]
    for title, unit in missing:
        print(f"  FAILS to finish on {title}: {unit}")
    print(f"{evport.passed.total()} passed, {ours.total() + len(missing)} failed")
    return 1 if ours or missing or not evport.passed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
