# SPDX-License-Identifier: MIT
"""Reads the log of Redis's runtest on standard input and prints "outcome<TAB>case" lines.

    outcomes.py UNIT...

The UNITs are the test files that the run should have finished: one that it did not is a failed
case of its own. The psync2 tests repeat themselves for some seconds with roles drawn by lot, and
name themselves by these: all that differ only in numbers are one case.
"""

import re
import sys

OUTCOME = re.compile(r"^\[(ok|err|exception|timeout|ignore|skip)\]: (.*?)"
                     r"(?: \(\d+ ms\)| in tests/\S+)?$")
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
UNIT = re.compile(r"^\[ *\d+/\d+ done\]: (\S+) \(\d+ seconds\)")
NAMES = {"ok": "ok", "ignore": "skipped", "skip": "skipped"}


def main(units):
    done, drawn = set(), {}
    for line in sys.stdin:
        line = COLOUR.sub("", line).rstrip()
        if match := UNIT.match(line):
            done.add(match[1])
        elif match := OUTCOME.match(line):
            outcome, case = NAMES.get(match[1], "failed"), match[2]
            if case.startswith("PSYNC2"):
                case = re.sub(r"\d+", "N", case)
                drawn[case] = "failed" if "failed" in (outcome, drawn.get(case)) else outcome
            else:
                print(f"{outcome}\t{case}")
    for case, outcome in drawn.items():
        print(f"{outcome}\t{case}")
    for unit in units:
        print(f"{'ok' if unit in done else 'failed'}\t{unit} ran to its end")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
