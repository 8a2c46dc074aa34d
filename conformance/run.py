# SPDX-License-Identifier: MIT
"""Runs the conformance programs: one pytest case per target and assertion.

`make conformance` calls this with PORTC_BUILD (the build directory), PORTC_REPORT (the report to
write) and, in sanitizer modes, PORTC_SANITIZER (the runtime to preload first).
`run.py missing` prints the required assertions that have no test, and fails when there are any.
"""

import json
import os
import pathlib
import subprocess
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
BUILD = pathlib.Path(os.environ.get("PORTC_BUILD", "build/release")).resolve()
REPORT = pathlib.Path(os.environ.get("PORTC_REPORT", "build/conformance.json"))
SANITIZER = os.environ.get("PORTC_SANITIZER")
SECONDS = 45  # beyond the alarm that every test sets itself

RESULTS = {0: "pass", 1: "fail", 2: "unresolved", 77: "skip"}


def numbers(name):
    """The numbers in a file of `number [word]` lines, with their words."""
    lines = (line.partition("#")[0].split() for line in (HERE / name).read_text().splitlines())
    return {int(fields[0]): " ".join(fields[1:]) for fields in lines if fields}


def assertions():
    """Number, priority, file and sentence of every test in the program."""
    listing = subprocess.run(
        [BUILD / "conformance/linked", "--list"], capture_output=True, text=True, check=True
    )
    return [line.split("\t") for line in listing.stdout.splitlines()]


def command(target, number):
    """How a test of a target is started."""
    program = [str(BUILD / "conformance" / target), number]
    if target == "preloaded" and not SANITIZER:
        return [str(BUILD / "bin/portc-run"), *program]
    return program


def environment(target):
    env = dict(os.environ)
    if SANITIZER:
        # Leaks cannot be told in a forked child, which keeps copies of everything.
        env.setdefault("ASAN_OPTIONS", "detect_leaks=0")
        env.setdefault("TSAN_OPTIONS", "die_after_fork=0")
        if target == "preloaded":
            env["LD_PRELOAD"] = f"{SANITIZER}:{BUILD / 'lib/portc/portc-preload.so'}"
    return env


def tagged(output, tag):
    """The words of the `TAG: word` lines."""
    return [line[len(tag) + 2 :] for line in output.splitlines() if line.startswith(tag + ": ")]


def record(target, number, priority, status, output):
    entry = {"assertion": int(number), "target": target, "priority": int(priority)}
    entry["result"] = RESULTS.get(status, "fail")
    for tag in ("OUTCOME", "DEVIATION", "SKIP"):
        words = tagged(output, tag)
        if words:
            entry[tag.lower()] = words[0] if len(words) == 1 else words
    return entry


@pytest.fixture(scope="session", name="report")
def fixture_report():
    entries = []
    yield entries
    entries.sort(key=lambda entry: (entry["assertion"], entry["target"]))
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_text(json.dumps(entries, indent=1) + "\n")


def pytest_generate_tests(metafunc):
    cases, ids = [], []
    for target in ("linked", "preloaded"):
        for number, priority, file, _ in assertions():
            cases.append((target, number, priority))
            ids.append(f"{target}-{pathlib.Path(file).parent.name}-{int(number):03}")
    metafunc.parametrize("target,number,priority", cases, ids=ids)


def test_assertion(target, number, priority, report):
    try:
        done = subprocess.run(
            command(target, number),
            env=environment(target),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        report.append(record(target, number, priority, None, ""))
        pytest.fail(f"no end after {SECONDS} s", pytrace=False)
    status = done.returncode
    if status == 0 and done.stdout.splitlines()[-1:] != ["EXIT-SUCCESS"]:
        status = 1
    decided = numbers("decided.txt").get(int(number))
    outcomes = tagged(done.stdout, "OUTCOME")
    if status == 0 and decided and outcomes != [decided]:
        status = 1
        done.stderr += f"outcome {outcomes}, but libportc decided for {decided}"
    report.append(record(target, number, priority, status, done.stdout))
    if status == 77:
        pytest.skip(" ".join(tagged(done.stdout, "SKIP")))
    if status != 0:
        pytest.fail(f"exit status {status}\n{done.stdout}{done.stderr}", pytrace=False)


def missing():
    have = {int(number) for number, *_ in assertions()}
    absent = sorted(set(numbers("required.txt")) - have)
    if absent:
        print("required assertions without a test:", *absent)
    else:
        print("every required assertion has a test")
    return 1 if absent else 0


if __name__ == "__main__":
    sys.exit(missing() if sys.argv[1:] == ["missing"] else __doc__)
