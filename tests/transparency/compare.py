# SPDX-License-Identifier: MIT
"""Compares the outcome of suites without the preload object and with it, case by case.

    compare.py KNOWN FOLDER SUITE...

Reads FOLDER/SUITE.plain and FOLDER/SUITE.preloaded: lines of outcome (ok, failed, skipped), case,
and, if there is one, what else has to be the same, with tabs between them. KNOWN is known.txt. A
case that occurs more than once counts as often as it occurs. A case differs if it is not in both
files, or not with the same outcomes. Cases that fail both ways say nothing about the preload
object; they are listed, and not counted, like those of known.txt that differ.

The closing line is "N passed, N failed": N cases succeeded both ways, N differ or could not be
compared. The exit status is 0 when none do, and some cases succeeded in each suite.
"""

import collections
import pathlib
import sys

OUTCOMES = ("ok", "failed", "skipped")


class Suite:
    """The cases of one suite, by what came of the comparison."""

    def __init__(self, name, folder, known):
        self.name = name
        plain, preloaded = (read_cases(folder / f"{name}.{kind}") for kind in ("plain", "preloaded"))
        self.missing = plain is None or preloaded is None
        self.same = {outcome: [] for outcome in OUTCOMES}
        self.known, self.different = [], []
        if not self.missing:
            for case in sorted(plain.keys() | preloaded.keys()):
                self.sort_out(case, plain.get(case, []), preloaded.get(case, []), known)

    def sort_out(self, case, plain, preloaded, known):
        if plain == preloaded:
            self.same[worst(plain)].append((case, plain))
        elif f"{self.name}: {case}" in known:
            self.known.append((case, known[f"{self.name}: {case}"]))
        else:
            self.different.append((case, plain, preloaded))

    @property
    def failures(self):
        """How much of the suite speaks against the preload object, or says nothing at all."""
        return len(self.different) + (self.missing or not self.same["ok"])

    def row(self):
        counts = [len(self.same[outcome]) for outcome in OUTCOMES]
        counts += [len(self.known), len(self.different)]
        return (self.name, sum(counts), *counts)


def worst(outcomes):
    return max((outcome for outcome, _ in outcomes), key=("skipped", "ok", "failed").index)


def read_cases(path):
    """Returns {case: sorted [(outcome, detail)]}, or None if the suite has left no such file."""
    if not path.exists():
        return None
    cases = collections.defaultdict(list)
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        outcome, case, *detail = line.split("\t")
        if outcome not in OUTCOMES:
            raise SystemExit(f"{path}: no such outcome: {outcome}")
        cases[case].append((outcome, *detail))
    return {case: sorted((o[0], " ".join(o[1:])) for o in outcomes) for case, outcomes in cases.items()}


def read_known(path):
    """Returns {"suite: case": reason}."""
    known, reason = {}, None
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("= "):
            reason = line[2:].strip()
        elif line.strip() and not line.startswith(("#", "  ")):
            known[line.strip()] = reason
    return known


def described(outcomes):
    return " and ".join(f"{outcome} ({detail})" if detail else outcome
                        for outcome, detail in outcomes) or "not run"


def print_details(suite):
    if suite.missing:
        print(f"  {suite.name} FAILS to be complete")
    elif not suite.same["ok"]:
        print(f"  {suite.name} FAILS to have a case that succeeds")
    for case, outcomes in suite.same["failed"]:
        print(f"  {suite.name}: fails both ways, not counted: {case}: {described(outcomes)}")
    for case, reason in suite.known:
        print(f"  {suite.name}: differs, known ({reason}), not counted: {case}")
    for case, plain, preloaded in suite.different:
        print(f"  {suite.name}: DIFFERS: {case}: {described(plain)}; preloaded: {described(preloaded)}")


def print_table(suites):
    titles = ("suite", "cases", "ok", "failed both ways", "skipped", "known", "DIFFERENT")
    print()
    for row in (titles, *(suite.row() for suite in suites)):
        print("  {:<12} {:>6} {:>6} {:>17} {:>8} {:>6} {:>10}".format(*row))


def main(known_path, folder, *names):
    known = read_known(pathlib.Path(known_path))
    suites = [Suite(name, pathlib.Path(folder), known) for name in names]
    for suite in suites:
        print_details(suite)
    print_table(suites)
    failed = sum(suite.failures for suite in suites)
    print(f"{sum(len(suite.same['ok']) for suite in suites)} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
