#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""run.py BUILD: runs tests/faults and judges what it prints.

Each failure must leave everything usable, and give an error that the call's manual page lists; and
the program must find the defects of planted.c. Exit status: 0 if so, 1 if not, 2 if the kernel does
not let system calls be trapped.
"""

import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

# What the scenes' calls may fail with beside what our pages say: of other people's functions.
# A port that a process has not met is portc(7), "Sharing a port between processes".
OTHERS = {
    "close": set(),
    "dup": {"EMFILE"},
    "poll": set(),
    "fstat": set(),
    "sendmsg": {"EMFILE", "ENFILE", "ENOBUFS", "ENOMEM", "ETOOMANYREFS"},
    "recvmsg": set(),
    "attach": {"EMFILE", "ENFILE", "ENOMEM"},
    "timer_gettime": set(),
    "timer_delete": set(),
    "aio_suspend": {"EAGAIN", "EINTR"},
    "aio_cancel": set(),
    "lio_listio": {"EIO", "EAGAIN"},
    "timer_settime": {"EAGAIN"},
}
PAGES = ("port_create", "port_associate", "port_get", "port_send", "port_alert")
SECTIONS = ("timer_create", "aio_read", "mq_notify")

# Which defect of planted.c shows in which scene, and as what.
PLANTED = {
    1: ("create another", "descriptors are as before"),
    2: ("create another", "pages more are mapped"),
    3: ("create another", "failed EIO"),
    4: ("associate", "count == kSlots"),
    5: ("associate", "port_get"),
    6: ("execute and get", "scene->act"),
    7: ("send", "record->error == kCanary"),
}


def errors_of(text):
    """The errors of a page's or a section's list."""
    return {
        name
        for line in re.findall(r"^\.It Bq (Er .*)$", text, re.M)
        for name in re.findall(r"E[A-Z0-9]+", line)
    }


def documented():
    """For each call, the errors that it may fail with."""
    known = dict(OTHERS)
    for page in PAGES:
        text = Path("man", page + ".3").read_text(encoding="utf-8")
        known[page] = errors_of(re.search(r"^\.Sh ERRORS$(.*?)^\.Sh ", text, re.M | re.S).group(1))
    text = Path("man/sigev_port.7").read_text(encoding="utf-8")
    for section in SECTIONS:
        part = re.search(rf"^\.Ss {section}.*?$(.*?)^\.S[hs] ", text, re.M | re.S).group(1)
        known[section] = errors_of(part)
    return known


def run(program, *arguments):
    """The lines that it prints, as lists of fields."""
    with tempfile.TemporaryFile("w+") as errors:
        done = subprocess.run(
            [program, *arguments], stdout=subprocess.PIPE, stderr=errors, text=True, check=False
        )
        if done.returncode != 0:
            errors.seek(0)
            sys.stderr.write(errors.read())
            sys.exit(2 if done.returncode == 2 else 1)
    return [line.split("\t") for line in done.stdout.splitlines()]


def fault_of(fields, known):
    """What is wrong with a line; None if nothing is."""
    outcome = fields[6]
    if outcome.startswith("wrong "):
        return outcome
    if outcome.startswith("failed ") and outcome.split()[1] not in known[fields[1]]:
        return f"{outcome}, which is not documented for {fields[1]}"
    return None


def judge(lines, known):
    """Prints what is wrong; how many lines are."""
    count = 0
    for fields in lines:
        fault = fault_of(fields, known)
        if fault is None:
            continue
        count += 1
        scene, _, position, how, number, error, _ = fields
        print(f"{scene}: failure {position} ({how}, system call {number}, {error}): {fault}")
    return count


def check_planted(program, defect, known):
    """True if the defect is found, as what it is."""
    scene, sign = PLANTED[defect]
    faults = [fault_of(fields, known) for fields in run(f"{program}-{defect}", "--only", scene)]
    if any(fault is not None and sign in fault for fault in faults):
        return True
    print(f"planted defect {defect} was not found in {scene!r}")
    return False


def main():
    """Runs everything."""
    folder = Path(sys.argv[1], "tests/faults").resolve()
    os.chdir(Path(__file__).parents[2])
    known = documented()
    names = [line[0] for line in run(folder / "faults", "--list")]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        planted = folder / "planted"
        found = list(pool.map(lambda defect: check_planted(planted, defect, known), PLANTED))
        lines = sum(pool.map(lambda name: run(folder / "faults", "--only", name), names), [])
    failures = judge(lines, known) + found.count(False)
    injected = sum(1 for fields in lines if fields[2] != "0")
    print(f"{len(names)} scenes, {injected} failures of system calls, {len(found)} planted defects")
    print(f"{len(lines) + len(found) - failures} passed, {failures} failed")
    return 1 if failures or injected < 500 else 0


if __name__ == "__main__":
    sys.exit(main())
