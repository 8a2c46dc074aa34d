# SPDX-License-Identifier: MIT
"""Prints the outcome of each test of a JUnit report, as the transparency suites write it.

    junit.py REPORT

One line for each test: outcome (ok, failed, skipped), a tab, and the test's name. A report that
is not there, because the program ended before it was written, has no tests.
"""

import os
import sys
import xml.etree.ElementTree


def outcome_of(case):
    tags = {child.tag for child in case}
    if tags & {"failure", "error"}:
        return "failed"
    return "skipped" if "skipped" in tags else "ok"


def name_of(case):
    return ".".join(filter(None, (case.get("classname"), case.get("name")))).removeprefix("test.")


def main(path):
    if os.path.exists(path):
        for case in xml.etree.ElementTree.parse(path).iter("testcase"):
            print(f"{outcome_of(case)}\t{name_of(case)}")


if __name__ == "__main__":
    main(*sys.argv[1:])
