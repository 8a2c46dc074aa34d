# SPDX-License-Identifier: MIT
"""Compares two logs of Redis's runtest, one on event ports and one on epoll.

    compare.py UNITS EVPORT_LOG EPOLL_LOG

UNITS is how many test files each run should have finished. A test name can occur more than once;
it counts as often as it occurs. The closing line is "N passed, N failed"; the exit status is 0
when both runs were complete and no test failed on event ports alone.
"""

import collections
import re
import sys

OUTCOME = re.compile(r"^\[(ok|err|exception|timeout|skip|ignore)\]: (.*?)(?: \(\d+ ms\)| in tests/\S+)?$")
UNIT = re.compile(r"^\[ *\d+/\d+ done\]: (\S+) \((\d+) seconds\)")


class Run:
    """The outcome of one run: names by outcome, with multiplicity, and seconds by unit."""

    def __init__(self, path):
        self.outcomes = collections.defaultdict(collections.Counter)
        self.units = {}
        with open(path, encoding="utf-8", errors="replace") as log:
            for line in log:
                if match := UNIT.match(line):
                    self.units[match[1]] = int(match[2])
                elif match := OUTCOME.match(line.rstrip()):
                    self.outcomes[match[1]][match[2]] += 1

    @property
    def passed(self):
        return self.outcomes["ok"]

    @property
    def failed(self):
        return self.outcomes["err"] + self.outcomes["exception"] + self.outcomes["timeout"]


def print_units(evport, epoll):
    print(f"\n  {'unit':<28} {'event ports':>12} {'epoll':>8}")
    for name in sorted(evport.units | epoll.units):
        cells = [f"{run.units[name]} s" if name in run.units else "not done" for run in (evport, epoll)]
        print(f"  {name:<28} {cells[0]:>12} {cells[1]:>8}")
    print(f"  {'tests passed':<28} {evport.passed.total():>12} {epoll.passed.total():>8}")
    print(f"  {'tests failed':<28} {evport.failed.total():>12} {epoll.failed.total():>8}\n")


def print_tests(title, names):
    for name in sorted(names.elements()):
        print(f"  {title}: {name}")


def main(units, evport_log, epoll_log):
    evport, epoll = Run(evport_log), Run(epoll_log)
    print_units(evport, epoll)
    # What epoll passed and event ports did not, whether it failed there or was never reached.
    ours = epoll.passed - evport.passed
    # A test that fails only on event ports, and that epoll never came to.
    ours |= evport.failed - epoll.failed - epoll.passed
    both = evport.failed & epoll.failed
    print_tests("fails on event ports only", ours)
    print_tests("fails on epoll only", evport.passed - epoll.passed)
    print_tests("fails on both, not counted", both)
    incomplete = [kind for kind, run in (("event ports", evport), ("epoll", epoll))
                  if len(run.units) != int(units)]
    for kind in incomplete:
        print(f"  the run on {kind} did not finish all {units} units")
    print(f"{evport.passed.total()} passed, {ours.total() + len(incomplete)} failed")
    return 1 if ours or incomplete or not evport.passed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
