#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Breaks what runs illumos programs in one place at a time, and has the tests find it.

  canaries.py BUILD_FOLDER OBJECT...

A defect is a change of one source file or table, of which a copy is compiled and linked with the
OBJECTs, the runtime's and the loader's; nothing that is installed is touched. The guest named with
it, or loader/test_loader.py, must fail in the check named with it. Without a change, all of these
must pass. The compiler's and the linker's commands are in CANARY_CXX and CANARY_LINK, and for the
loader in CANARY_LOADER_CXX and CANARY_LOADER_LINK, with OBJECTS where these go. The closing line
is "N passed, N failed". Exit status: 0 nothing failed; 1 something did; 2 wrong arguments.
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
LOADER_TEST = TOP / "tests/illumos/loader/test_loader.py"


@dataclass
class Defect:
    name: str
    path: str      # what is changed
    changes: dict  # regular expression: what stands there instead
    units: tuple   # what is compiled anew
    guest: str     # or LOADER, whose test runs
    report: str    # a check that must fail, or what is said on standard error


def swapped(first, second, numbers):
    """The numbers of two names in a table change places."""
    one, other = numbers
    return {rf"(?m)^{first} {one}$": f"{first} {other}",
            rf"(?m)^{second} {other}$": f"{second} {one}"}


LOADER = ""
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
    Defect("who holds a lock in a fork child", "illumos/rt/threads.cc",
           {r"if \(!across_processes\) return .*;": "(void)across_processes;"}, ("rt/threads",),
           "endings", "failed fork-by-first"),
    Defect("what is ignored by default", "illumos/rt/signals.cc",
           {r"  catch_nudges\(\);\n  signal_word": "  signal_word"}, ("rt/signals",), "endings",
           "exit status -16"),
    Defect("32-bit programs", "illumos/elf/image.cc",
           {r"  if \(ident\[EI_CLASS\] == ELFCLASS32\) return .*\n": ""}, ("elf/image",), LOADER,
           r"FAILED .*test_damaged\[32 bits\]"),
    Defect("programs of Linux", "illumos/loader/main.cc",
           {r"  check_interpreter\(program, file, image\);\n": "  (void)&check_interpreter;\n"},
           ("loader/main",), LOADER, r"FAILED .*test_linux_program\b"),
    Defect("the program's name", "illumos/loader/main.cc",
           {r"  if \(name != nullptr\) words.*\n": "  (void)name;\n"}, ("loader/main",), LOADER,
           r"FAILED .*test_name\b"),
    Defect("set-user-ID programs", "illumos/loader/main.cc",
           {r"stack\.value\(AT_SECURE\) != 0": "false"}, ("loader/main",), LOADER,
           r"FAILED .*test_set_user_id\b"),
)


def is_loaders(thing):
    return "obj/loader/" in thing


class Runtime:
    """A folder with what a build has of all this: a loader and a runtime of its own, and links."""

    def __init__(self, build, objects, folder):
        self.build, self.objects, self.folder = build, objects, folder
        (folder / "lib/portc").mkdir(parents=True)
        (folder / "bin").mkdir()
        for name in ("lib/portc/ld.so.1", "lib/portc/libportc-illumos.so", "bin/portc-run"):
            shutil.copy(build / name, folder / name)
        for name in ("lib/libportc.so.1", "lib/portc/portc-preload.so", "tests"):
            (folder / name).symlink_to(build / name)

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

    def compile(self, unit, command):
        source = pathlib.Path(f"illumos/{unit}.cc")
        changed = self.folder / source
        output = self.folder / f"{source.stem}.o"
        subprocess.run([*shlex.split(command), "-iquote", self.folder, "-c", "-o",
                        output, changed if changed.exists() else source], cwd=TOP, check=True)
        return output

    def link(self, defect):
        loader = defect.guest == LOADER
        kind, name = ("CANARY_LOADER", "ld.so.1") if loader else ("CANARY", "libportc-illumos.so")
        fresh = {unit: self.compile(unit, os.environ[f"{kind}_CXX"]) for unit in defect.units}
        objects = [fresh.get(str(pathlib.Path(o).with_suffix("")).split("/illumos/")[1], o)
                   for o in self.objects if is_loaders(o) == loader]
        before, after = os.environ[f"{kind}_LINK"].split("OBJECTS")
        subprocess.run([*shlex.split(before), "-o", self.folder / "lib/portc" / name, *objects,
                        *shlex.split(after)], cwd=TOP, check=True)

    def run(self, guest):
        """Its exit status, or -signal, and what it says, with a line about that."""
        if guest == LOADER:
            command = [sys.executable, "-B", "-m", "pytest", "-q", "-p", "no:cacheprovider",
                       LOADER_TEST]
        else:
            arguments = ["one", "two"] if guest == "basics" else []
            command = [self.folder / "lib/portc/ld.so.1", self.folder / "tests/illumos/c" / guest,
                       *arguments]
        try:
            result = subprocess.run(command, text=True, check=False, timeout=LIMIT_S,
                                    stdin=subprocess.DEVNULL, capture_output=True,
                                    env={"GUEST": "yes", "PATH": "/usr/bin:/bin:/usr/sbin:/sbin",
                                         "PORTC_BUILD": str(self.folder)})
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
        return "nothing is reported"
    if not re.search(defect.report, said):
        return f"{defect.report!r} is not reported:\n{said}"
    return None


def control(build, objects):
    """The guests that do not pass when nothing is broken."""
    with tempfile.TemporaryDirectory() as folder:
        runtime = Runtime(build, objects, pathlib.Path(folder))
        for defect in (DEFECTS[0], DEFECTS[-1]):  # a unit of each, as it is
            runtime.link(defect)
        guests = sorted({defect.guest for defect in DEFECTS})
        return [guest or "the loader" for guest in guests if runtime.run(guest)[0] != 0]


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
