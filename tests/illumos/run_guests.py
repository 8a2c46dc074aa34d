#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Runs the C guests and counts their checks.

  run_guests.py PORTC_RUN GUEST...

A guest prints "ok NAME" or "failed NAME: ..." for each check and exits with 0 or 1; one that dies
otherwise has failed once more. Prints what failed, then "N passed, N failed".
"""

import pathlib
import subprocess
import sys

LIMIT_S = 60
ARGUMENTS = {"basics": ["one", "two"]}


def run(portc_run, guest):
    name = pathlib.Path(guest).name
    try:
        result = subprocess.run([portc_run, guest, *ARGUMENTS.get(name, [])], text=True,
                                check=False, timeout=LIMIT_S, stdin=subprocess.DEVNULL,
                                env={"GUEST": "yes", "PATH": "/usr/bin:/bin"}, capture_output=True)
    except subprocess.TimeoutExpired:
        return 0, [f"{name}: does not end"]
    lines = result.stdout.splitlines()
    passed = sum(line.startswith("ok ") for line in lines)
    failed = [f"{name}: {line}" for line in lines if line.startswith("failed ")]
    if result.returncode != (1 if failed else 0) or passed == 0:
        failed.append(f"{name}: exit status {result.returncode}: {result.stderr.strip()}")
    return passed, failed


def main(arguments):
    if len(arguments) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    passed, failed = 0, []
    for guest in arguments[1:]:
        ok, bad = run(arguments[0], guest)
        passed += ok
        failed += bad
    for line in failed:
        print(line)
    print(f"{passed} passed, {len(failed)} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
