# SPDX-License-Identifier: MIT
"""Prints what libevent's test.sh said, one line "outcome<TAB>case" for each case.

    results.py LOG OUTPUT

LOG is what test.sh printed, with a line for each sample test. OUTPUT is what the tests printed;
regress has two parts in it, and in each a test begins with "group/name: " and is over when the
next one begins. regress itself tries some tests again, because they depend on how busy the
machine is, and counts the last attempt; so does this. Exit status 1 if one of the parts is not
complete.
"""

import pathlib
import re
import sys

SAMPLE = re.compile(r"^ (test-[a-z]+): ", re.MULTILINE)
PART = re.compile(r"^ (regress(?:_debug)?): ?\n", re.MULTILINE)
CASE = re.compile(r"^([a-z_0-9]+/[a-zA-Z_0-9/+-]+): ", re.MULTILINE)
# The last line of an attempt that another one follows.
RETRYING = re.compile(r"^  \[RETRYING ", re.MULTILINE)
# The closing lines of regress.
CLOSING = re.compile(r"^(?:\d+ tests ok\.|\d+/\d+ TESTS FAILED\.)", re.MULTILINE)


def outcome_of(text):
    """Judges what stands between a test's name and the next one's."""
    if re.search(r"^  \[\S+ FAILED\]", text, re.MULTILINE):
        return "failed"
    if re.search(r"\b(SKIPPED|DISABLED)$", text, re.MULTILINE):
        return "skipped"
    if re.search(r"\bOK$", text, re.MULTILINE):
        return "ok"
    return "failed"


def sample_outcome_of(text):
    """Judges what a sample test printed. One that finds no backend for it does nothing, and is OKAY."""
    if "no event mechanism available" in text:
        return "skipped"
    return "ok" if re.search(r"^OKAY", text, re.MULTILINE) else "failed"


def split(pattern, text):
    """Yields (name, what stands up to the next name)."""
    pieces = pattern.split(text)
    return zip(pieces[1::2], pieces[2::2])


def main(log, output):
    samples = list(split(SAMPLE, pathlib.Path(log).read_text(errors="replace")))
    parts = dict(split(PART, pathlib.Path(output).read_text(errors="replace")))
    for name, said in samples:
        print(sample_outcome_of(said), f"sample {name}", sep="\t")
    for part, text in parts.items():
        for case, said in split(CASE, text):
            if not RETRYING.search(said):
                print(outcome_of(said), f"{part} {case}", sep="\t")
    complete = set(parts) == {"regress", "regress_debug"} and all(map(CLOSING.search, parts.values()))
    return 0 if samples and complete else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
