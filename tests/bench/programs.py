#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Measures whole programs: Redis and nginx on their own event-port code under portc-run, beside the
same programs on epoll. `make bench-programs` runs it.

    programs.py --json FILE [--rounds N] [--requests N] [PROGRAM...]      default: redis nginx

Both servers run for the whole time, on the last processor; the client, on the first, asks them in
turn. A round's ratio is that of the two answers, and a row's is the median of its rounds. There are
two rows for each load: the time per request that the client sees, which says little where the client
is the slower one; and the processor time per request that the server takes.

Exit status: 0 if everything that could be built was measured; 1 if something went wrong. Where a
program's sources cannot be reached, its rows say so.
"""

import argparse
import json
import os
import pathlib
import platform
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time

TOP = pathlib.Path(__file__).resolve().parents[2]
OUT = TOP / os.environ.get("O", "build/release")
RECIPES = TOP / "conformance/programs"
BUILT = TOP / "build/programs"
CONNECTIONS = 50
SECONDS = 20  # a last resort: to start, to answer, to end
UNREACHABLE = 3  # a recipe's exit status where the sources cannot be had
# As fast as epoll, as far as programs can tell: they vary by some hundredths from round to round.
TARGET, BAR = 1.05, 1.15

NGINX_CONFIG = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/log notice;
events {{ use {method}; worker_connections 1024; }}
http {{
    access_log off;
    keepalive_requests 1000000000;
    client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
    uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
    server {{ listen 127.0.0.1:{port}; root {folder}/pages; }}
}}
"""


class Unreachable(Exception):
    """A program's sources cannot be had now."""


def processors():
    """Where servers run, and where clients do."""
    cpus = sorted(os.sched_getaffinity(0))
    return cpus[-1], cpus[0]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def processor_seconds(pid):
    """What all threads of a process have used so far: its processor-time clock."""
    return time.clock_gettime((~pid << 3) | 2)


def build(*command):
    status = subprocess.run([RECIPES / command[0], *command[1:]], cwd=TOP, check=False).returncode
    if status == UNREACHABLE:
        raise Unreachable("the sources could not be reached")
    if status != 0:
        raise RuntimeError(f"{' '.join(command)} ended with status {status}")


class Server:
    """One server on the loopback interface, from `with` to its end."""

    def __init__(self, way, folder):
        self.way, self.folder, self.port = way, pathlib.Path(folder), free_port()

    def __enter__(self):
        launcher = [str(OUT / "bin/portc-run")] if self.way == "preloaded" else []
        where, _ = processors()
        with open(self.folder / "output", "wb") as output:
            self.process = subprocess.Popen(
                [*launcher, *self.command()], stdin=subprocess.DEVNULL, stdout=output,
                stderr=output, preexec_fn=lambda: os.sched_setaffinity(0, {where}))
        try:
            self.wait_until_ready()
            backend = self.backend()
            if backend != self.backends[self.way]:
                raise RuntimeError(f"{self.name} says that it runs on {backend}, not on "
                                   f"{self.backends[self.way]}")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def wait_until_ready(self):
        end = time.monotonic() + SECONDS
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"{self.name} did not start:\n"
                                   + (self.folder / "output").read_text(errors="replace"))
            time.sleep(0.05)

    def ask(self, request):
        """What the server sends back within a second, or until it closes."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
            connection.sendall(request)
            answer = b""
            try:
                while block := connection.recv(65536):
                    answer += block
                    if self.is_whole(answer):
                        break
            except TimeoutError:
                pass
            return answer.decode(errors="replace")

    def answers(self):
        try:
            return self.is_ours(self.ask(self.probe))
        except OSError:
            return False


class Redis(Server):
    name = "redis"
    probe = b"INFO server\r\n"
    backends = {"preloaded": "evport", "epoll": "epoll"}

    @staticmethod
    def build():
        build("redis/build.sh", "preloaded", "epoll")

    def command(self):
        return [str(BUILT / "redis" / self.way / "src/redis-server"), "--bind", "127.0.0.1", "--port",
                str(self.port), "--dir", str(self.folder), "--save", "", "--appendonly", "no"]

    @staticmethod
    def is_whole(answer):
        size = re.match(rb"\$(\d+)\r\n", answer)
        return size is not None and len(answer) >= size.end() + int(size[1]) + 2

    def is_ours(self, answer):
        return f"process_id:{self.process.pid}\r\n" in answer

    def backend(self):
        return re.search(r"multiplexing_api:(\S+)", self.ask(self.probe))[1]


class Nginx(Server):
    name = "nginx"
    probe = b"GET /index.html HTTP/1.0\r\n\r\n"
    backends = {"preloaded": "eventport", "epoll": "epoll"}

    @staticmethod
    def build():
        build("nginx/recipe.sh", "build", "preloaded", "epoll")

    def command(self):
        (self.folder / "pages").mkdir()
        (self.folder / "pages/index.html").write_text("x" * 600 + "\n")
        config = self.folder / "nginx.conf"
        config.write_text(NGINX_CONFIG.format(folder=self.folder, method=self.backends[self.way],
                                              port=self.port))
        return [str(BUILT / "nginx" / self.way / "objs/nginx"), "-p", str(self.folder), "-c",
                str(config), "-e", str(self.folder / "log")]

    @staticmethod
    def is_whole(answer):
        return answer.endswith(b"x\n")

    def is_ours(self, answer):
        return answer.startswith("HTTP/1.1 200") and (self.folder / "nginx.pid").read_text().strip() \
            == str(self.process.pid)

    def backend(self):
        return re.search(r'using the "(\w+)" event method', (self.folder / "log").read_text())[1]


def run_client(command):
    """What it prints."""
    _, where = processors()
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=SECONDS * 6, check=False,
                          preexec_fn=lambda: os.sched_setaffinity(0, {where}))
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]} ended with status {done.returncode}: {done.stderr}")
    return done.stdout


class RedisLoad:
    """SET and GET of a few bytes."""
    server = Redis

    def __init__(self, pipeline, requests):
        self.pipeline, self.requests = pipeline, requests * pipeline
        self.id = f"redis.P{pipeline}"
        self.name = "set, get" if pipeline == 1 else f"set, get, {pipeline} at once"

    def run(self, port):
        """The number of requests, and the seconds that each took."""
        text = run_client([str(BUILT / "redis/epoll/src/redis-benchmark"), "-h", "127.0.0.1", "-p",
                           str(port), "-c", str(CONNECTIONS), "-t", "set,get", "-P",
                           str(self.pipeline), "-n", str(self.requests), "--csv"])
        rates = [float(line.split('","')[1]) for line in text.splitlines()[1:]]
        if len(rates) != 2:
            raise RuntimeError(f"redis-benchmark printed:\n{text}")
        return 2 * self.requests, statistics.mean(1 / rate for rate in rates)


class NginxLoad:
    """A small file, over connections that are kept."""
    server = Nginx
    id = "nginx"
    name = "a file of 600 bytes"

    def run(self, port):
        text = run_client(["wrk", "-t", "1", "-c", str(CONNECTIONS), "-d", "1s",
                           f"http://127.0.0.1:{port}/index.html"])
        if "Socket errors" in text or "Non-2xx" in text:
            raise RuntimeError(f"wrk printed:\n{text}")
        requests = int(re.search(r"(\d+) requests in", text)[1])
        if requests == 0:
            raise RuntimeError(f"nginx answered nothing:\n{text}")
        return requests, 1 / float(re.search(r"Requests/sec:\s*([\d.]+)", text)[1])


def measure_once(load, server):
    """Nanoseconds per request: what the client sees, and what the server takes."""
    before = processor_seconds(server.process.pid)
    requests, seconds = load.run(server.port)
    used = processor_seconds(server.process.pid) - before
    return seconds * 1e9, used / requests * 1e9


def measure(load, subject, reference, rounds):
    """A list of rounds, each a pair (subject, reference) of what measure_once says. Who goes first
    changes, and a first round does not count."""
    out = []
    for number in range(rounds + 1):
        pair = [subject, reference]
        order = (0, 1) if number % 2 == 0 else (1, 0)
        result = [None, None]
        for which in order:
            result[which] = measure_once(load, pair[which])
        out.append(result)
    return out[1:]


def row(load, suffix, what, values=(), note=""):
    """As report.cc writes them; `values` holds a pair for each round."""
    ratios = [subject / reference for subject, reference in values]
    middle = lambda numbers: statistics.median(numbers) if numbers else None
    return {"id": load.id + suffix, "name": f"{load.name}, {what}", "reference": "the same on epoll",
            "ratio": middle(ratios), "min": min(ratios, default=None), "max": max(ratios, default=None),
            "target": TARGET, "bar": BAR, "peer": False,
            "subject_ns": middle([subject for subject, _ in values]),
            "reference_ns": middle([reference for _, reference in values]), "note": note}


KINDS = (("", "per request"), (".cpu", "processor time"))


def rows_of(load, rounds):
    return [row(load, suffix, what, [(subject[i], reference[i]) for subject, reference in rounds])
            for i, (suffix, what) in enumerate(KINDS)]


def absent(load, reason):
    return [row(load, suffix, what, note=reason) for suffix, what in KINDS]


def run_program(server, loads, rounds):
    """Builds it, starts it both ways, and measures all its loads."""
    try:
        server.build()
    except Unreachable as reason:
        return [each for load in loads for each in absent(load, str(reason))]
    out = []
    with tempfile.TemporaryDirectory() as ours, tempfile.TemporaryDirectory() as theirs:
        with server("preloaded", ours) as subject, server("epoll", theirs) as reference:
            for load in loads:
                made = rows_of(load, measure(load, subject, reference, rounds))
                for each in made:
                    print(f"{each['id']:14} {each['name']:47} {each['ratio']:6.2f} "
                          f"{each['min']:6.2f} {each['max']:6.2f}", flush=True)
                out += made
    return out


def parse():
    parser = argparse.ArgumentParser(description="Whole programs on event ports and on epoll.")
    parser.add_argument("--json", required=True)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--requests", type=int, default=20000, help="to Redis, times the pipeline")
    parser.add_argument("programs", nargs="*", metavar="PROGRAM")
    options = parser.parse_args()
    for name in options.programs:
        if name not in ("redis", "nginx"):
            parser.error(f"there is no program \"{name}\" here")
    return options


def main():
    options = parse()
    programs = {"redis": (Redis, [RedisLoad(1, options.requests), RedisLoad(16, options.requests)]),
                "nginx": (Nginx, [NginxLoad()])}
    rows = []
    for name in options.programs or programs:
        rows += run_program(*programs[name], options.rounds)
    pathlib.Path(options.json).write_text(json.dumps(
        {"kernel": platform.release(), "rounds": options.rounds, "rows": rows}, indent=2) + "\n")


if __name__ == "__main__":
    sys.exit(main())
