#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Runs the C programs of the other suites under valgrind's memcheck.

    run.py BUILD short|all

A case passes when the program passes, memcheck reports no error and no definite leak in it and in
what it forks, and the program itself leaves no descriptor open. known.supp has what memcheck takes
for errors, left_out.txt the cases that are not for valgrind; both say why. The closing line is
"N passed, N failed"; the exit status is 0 when nothing failed.
"""

import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
SECONDS = 300
ERROR = 99  # the exit status of a program with errors

# The short form: of each folder of the conformance tests the first few, and what has threads.
SHORT_OF_FOLDER = 2
SHORT_CASES = ("jump_out_of_handler", "wakes_the_cancelled", "jump_out_of_suspend", "spawns")
CANARIES = {
    "freed": r"Invalid read.*port_sendn",
    "undefined": r"uninitialised.*port_alert",
    "leaked": r"definitely lost",
    "open": r"left open: .*/dev/null",
}
PROGRAMS = ("tests/threads/cancelled", "tests/threads/crowd", "tests/threads/forking")


def lines_of(command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()


def left_out():
    text = (HERE / "left_out.txt").read_text()
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    return {" ".join(line.split()) for line in lines if line}


def conformance_cases(build, short):
    seen = {}
    for line in lines_of([build / "conformance/linked", "--list"]):
        number, _, file, _ = line.split("\t")
        folder = pathlib.Path(file).parent.name
        seen[folder] = seen.get(folder, 0) + 1
        if not short or seen[folder] <= SHORT_OF_FOLDER:
            yield "conformance/linked", number


def program_cases(build, short):
    for program in PROGRAMS:
        for name in lines_of([build / program, "--list"]):
            if not short or name in SHORT_CASES:
                yield program, name


def descriptors_left(log):
    """Those that the program did not inherit, of the list at the end."""
    entries = re.findall(r"Open (?:AF_\w+ socket|file descriptor) (.*)\n==\d+==    (.*)", log)
    return [what for what, where in entries if "<inherited" not in where]


def without_remarks(log):
    """What is left of a log when the list of descriptors and valgrind's own remarks are not."""
    kept, in_list = [], False
    for line in log.splitlines():
        text = re.sub(r"^==\d+== ?", "", line)
        if text.startswith(("FILE DESCRIPTORS:", "Open file descriptor", "Open AF_")):
            in_list = True
        elif text.strip() and not text.startswith("  "):
            in_list = False
        if line.startswith(("==", "valgrind:")) and text.strip() and not in_list:
            kept.append(line)
    return "\n".join(kept)


def play(build, program, case):
    """The reports about one case; empty if it passes."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["valgrind", "--quiet", f"--error-exitcode={ERROR}", "--leak-check=full"]
        command += ["--show-leak-kinds=definite", "--errors-for-leak-kinds=definite"]
        command += ["--track-fds=yes", f"--suppressions={HERE / 'known.supp'}"]
        command += [f"--log-file={folder}/%p", str(build / program), case]
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, errors="replace") as process:
            try:
                output, _ = process.communicate(timeout=SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                output = f"no end after {SECONDS} s"
        reports = []
        if process.returncode not in (0, 77):
            reports.append(f"exit status {process.returncode}\n{output}")
        for log in sorted(pathlib.Path(folder).iterdir()):
            text = log.read_text(errors="replace")
            errors = without_remarks(text)
            if errors:
                reports.append(errors)
            if log.name == str(process.pid):
                reports += [f"left open: {what}" for what in descriptors_left(text)]
        return reports


def main():
    build, form = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2]
    short = form == "short"
    refused = left_out()
    cases = [*conformance_cases(build, short), *program_cases(build, short)]
    cases = [case for case in cases if " ".join(case) not in refused]
    cases += [("tests/valgrind/canary", name) for name in (*CANARIES, "clean")]
    passed = failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for (program, name), reports in zip(cases, pool.map(lambda case: play(build, *case), cases)):
            report = "\n".join(reports)
            wanted = CANARIES.get(name) if program.endswith("canary") else None
            good = re.search(wanted, report, re.DOTALL) if wanted else not report
            passed, failed = passed + bool(good), failed + (not good)
            print("ok     " if good else "FAILED ", program, name, flush=True)
            if not good:
                print(report)
    print(f"{passed} passed, {failed} failed")
    return failed != 0 or passed == 0


if __name__ == "__main__":
    sys.exit(main())
