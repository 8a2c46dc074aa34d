# SPDX-License-Identifier: MIT
"""What the two web servers under test have in common: where they listen, starting, ending."""

import contextlib
import os
import pathlib
import signal
import subprocess

from client import SECONDS, Client, Closed, content, free_port, wait_until

FILES = {"index.html": 100, "0": 0, "1": 1, "1k": 1024, "64k": 1 << 16, "1m": 1 << 20,
         "8m": 8 << 20, "dir/index.html": 50, "old.txt": 300, "a b.txt": 20}


class Server:
    """One running server; features are the words that cases ask for."""

    name = None
    features = frozenset()

    def __init__(self, command, backend, folder, origin, **settings):
        self.command = command
        self.backend = backend
        self.folder = pathlib.Path(folder)
        self.origin = origin
        self.settings = settings
        self.process = None
        self.address = self.port()
        self.hurried = self.port()  # where every timeout is a second
        self.dead = self.port()  # where nobody listens
        self.unix = str(self.folder / "http.sock")
        self.prepare()

    @staticmethod
    def port():
        return ("127.0.0.1", free_port())

    def prepare(self):
        """The folders and the pages."""
        for name in ("logs", "tmp", "pages/dir", "pages/put"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        for name, size in FILES.items():
            (self.folder / "pages" / name).write_bytes(content(size))
        os.utime(self.folder / "pages/old.txt", (1_000_000_000, 1_000_000_000))
        self.folder.chmod(0o755)
        self.write_config()

    def start(self):
        log = open(self.folder / "logs/output", "ab")
        with log:
            self.process = self.launch(log)
        wait_until(self.answers, f"{self.name} answers; see {self.folder}/logs")
        wait_until(lambda: len(self.workers()) == self.worker_count(), "all workers run")

    def launch(self, log):
        return subprocess.Popen([*self.command, *self.arguments()], stdout=log, stderr=log,
                                stdin=subprocess.DEVNULL, cwd=self.folder,
                                start_new_session=True)

    def answers(self):
        if self.process.poll() is not None:
            raise RuntimeError(f"{self.name} did not start:\n{self.log()}")
        try:
            with self.connect() as client:
                client.request("/1")
                return client.response().status == 200
        except (OSError, Closed):
            return False

    def connect(self, address=None, **options):
        return Client(address or self.address, **options)

    def log(self):
        return "".join(p.read_text(errors="replace") for p in
                       (self.folder / "logs/error", self.folder / "logs/output") if p.exists())

    def stop(self, how=signal.SIGTERM):
        """Returns the exit status."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.process.wait(SECONDS)

    @staticmethod
    def kill():
        """At the end of a case, whatever became of it, nothing stays behind. The driver has no
        other children, and inherits those of the server (see driver.py)."""
        while pids := descendants(os.getpid()):
            for pid in pids:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                while True:
                    os.waitpid(-1, 0)

    @staticmethod
    def status_when_broken_off():
        """The exit status after SIGTERM, when there are connections."""
        return 0

    def workers(self):
        return children(self.process.pid)


class Daemon:
    """A process that is the driver's child without having been started as such."""

    def __init__(self, pid):
        self.pid = pid
        self.status = None

    def send_signal(self, number):
        os.kill(self.pid, number)

    def poll(self):
        if self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = os.waitstatus_to_exitcode(status)
        return self.status

    def wait(self, seconds):
        wait_until(lambda: self.poll() is not None, "the server ends", seconds)
        return self.status


def children(pid):
    """The process ids of the children, in order."""
    found = []
    for task in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += [int(child) for child in task.read_text().split()]
        except OSError:
            pass
    return sorted(found)


def descendants(pid):
    below = children(pid)
    return below + [found for child in below for found in descendants(child)]


def owner():
    """The user that workers shall run as; only root has a choice."""
    return "root" if os.geteuid() == 0 else None
