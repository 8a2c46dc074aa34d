# SPDX-License-Identifier: MIT
"""What the servers under test proxy to: an HTTP server that does as its path says.

/PREFIX/WORD/ARGUMENT...; the prefix is the server's, the word is a method of Handler. It runs in
threads of the driver, so that a case can hold an answer back (gate) and see what arrived (seen).
"""

import base64
import collections
import contextlib
import fcntl
import hashlib
import json
import os
import socket
import struct
import threading

from client import SECONDS, Client, chunked, content, wait_until

SIOCOUTQ = 0x5411
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Origin:
    def __init__(self, unix_path):
        self.gates = collections.defaultdict(threading.Event)
        self.seen = collections.Counter()
        self.lock = threading.Lock()
        self.sockets = []
        self.listener = self.listen(socket.AF_INET, ("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.unix_path = unix_path
        self.listen(socket.AF_UNIX, unix_path)

    def listen(self, family, address):
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.bind(address)
        listener.listen(512)
        self.sockets.append(listener)
        threading.Thread(target=self.accept, args=(listener,), daemon=True).start()
        return listener

    def accept(self, listener):
        while True:
            try:
                connection = listener.accept()[0]
            except OSError:
                return
            self.note("connections")
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        with connection, contextlib.suppress(OSError):
            if connection.family == socket.AF_INET:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while Handler(self, connection).handle():
                pass

    def note(self, what):
        with self.lock:
            self.seen[what] += 1

    def wait_seen(self, what, count=1):
        wait_until(lambda: self.seen[what] >= count, f"the origin sees {what} {count} times")

    def close(self):
        for gate in self.gates.values():
            gate.set()
        for listener in self.sockets:
            listener.close()


class Peer(Client):
    """The client's methods on a connection that was accepted."""

    def __init__(self, connection):
        self.socket = connection
        self.buffer = b""
        connection.settimeout(3 * SECONDS)

    def wait_acknowledged(self):
        """Waits until the other side's kernel has all that was sent."""
        wait_until(lambda: fcntl.ioctl(self.socket, SIOCOUTQ, b"\0" * 4) == b"\0" * 4, "it arrives")


class Handler:
    """One request."""

    def __init__(self, origin, connection):
        self.origin = origin
        self.peer = Peer(connection)
        self.send = connection.sendall

    def handle(self):
        """Returns whether the connection goes on."""
        try:
            start, *lines = self.peer.until(b"\r\n\r\n").decode("latin-1").split("\r\n")
        except Exception:  # the connection ended between requests
            return False
        self.method, target, version = start.split(" ")
        self.headers = {k.lower(): v.strip() for k, v in (line.split(":", 1) for line in lines)}
        _, _, word, *arguments = target.split("?")[0].split("/")
        self.origin.note(f"request {word}")
        if word == "ws":
            return self.ws()
        if word not in ("early", "abort"):
            self.body = self.read_body(word)
        stays = version == "HTTP/1.1" and self.headers.get("connection") != "close"
        return getattr(self, word)(*arguments) is not False and stays

    def read_body(self, word):
        if self.headers.get("transfer-encoding") == "chunked":
            return self.peer.chunks()
        length = int(self.headers.get("content-length", 0))
        if word == "watch":  # a case wants to know how far the body has come
            for _ in range(length):
                self.peer.exactly(1)
                self.origin.note("body byte")
            return b""
        return self.peer.exactly(length)

    def answer(self, body, status="200 OK", headers=()):
        lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
        head = "\r\n".join(lines).encode()
        self.send(head + (b"" if self.method == "HEAD" else body))

    def echo(self, *arguments):
        """What the request was, with the digest of its body."""
        told = {"method": self.method, "headers": self.headers, "arguments": arguments,
                "length": len(self.body), "sha256": hashlib.sha256(self.body).hexdigest()}
        self.answer(json.dumps(told).encode(), headers=("Content-Type: application/json",))

    watch = echo

    def bytes(self, size):
        self.answer(content(int(size)), headers=('ETag: "tag"', "Cache-Control: max-age=100"))

    def status(self, code):
        body = b"" if code in ("204", "304") else b"status\n"
        if code in ("204", "304"):
            self.send(f"HTTP/1.1 {code} Status\r\nX-From: origin\r\n\r\n".encode())
        else:
            self.answer(body, status=f"{code} Status", headers=("X-From: origin",))

    def chunked(self, size, piece):
        self.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        self.send(chunked(content(int(size)), int(piece)))

    def close(self, size):
        """A body that the end of the connection ends."""
        self.send(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + content(int(size)))
        return False

    def old(self, size):
        self.send(b"HTTP/1.0 200 OK\r\n\r\n" + content(int(size)))
        return False

    def drop(self):
        return False

    def short(self):
        self.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nten bytes\n")
        return False

    def rst(self):
        self.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nten bytes\n")
        self.peer.wait_acknowledged()
        self.peer.reset()
        return False

    def garbage(self):
        self.send(b"HTTP/1.1 200 OK\r\nthis is no header\r\n\r\n")
        return False

    def early(self):
        """An answer that does not wait for the request's body."""
        self.answer(b"early\n", status="403 Forbidden", headers=("Connection: close",))
        return False

    def hold(self, name):
        self.origin.gates[name].wait(3 * SECONDS)
        self.answer(b"held\n")

    def gate(self, name):
        """The first half; the second when the case says so."""
        self.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nfirst\n\r\n")
        self.origin.gates[name].wait(3 * SECONDS)
        self.send(b"7\r\nsecond\n\r\n0\r\n\r\n")

    def bytewise(self, size):
        """One write per byte, each taken in by the server before the next."""
        self.send(f"HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n".encode())
        for byte in content(int(size)):
            self.send(bytes([byte]))

    def abort(self):
        """Waits for the server to give up."""
        with contextlib.suppress(OSError):
            self.peer.rest()
        self.origin.note("gave up")
        return False

    def slices(self):
        """Header lines in pieces."""
        for piece in (b"HTT", b"P/1.1 200 O", b"K\r", b"\nContent-Len", b"gth: 3\r\n\r", b"\nabc"):
            self.send(piece)

    # --- WebSocket

    def ws(self):
        """Upgrades, and then echoes: bytes, or frames if the client sent a key."""
        key = self.headers.get("sec-websocket-key", "").encode()
        accept = base64.b64encode(hashlib.sha1(key + GUID).digest())
        self.send(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                  b"Connection: Upgrade\r\nSec-WebSocket-Accept: " + accept + b"\r\n\r\n")
        (self.echo_frames if key else self.echo_bytes)()
        self.origin.note("ws ended")
        return False

    def echo_bytes(self):
        with contextlib.suppress(OSError):
            if self.peer.buffer:
                self.send(self.peer.buffer)
            while data := self.peer.socket.recv(1 << 16):
                self.send(data)

    def echo_frames(self):
        with contextlib.suppress(Exception):
            while True:
                opcode, data = read_frame(self.peer)
                self.send(frame(opcode, data))
                if opcode == 8:
                    return


def frame(opcode, data, mask=None):
    """A WebSocket frame, masked if it comes from the client."""
    size = len(data)
    if size < 126:
        length = bytes([size | (0x80 if mask else 0)])
    else:
        length = bytes([127 | (0x80 if mask else 0)]) + struct.pack(">Q", size)
    return bytes([0x80 | opcode]) + length + (mask + apply_mask(data, mask) if mask else data)


def apply_mask(data, mask):
    size = len(data)
    pad = (mask * (size // 4 + 1))[:size]
    return (int.from_bytes(data, "big") ^ int.from_bytes(pad, "big")).to_bytes(size, "big")


def read_frame(peer):
    opcode, length = peer.exactly(2)
    mask, size = length & 0x80, length & 0x7F
    if size == 126:
        size = int.from_bytes(peer.exactly(2), "big")
    elif size == 127:
        size = int.from_bytes(peer.exactly(8), "big")
    key = peer.exactly(4) if mask else None
    data = peer.exactly(size)
    return opcode & 0xF, apply_mask(data, key) if key else data


def websocket_key():
    return base64.b64encode(os.urandom(16))
