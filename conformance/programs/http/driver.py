#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Drives a web server from outside, over its sockets and with signals, and says case by case
whether it did what it should.

    driver.py SERVER BACKEND quick|full RESULTS [--modules FOLDER] [--only REGEX] -- COMMAND...

SERVER is nginx or lighttpd, BACKEND what its configuration calls the event mechanism, COMMAND what
starts it. RESULTS.tsv gets a line "outcome<TAB>case" for each case, RESULTS.words what the server
says about its backend; what went wrong is printed. The cases run once for each of VARIANTS; quick
is the first of them. Which cases the server cannot do, for want of a feature, is printed first.
Exit status: 0 all passed; 1 some failed; 2 wrong arguments, or the server did not start.
"""

import argparse
import contextlib
import ctypes
import importlib
import os
import pathlib
import re
import signal
import sys
import tempfile
import time
import traceback

from client import descriptors, wait_until
from datagrams import Capitals, Names
from lighttpd import Lighttpd
from nginx import Nginx
from origin import Origin
from registry import CASES, Site

for topic in ("files", "clients", "proxy", "uploads", "tunnels", "process"):
    importlib.import_module(f"cases_{topic}")  # fills CASES

SERVERS = {"nginx": Nginx, "lighttpd": Lighttpd}
VARIANTS = {
    "nginx": {
        "one-worker": {},
        "two-workers-mutex": {"workers": 2, "mutex": "on", "multi": "on"},
        "timer-resolution": {"workers": 2, "timer": "timer_resolution 50ms;"},
    },
    "lighttpd": {"one-process": {}, "two-workers": {"workers": 2}},
}
PR_SET_CHILD_SUBREAPER = 36
KEPT = 16


class Run:
    """One server, as it is started, and the outcome of its cases."""

    def __init__(self, options):
        self.options = options
        self.kind = SERVERS[options.server]
        self.results = open(f"{options.results}.tsv", "w", encoding="utf-8")
        self.words = set()
        self.failed = self.passed = 0
        self.extra = {"modules": options.modules} if options.modules else {}

    def wanted(self, own_server):
        return [c for c in CASES if c.own_server == own_server and c.needs <= self.kind.features
                and re.search(self.options.only, c.name)]

    def record(self, name, function):
        """Runs a case, or what counts as one."""
        start = time.monotonic()
        try:
            function()
        except Exception:  # whatever it is, it is this case's failure
            self.failed += 1
            outcome = "failed"
            print(f"--- {name}\n{traceback.format_exc()}")
        else:
            self.passed += 1
            outcome = "ok"
        self.results.write(f"{outcome}\t{name}\n")
        self.results.flush()
        print(f"{outcome} {name} {time.monotonic() - start:.2f} s", flush=True)

    @contextlib.contextmanager
    def site(self, settings):
        """A server with these settings, its origin, and what else it asks."""
        with tempfile.TemporaryDirectory(prefix="http-") as folder, contextlib.ExitStack() as stack:
            origin = Origin(str(pathlib.Path(folder) / "origin.sock"))
            stack.callback(origin.close)
            names, capitals = Names(), Capitals()
            stack.callback(names.close)
            stack.callback(capitals.close)
            server = self.kind(self.options.command, self.options.backend, folder, origin,
                               dns=names.port, udp_origin=capitals.port, **settings, **self.extra)
            stack.callback(server.kill)
            server.start()
            yield Site(server, origin)

    def variant(self, label, settings):
        with self.site(settings) as site:
            self.shared(label, site)
        for case in self.wanted(own_server=True):
            self.record(f"{label}: {case.name}", lambda case=case: self.alone(case, settings))

    def shared(self, label, site):
        """The cases that one server goes through, one after the other."""
        workers = site.server.workers()
        before = [descriptors(worker) for worker in workers]
        for case in self.wanted(own_server=False):
            def run(case=case):
                case.function(site, *case.arguments)
                assert site.server.workers() == workers, "a worker ended"
            self.record(f"{label}: {case.name}", run)
        self.record(f"{label}: no descriptors left open",
                    lambda: check_descriptors(workers, before))
        self.record(f"{label}: asleep when idle", lambda: check_asleep(workers))
        self.record(f"{label}: ends when told", lambda: check_stop(site.server))
        self.record(f"{label}: nothing in the log", lambda: check_log(site.server))
        self.words.add(site.server.spoken_backend())

    def alone(self, case, settings):
        with self.site(settings) as site:
            case.function(site, *case.arguments)
            check_log(site.server)


def check_descriptors(workers, before):
    """But for those that nginx keeps, above all to the origin (keepalive 8) and to name servers."""
    def left():
        return all(descriptors(w) <= b + KEPT for w, b in zip(workers, before))
    wait_until(left, f"descriptors go: {before}, {[descriptors(w) for w in workers]}")


def check_asleep(workers):
    """A worker that has nothing to do uses no processor: seen over a second."""
    before = [ticks(worker) for worker in workers]
    time.sleep(1)
    used = [ticks(worker) - b for worker, b in zip(workers, before)]
    assert max(used) <= 20, f"hundredths of a second used: {used}"


def ticks(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return int(fields[11]) + int(fields[12])


def check_stop(server):
    status = server.stop(server.STOP)
    assert status == 0, status


def check_log(server):
    complaints = server.complaints()
    assert not complaints, complaints[:5]


def parse(arguments):
    parser = argparse.ArgumentParser(usage=__doc__.split("\n\n")[1].strip())
    parser.add_argument("server", choices=SERVERS)
    parser.add_argument("backend")
    parser.add_argument("set", choices=("quick", "full"))
    parser.add_argument("results")
    parser.add_argument("--modules", type=os.path.abspath)
    parser.add_argument("--only", default="")
    split = arguments.index("--") if "--" in arguments else len(arguments)
    options = parser.parse_args(arguments[:split])
    # The server runs in a folder of its own.
    options.command = [os.path.abspath(word) for word in arguments[split + 1:]]
    if not options.command:
        parser.error("no command")
    return options


def main(arguments):
    options = parse(arguments)
    # A server that outlives its parent, in an upgrade, becomes our child and not init's.
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    # Ending by SystemExit ends the servers on the way out.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    run = Run(options)
    lacking = [f"{c.name} ({' '.join(c.needs - run.kind.features)})" for c in CASES
               if not c.needs <= run.kind.features]
    print(f"not for {options.server}, for want of a feature: {', '.join(lacking) or 'none'}")
    variants = list(VARIANTS[options.server].items())
    for label, settings in variants[:1] if options.set == "quick" else variants:
        run.variant(label, settings)
    pathlib.Path(f"{options.results}.words").write_text("; ".join(sorted(run.words)) + "\n")
    print(f"{run.passed} passed, {run.failed} failed")
    return 1 if run.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
