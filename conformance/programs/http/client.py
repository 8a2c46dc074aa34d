# SPDX-License-Identifier: MIT
"""An HTTP client that keeps nothing from its user: bytes go out as they are given.

Every wait has a deadline, and none is a pause: where a case has to know that the server has read
what was sent, or that it cannot send any more, the kernel is asked about the server's socket.
"""

import contextlib
import functools
import os
import socket
import struct
import time

ESTABLISHED = 1  # as /proc/net/tcp numbers the states of TCP
SECONDS = 10  # a wait that takes longer has failed


class Closed(Exception):
    """The server closed the connection where something was expected."""


def wait_until(condition, what, seconds=SECONDS):
    """Asks again, ever more slowly, until the condition holds; returns what it returned."""
    deadline, pause = time.monotonic() + seconds, 0.0005
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {seconds} s: {what}")
        time.sleep(pause)
        pause = min(pause * 2, 0.02)
    return value


@functools.cache
def content(size):
    """Bytes in which a piece that is lost, doubled or in the wrong place shows."""
    return b"".join(b"%07d\n" % i for i in range(size // 8 + 1))[:size]


class Response:
    def __init__(self, status, headers):
        self.status = status
        self.headers = headers
        self.body = b""

    def all(self, name):
        return [value for key, value in self.headers if key == name.lower()]

    def __getitem__(self, name):
        values = self.all(name)
        return values[0] if values else None

    def __repr__(self):
        return f"<{self.status} {self.headers} {len(self.body)} bytes {self.body[:60]!r}>"


class Client:
    """A connection. The address is (host, port), or the path of a Unix socket."""

    def __init__(self, address, rcvbuf=None, seconds=SECONDS):
        family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_STREAM)
        self.socket.settimeout(seconds)
        if family == socket.AF_INET:
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if rcvbuf:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, rcvbuf)
        try:
            self.socket.connect(address)
        except OSError:
            self.socket.close()
            raise
        self.address = address
        self.buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def reset(self):
        """Ends the connection with RST."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def half_close(self):
        self.socket.shutdown(socket.SHUT_WR)

    # --- sending

    def send(self, data):
        self.socket.sendall(data)

    def request(self, path, method="GET", headers=(), body=b"", version="1.1", host="localhost"):
        self.send(request(path, method, headers, body, version, host))

    # --- receiving

    def fill(self, size=65536):
        """Adds what comes next to the buffer."""
        data = self.socket.recv(size)
        if not data:
            raise Closed(f"closed after {self.buffer[:100]!r}")
        self.buffer += data

    def until(self, mark):
        while mark not in self.buffer:
            self.fill()
        before, _, self.buffer = self.buffer.partition(mark)
        return before

    def exactly(self, size):
        parts, missing = [self.buffer[:size]], size - len(self.buffer)
        self.buffer = self.buffer[size:]
        while missing > 0:
            data = self.socket.recv(min(missing, 1 << 18))
            if not data:
                raise Closed(f"closed {missing} bytes before the end of {size}")
            parts.append(data)
            missing -= len(data)
        return b"".join(parts)

    def rest(self):
        """Everything up to the end of the connection."""
        parts, self.buffer = [self.buffer], b""
        while data := self.socket.recv(1 << 18):
            parts.append(data)
        return b"".join(parts)

    def rest_or_reset(self):
        """The same, where the server may reset the connection as well as close it."""
        with contextlib.suppress(ConnectionResetError):
            return self.rest()
        return b""

    def head(self):
        """The status line and the header."""
        lines = self.until(b"\r\n\r\n").decode("latin-1").split("\r\n")
        version, status = lines[0].split(" ")[:2]
        assert version in ("HTTP/1.0", "HTTP/1.1"), repr(lines[0])
        pairs = [line.split(":", 1) for line in lines[1:]]
        return Response(int(status), [(k.lower(), v.strip()) for k, v in pairs])

    def chunk(self):
        """The next chunk; b"" is the last one, with what trails it."""
        size = int(self.until(b"\r\n").split(b";")[0], 16)
        data = self.exactly(size)
        end = self.until(b"\r\n")
        while size == 0 and end:
            end = self.until(b"\r\n")
        assert end == b"", end
        return data

    def chunks(self):
        parts = []
        while data := self.chunk():
            parts.append(data)
        return b"".join(parts)

    def response(self, method="GET"):
        """A whole response; interim ones (100 Continue) count as responses of their own."""
        response = self.head()
        if method == "HEAD" or response.status in (100, 101, 204, 304):
            return response
        if response["transfer-encoding"] == "chunked":
            response.body = self.chunks()
        elif response["content-length"] is not None:
            response.body = self.exactly(int(response["content-length"]))
        else:
            response.body = self.rest()
        return response

    def expect_close(self):
        """The server closes, and sends nothing more before."""
        data = self.rest_or_reset()
        assert data == b"", data[:200]

    def is_open(self):
        """The server neither closed nor sent anything."""
        self.socket.setblocking(False)
        try:
            data = self.socket.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return True
        finally:
            self.socket.settimeout(SECONDS)
        return bool(data)

    # --- what the server's side of the connection is doing

    def server_row(self):
        """The line of the server's socket in the kernel's table; None when it is gone."""
        mine, port = self.socket.getsockname()[1], self.address[1]
        ends = (f":{port:04X}", f":{mine:04X}")
        with open("/proc/net/tcp", encoding="ascii") as table:
            for line in table:
                fields = line.split()
                if fields[1].endswith(ends[0]) and fields[2].endswith(ends[1]):
                    return fields
        return None

    def queues(self):
        """Bytes that the server has sent and we have not acknowledged, and bytes that we have sent
        and the server has not read."""
        row = self.server_row()
        return tuple(int(n, 16) for n in row[4].split(":")) if row else (0, 0)

    def server_gave_up(self):
        """The server closed its end, even if bytes are still on their way, or reset it."""
        row = self.server_row()
        return row is None or int(row[3], 16) != ESTABLISHED

    def wait_read(self):
        """Waits until the server has read all that was sent."""
        wait_until(lambda: self.queues()[1] == 0, "the server reads what was sent")

    def wait_stuck(self):
        """Waits until the server has more to send than we take, and can put no more into its
        buffer, as far as it shows: three looks in a row find the same."""
        looks = []

        def stands_still():
            looks.append(self.queues()[0])
            return len(looks) > 2 and looks[-1] > 0 and len(set(looks[-3:])) == 1

        wait_until(stands_still, "the server's send buffer fills up")


def request(path, method="GET", headers=(), body=b"", version="1.1", host="localhost"):
    """The bytes of a request; a body that is given gets its length announced."""
    lines = [f"{method} {path} HTTP/{version}"]
    if host is not None:
        lines.append(f"Host: {host}")
    if body:
        lines.append(f"Content-Length: {len(body)}")
    lines += headers
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def chunked(body, size):
    """A body in chunks of that size, with the last chunk."""
    pieces = (body[i:i + size] for i in range(0, len(body), size))
    return b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in pieces) + b"0\r\n\r\n"


def free_port(kind=socket.SOCK_STREAM):
    """A port on loopback that is free now, from below those that the kernel hands out."""
    while True:
        port = 10000 + int.from_bytes(os.urandom(2), "big") % 20000
        with socket.socket(socket.AF_INET, kind) as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def descriptors(pid):
    """How many descriptors a process has."""
    return len(os.listdir(f"/proc/{pid}/fd"))
