#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Breaks the runtime for illumos programs in one place at a time, and has the C guests find it.

  canaries.py BUILD_FOLDER OBJECT...

A defect is a change of one source file or table, of which a copy is compiled and linked with the
OBJECTs of the runtime; nothing that is installed is touched. The guest named with it must fail, in
the check named with it. Without a change, all of these guests must pass. The compiler's and the
linker's commands are in CANARY_CXX and CANARY_LINK. The closing line is "N passed, N failed".
Exit status: 0 nothing failed; 1 something did; 2 wrong arguments.
"""

import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass

TOP = pathlib.Path(__file__).resolve().parents[2]
LIMIT_S = 60


@dataclass
class Defect:
    name: str
    path: str      # what is changed
    changes: dict  # regular expression: what stands there instead
    units: tuple   # what is compiled anew
    guest: str
    report: str    # a check that must fail, or what is said on standard error


def swapped(first, second, numbers):
    """The numbers of two names in a table change places."""
    one, other = numbers
    return {rf"(?m)^{first} {one}$": f"{first} {other}",
            rf"(?m)^{second} {other}$": f"{second} {one}"}


DEFECTS = (
    Defect("two error numbers", "illumos/tables/errno.tab",
           swapped("ETIMEDOUT", "ECONNREFUSED", (145, 146)), ("rt/errno",), "synchronisation",
           "failed (posix|sem)-timeout"),
    Defect("two signals", "illumos/tables/signals.tab", swapped("SIGUSR1", "SIGUSR2", (16, 17)),
           ("rt/signal_numbers",), "children", "failed system-killed"),
    Defect("two flags of open", "illumos/tables/open_flags.tab",
           swapped("O_EXCL", "O_NOCTTY", ("0x400", "0x800")), ("rt/open_flags",), "files",
           "failed create-again"),
    Defect("a family of addresses", "illumos/tables/address_family.tab",
           {r"(?m)^AF_INET6 26$": "AF_INET6 10"}, ("rt/socket_address",), "network",
           "failed bind6"),
    Defect("two clocks", "illumos/tables/clocks.tab",
           {r"(?m)^CLOCK_REALTIME 3$": "CLOCK_REALTIME 4",
            r"(?m)^CLOCK_MONOTONIC 4$": "CLOCK_MONOTONIC 3"}, ("rt/time",), "clocks",
           "failed (monotonic|realtime)"),
    Defect("an offset in stat", "illumos/abi/files.h",
           {r"  int64_t size;\n": "  int64_t hole = 0;\n  int64_t size;\n",
            r"char file_system\[16\]": "char file_system[8]",
            r"static_assert\(offsetof\(Stat.*\n": ""}, ("rt/stat",), "files", "failed fstat"),
    Defect("an offset in a control message", "illumos/abi/socket.h",
           {r"  uint32_t size;\n  int level;\n  int type;\n":
            "  uint32_t size;\n  int type;\n  int level;\n"}, ("rt/socket_message",), "sockets",
           "failed (sendmsg|recvmsg|passed)"),
    Defect("two registers", "illumos/abi/signal.h", {r"  kRip,\n  kCs,\n": "  kCs,\n  kRip,\n"},
           ("rt/signal_frames", "rt/contexts", "rt/signals"), "signals", "exit status 3"),
    Defect("no copied objects", "illumos/link/bind.cc",
           {r"return copy\(\*symbol, target\)": "return refuse(\"a copy\")"}, ("link/bind",),
           "files", "a copy"),
    Defect("no moved pointers", "illumos/link/bind.cc",
           {r"return store\(target, guest_\.base\(\) \+ addend\)": "return true"}, ("link/bind",),
           "relocations", "exit status -11"),
    Defect("no addend", "illumos/link/bind.cc",
           {r"return store\(target, absolute \+ addend\)": "return store(target, absolute)"},
           ("link/bind",), "relocations", "failed object"),
    Defect("an unknown kind of relocation", "illumos/link/bind.cc",
           {r"      case R_X86_64_GLOB_DAT:\n": ""}, ("link/bind",), "relocations",
           "a kind that is not known"),
    Defect("a name that is not there", "illumos/tables/symbols/strings.tab",
           {r"(?m)^strlcpy .*\n": ""}, ("link/symbols",), "basics", "strlcpy is not provided"),
    Defect("statuses of children", "illumos/rt/wait.cc",
           {r"return guest == kNoSignal \? host : guest;": "(void)guest; return host;"},
           ("rt/wait",), "children", "failed waitid-killed"),
    Defect("a timer's id in an event", "illumos/rt/ports.cc",
           {r"event\.portev_object = timer_object_to_guest\(event\.portev_object\);": ""},
           ("rt/ports",), "ports", "failed timer-event"),
    Defect("a key's destructor", "illumos/rt/thread_keys.cc", {r"    destructor\(value\);\n": ""},
           ("rt/thread_keys",), "threads", "failed key-destructor"),
    Defect("locks in forks", "illumos/rt/lock.cc",
           {r"pthread_atfork\(&hold_all, &release_all, &release_all\)":
            "(void)&hold_all, (void)&release_all"}, ("rt/lock",), "forks",
           "failed all-usable-in-children"),
)


class Runtime:
    """A folder with a loader and a runtime of its own."""

    def __init__(self, build, objects, folder):
        self.build, self.objects, self.folder = build, objects, folder
        shutil.copy(build / "lib/portc/ld.so.1", folder)

    def write_change(self, defect):
        text = (TOP / defect.path).read_text()
        for old, new in defect.changes.items():
            text, count = re.subn(old, new, text)
            if count == 0:
                raise ValueError(f"{defect.path} has nothing like {old}")
        path = self.folder / defect.path
        path.parent.mkdir(parents=True)
        path.write_text(text)

    def make_tables(self, defect):
        """What illumos/rules.mk makes of a table."""
        if not defect.path.endswith(".tab"):
            return
        where = pathlib.Path("illumos/tables")
        if "symbols" in defect.path:
            tables = [self.folder / defect.path if str(t.relative_to(TOP)) == defect.path else t
                      for t in sorted((TOP / where / "symbols").glob("*.tab"))]
            wanted = {"symbols": tables, "declarations": tables}
        else:
            wanted = {"numbers": [self.folder / defect.path]}
        for kind, tables in wanted.items():
            made = pathlib.Path(defect.path).stem if kind == "numbers" else kind
            with open(self.folder / where / f"{made}.inc", "w", encoding="utf-8") as output:
                subprocess.run([TOP / "illumos/gen/gen.py", kind, *tables], check=True,
                               stdout=output)

    def compile(self, unit):
        source = pathlib.Path(f"illumos/{unit}.cc")
        changed = self.folder / source
        output = self.folder / f"{source.stem}.o"
        subprocess.run([*shlex.split(os.environ["CANARY_CXX"]), "-iquote", self.folder, "-c", "-o",
                        output, changed if changed.exists() else source], cwd=TOP, check=True)
        return output

    def link(self, defect):
        fresh = {unit: self.compile(unit) for unit in defect.units}
        objects = [fresh.get(str(pathlib.Path(o).with_suffix("")).split("obj/illumos/")[1], o)
                   for o in self.objects]
        before, after = os.environ["CANARY_LINK"].split("OBJECTS")
        subprocess.run([*shlex.split(before), "-o", self.folder / "libportc-illumos.so", *objects,
                        *shlex.split(after)], cwd=TOP, check=True)

    def run(self, guest):
        """Its exit status, or -signal, and what it says, with a line about that."""
        arguments = ["one", "two"] if guest == "basics" else []
        try:
            result = subprocess.run(
                [self.folder / "ld.so.1", self.build / "tests/illumos/c" / guest, *arguments],
                text=True, check=False, timeout=LIMIT_S, stdin=subprocess.DEVNULL,
                capture_output=True, env={"GUEST": "yes", "PATH": "/usr/bin:/bin"})
        except subprocess.TimeoutExpired:
            return 1, "does not end"
        said = f"{result.stdout}{result.stderr}exit status {result.returncode}\n"
        return result.returncode, said


def find(defect, build, objects):
    """None if the guest reports the defect, or what is wrong."""
    with tempfile.TemporaryDirectory() as folder:
        runtime = Runtime(build, objects, pathlib.Path(folder))
        runtime.write_change(defect)
        runtime.make_tables(defect)
        runtime.link(defect)
        status, said = runtime.run(defect.guest)
    if status == 0:
        return f"{defect.guest} has nothing to report"
    if not re.search(defect.report, said):
        return f"{defect.guest} does not report {defect.report!r}:\n{said}"
    return None


def control(build, objects):
    """The guests that do not pass when nothing is broken."""
    with tempfile.TemporaryDirectory() as folder:
        runtime = Runtime(build, objects, pathlib.Path(folder))
        nothing = DEFECTS[0]
        (runtime.folder / "illumos").mkdir()
        runtime.link(nothing)
        guests = sorted({defect.guest for defect in DEFECTS})
        return [guest for guest in guests if runtime.run(guest)[0] != 0]


def main(arguments):
    if len(arguments) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    build, objects = pathlib.Path(arguments[0]).resolve(), arguments[1:]
    failed = 0
    bad = control(build, objects)
    print("FAILED  without a defect: " + " ".join(bad) if bad else "ok      without a defect")
    failed += bool(bad)
    for defect in DEFECTS:
        wrong = find(defect, build, objects)
        name = f"planted: {defect.name}"
        print(f"FAILED  {name}: {wrong}" if wrong else f"ok      {name}", flush=True)
        failed += wrong is not None
    print(f"{len(DEFECTS) + 1 - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
