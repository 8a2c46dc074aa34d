# SPDX-License-Identifier: MIT
"""Compares what programs' tests said on event ports, linked and preloaded, with what they say on
epoll; prints a table.

    compare.py PROGRAM... -- [BROKEN...]

BROKEN are the programs whose recipe came to no end. Each program's results lie in
build/programs/PROGRAM/results (lib.sh says in which form), and known.txt in its folder lists the
cases that its backend cannot pass, here or on illumos, with the reason.

A case counts as failed when it fails, or is missing, or is skipped, on event ports and passes on
epoll. One that fails on epoll too says nothing about event ports: it is listed, not counted; so
are the known ones, which also show what epoll says. A case name can occur more than once; it
counts as often as it occurs. The closing line is "N passed, N failed"; exit status 0 when nothing
failed and no program is broken.
"""

import collections
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
BUILD = HERE.parent.parent / "build" / "programs"
WAYS = ("linked", "preloaded")


class Run:
    """One program, one way: the cases by outcome, with multiplicity."""

    def __init__(self, program, way):
        results = BUILD / program / "results"
        self.way = way
        self.backend = (results / f"{way}.backend").read_text().strip()
        self.cases = {outcome: collections.Counter() for outcome in ("ok", "failed", "skipped")}
        for line in (results / f"{way}.tsv").read_text(errors="replace").splitlines():
            outcome, case = line.split("\t", 1)
            self.cases[outcome][case] += 1

    def __getitem__(self, outcome):
        return self.cases[outcome]


def read_known(program):
    """Returns {case: reason}. "= reason" begins a group, indented lines explain it, cases follow."""
    known, reason = {}, None
    path = HERE / program / "known.txt"
    for line in path.read_text().splitlines() if path.exists() else ():
        if line.startswith("= "):
            reason = line[2:].strip()
        elif line.strip() and not line.startswith(("#", "  ")):
            known[line.strip()] = reason
    return known


class Comparison:
    """One way of one program beside epoll."""

    def __init__(self, program, run, epoll, known):
        self.program, self.run, self.epoll = program, run, epoll
        lost = (epoll["ok"] - run["ok"]) | (run["failed"] - epoll["failed"])
        self.known = collections.Counter({c: n for c, n in lost.items() if c in known})
        self.failed = lost - self.known
        self.both = run["failed"] & epoll["failed"]
        self.reasons = known

    def row(self):
        return (self.program, self.run.backend, self.run.way,
                self.run["ok"].total(), self.failed.total(), self.known.total(),
                self.both.total(), self.run["skipped"].total(),
                self.epoll["ok"].total(), self.epoll["failed"].total(),
                self.epoll["skipped"].total())

    def print_details(self):
        title = f"{self.program} {self.run.way}"
        for case in sorted(self.known.elements()):
            print(f"  {title}: known ({self.reasons[case]}), passes on epoll: {case}")
        for case in sorted(self.both.elements()):
            print(f"  {title}: fails on epoll as well: {case}")
        for case in sorted(self.failed.elements()):
            print(f"  {title}: FAILS, and not on epoll: {case}")


HEADINGS = ("program", "backend", "way", "passed", "failed", "known", "both", "skipped",
            "passed", "failed", "skipped")


def print_table(rows):
    widths = [max(len(str(row[i])) for row in [HEADINGS, *rows]) for i in range(len(HEADINGS))]

    def line(row):
        cells = [str(cell).ljust(width) if i < 3 else str(cell).rjust(width)
                 for i, (cell, width) in enumerate(zip(row, widths))]
        return f"  {'  '.join(cells[:8])} | {'  '.join(cells[8:])}"

    before_epoll = len(line(HEADINGS).split("|")[0])
    print(f"\n{'on epoll'.rjust(before_epoll + len('| on epoll'))}")
    for row in [HEADINGS, *rows]:
        print(line(row))
    print("\n  known: cannot pass with that backend, see known.txt; both: fails on epoll as well\n")


def compare(program):
    """Returns the two comparisons of a program that ran to its end."""
    known = read_known(program)
    epoll = Run(program, "epoll")
    return [Comparison(program, Run(program, way), epoll, known) for way in WAYS]


def main(arguments):
    split = arguments.index("--")
    programs, broken = arguments[:split], set(arguments[split + 1:])
    comparisons = [c for p in programs if p not in broken for c in compare(p)]
    print_table([c.row() for c in comparisons])
    for comparison in comparisons:
        comparison.print_details()
    for program in sorted(broken):
        print(f"  {program}: FAILS: its recipe came to no end")
    empty = [c for c in comparisons if not c.run["ok"]]
    for comparison in empty:
        print(f"  {comparison.program} {comparison.run.way}: FAILS: nothing passed")
    failed = sum(c.failed.total() for c in comparisons) + len(broken) + len(empty)
    print(f"{sum(c.run['ok'].total() for c in comparisons)} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
