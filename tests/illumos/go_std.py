#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Runs the tests of Go's standard library as illumos programs, and natively, and compares them.

  go_std.py FOLDER PORTC_RUN [PACKAGE...]

Each package's test program is made by `go test -c` for Linux and for illumos, in FOLDER, once, and
run in a copy of the package's sources, around which stands what surrounds them in Go's tree. A test
that passes natively must pass as an illumos program; go_known.txt lists the exceptions, with
reasons. One that fails or is skipped natively is of no account, and one that is not in the illumos
program, because its source file is for Linux only, is counted apart. Prints a line for each
package, then what failed, then "N passed, N failed".
Exit status: 0 nothing failed; 1 something did; 2 wrong arguments.
"""

import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import sys
import zipfile

HERE = pathlib.Path(__file__).parent
# The parts of `runtime` that need no Go tools at run time.
RUNTIME = ("^Test(Chan|Select|Timer|GC|Async|Preempt|Signal|Goroutine|Stack|Gosched|Lock|Sync|Yield|"
           "Mem|Map|Defer|Recursive|Finalizer|Periodic|Tiny|NonblockRecv|MultiConsumer|Pseudo|"
           "Caller|Panic|Recover|Rwmutex|RWMutex|Parallel|String|Slice|Append|Memmove|Memclr|"
           "Float|Complex|Hash|Smhasher|Env|Numgoroutine|NumGoroutine|ReadMemStats|Netpoll)")
PACKAGES = {
    "sync": "", "syscall": "", "internal/poll": "", "io/fs": "", "path/filepath": "", "os": "",
    "os/exec": "", "os/signal": "", "time": "", "net": "", "net/http": "", "runtime": RUNTIME,
}
WAYS = ("native", "illumos")
# The tests' own limit is ten minutes; a suite that hangs ends with it.
LIMIT = "-test.timeout=10m"
RESULT = re.compile(r"^\s*--- (PASS|FAIL|SKIP): (\S+)", re.MULTILINE)


def go(*words, **environment):
    return subprocess.run(["go", *words], check=True, text=True, stdout=subprocess.PIPE,
                          env={**os.environ, "CGO_ENABLED": "0", **environment}).stdout.strip()


def make_zone_info(path):
    """The archive of time zones that belongs to Go's tree, and that distributions leave out."""
    zones = pathlib.Path("/usr/share/zoneinfo")
    path.parent.mkdir(parents=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for zone in sorted(zones.rglob("[A-Z]*")):
            if zone.is_file() and zone.read_bytes()[:4] == b"TZif":
                archive.write(zone, zone.relative_to(zones))


def make_tree(goroot, package, tree):
    """Go's tree by links, but for a copy of the package's folder, which is returned."""
    shutil.rmtree(tree, ignore_errors=True)
    real, place = goroot, tree
    for part in ("src", *package.split("/")):
        place.mkdir(parents=True)
        for entry in real.iterdir():
            if entry.name != part:
                (place / entry.name).symlink_to(entry)
        real, place = real / part, place / part
    shutil.copytree(real, place, symlinks=True)
    if not (tree / "lib").exists():
        make_zone_info(tree / "lib/time/zoneinfo.zip")
    return place


class Package:
    def __init__(self, name, top):
        self.name = name
        self.folder = top / name.replace("/", "_")

    def program(self, way):
        return self.folder / f"{way}.test"

    def build(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        for way in WAYS:
            if not self.program(way).exists():
                go("test", "-c", "-o", str(self.program(way).absolute()), self.name,
                   GOOS="linux" if way == "native" else "illumos", GOARCH="amd64")

    def environment(self, way):
        return {**os.environ, "GOROOT": str((self.folder / way).absolute())}

    def run(self, way, launcher):
        """{test: PASS, FAIL or SKIP}. A test that began and has no result has failed."""
        work = make_tree(pathlib.Path(go("env", "GOROOT")), self.name, self.folder / way)
        command = [*launcher, str(self.program(way).absolute()), "-test.v", "-test.short", LIMIT]
        if PACKAGES.get(self.name):
            command.append(f"-test.run={PACKAGES[self.name]}")
        log = self.folder / f"{way}.log"
        with open(log, "wb") as output:
            subprocess.run(command, cwd=work, stdin=subprocess.DEVNULL, stdout=output,
                           stderr=subprocess.STDOUT, check=False,
                           env={**self.environment(way), "PWD": str(work.absolute())})
        text = log.read_text(errors="replace")
        began = set(re.findall(r"^=== RUN\s+(\S+)", text, re.MULTILINE))
        results = dict.fromkeys(began, "FAIL")
        results.update((test, outcome) for outcome, test in RESULT.findall(text))
        return results

    def names(self, way, launcher):
        """The tests that are in the program."""
        listing = subprocess.run([*launcher, str(self.program(way).absolute()), "-test.list=."],
                                 text=True, check=True, stdout=subprocess.PIPE,
                                 env=self.environment(way))
        return set(listing.stdout.split())


def read_known():
    """{(package, test): reason}"""
    known, reason = {}, ""
    for line in (HERE / "go_known.txt").read_text().splitlines():
        if line.startswith("= "):
            reason = line[2:]
        elif line and line[0] not in "# ":
            package, test = line.split()
            known[package, test] = reason
    return known


class Comparison:
    def __init__(self, package, native, illumos, names, known):
        """`names`: what the illumos program has. The tests within a test have its name in front."""
        self.package = package
        self.native, self.illumos = native, illumos
        passed = [test for test, outcome in native.items() if outcome == "PASS"]
        wanted = [test for test in passed if test.split("/")[0] in names]
        self.absent = len(passed) - len(wanted)
        lost = sorted(test for test in wanted if illumos.get(test) != "PASS")
        self.known = [test for test in lost if (package, test) in known]
        self.failed = [test for test in lost if (package, test) not in known]
        self.passed = len(wanted) - len(lost)

    def line(self):
        def counts(results):
            values = list(results.values())
            return "/".join(str(values.count(outcome)) for outcome in ("PASS", "FAIL", "SKIP"))
        return (f"{self.package:<16}{counts(self.native):>16}{counts(self.illumos):>16}"
                f"{len(self.failed):>8}{len(self.known):>7}{self.absent:>8}")


def compare(package, portc_run, known):
    package.build()
    with concurrent.futures.ThreadPoolExecutor() as pool:
        native = pool.submit(package.run, "native", [])
        illumos = pool.submit(package.run, "illumos", [portc_run])
        return Comparison(package.name, native.result(), illumos.result(),
                          package.names("illumos", [portc_run]), known)


def main(arguments):
    if len(arguments) < 2 or any(name not in PACKAGES for name in arguments[2:]):
        print(__doc__, file=sys.stderr)
        return 2
    top, portc_run = pathlib.Path(arguments[0]), str(pathlib.Path(arguments[1]).absolute())
    known = read_known()
    print(f"{'package':<16}{'native p/f/s':>16}{'illumos p/f/s':>16}{'failed':>8}{'known':>7}"
          f"{'absent':>8}")
    comparisons = []
    for name in arguments[2:] or PACKAGES:
        comparisons.append(compare(Package(name, top), portc_run, known))
        print(comparisons[-1].line(), flush=True)
    failed = 0
    for comparison in comparisons:
        for test in comparison.failed:
            outcome = comparison.illumos.get(test, "missing")
            print(f"  failed: {comparison.package} {test}: {outcome}")
        for test in comparison.known:
            print(f"  known ({known[comparison.package, test]}): {comparison.package} {test}")
        failed += len(comparison.failed)
    print(f"{sum(c.passed for c in comparisons)} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
