# SPDX-License-Identifier: MIT
"""What can be behind a descriptor: open files, and what they are ready for."""
from errno import EAGAIN, EBADF, ECONNRESET, EINVAL, EPIPE

from constants import ERR, HUP, IN, OUT, RDBAND, RDHUP, RDNORM, WRBAND, WRNORM


class Open:
    """An open file; `references` are the descriptors that refer to it, in all processes."""

    port = None
    always_ready = False

    def __init__(self):
        self.references = 0

    def same(self, other):
        """As far as ports can tell them apart."""
        return self is other

    def ready(self):
        """The poll bits that are true of it now."""
        return 0

    def surely_ready(self):
        """Those that are true for certain."""
        return self.ready()

    def closed(self):
        """The last descriptor is gone."""

    def read(self, count):
        return EBADF, 0

    def write(self, count):
        return EBADF, 0


class Pipe:
    def __init__(self):
        self.bytes = 0
        self.full = False
        self.reader = ReadEnd(self)
        self.writer = WriteEnd(self)


class ReadEnd(Open):
    def __init__(self, pipe):
        super().__init__()
        self.pipe = pipe

    def ready(self):
        bits = IN | RDNORM if self.pipe.bytes else 0
        return bits if self.pipe.writer.references else bits | HUP

    def read(self, count):
        pipe = self.pipe
        if not pipe.bytes:
            return (EAGAIN, 0) if pipe.writer.references else (0, 0)
        count = min(count, pipe.bytes)
        pipe.bytes -= count
        return 0, count


class WriteEnd(Open):
    def __init__(self, pipe):
        super().__init__()
        self.pipe = pipe

    def ready(self):
        bits = 0 if self.pipe.full else OUT | WRNORM
        return bits if self.pipe.reader.references else bits | ERR

    def write(self, count):
        if not self.pipe.reader.references:
            return EPIPE, 0
        if self.pipe.full:
            return EAGAIN, 0
        self.pipe.bytes += count
        return 0, count


class Socket(Open):
    """One end of a pair of stream sockets."""

    def __init__(self):
        super().__init__()
        self.bytes = 0
        self.peer = None
        self.ended = False  # the peer was closed ...
        self.reset = False  # ... with unread bytes, which is reported once

    def ready(self):
        bits = OUT | WRNORM | WRBAND
        if self.bytes:
            bits |= IN | RDNORM
        if self.ended:
            bits |= IN | RDNORM | RDHUP | HUP
        return bits | ERR if self.reset else bits

    def closed(self):
        self.peer.ended = True
        if self.bytes:
            self.peer.reset = True

    def read(self, count):
        if self.bytes:
            count = min(count, self.bytes)
            self.bytes -= count
            return 0, count
        if self.reset:
            self.reset = False
            return ECONNRESET, 0
        return (0, 0) if self.ended else (EAGAIN, 0)

    def write(self, count):
        if self.ended:
            return EPIPE, 0
        self.peer.bytes += count
        return 0, count


class Eventfd(Open):
    def __init__(self):
        super().__init__()
        self.count = 0

    def ready(self):
        return OUT | IN if self.count else OUT

    def read(self, count):
        if count < 8:
            return EINVAL, 0
        if not self.count:
            return EAGAIN, 0
        self.count = 0
        return 0, 8

    def write(self, count):
        if count < 8:
            return EINVAL, 0
        self.count += 1
        return 0, 8


class Regular(Open):
    """A file that is open for reading, the same for all. 3.8: always ready."""

    always_ready = True

    def same(self, other):  # DEVIATION file-descriptions
        return isinstance(other, Regular)

    def ready(self):
        return IN | RDNORM | RDBAND | OUT | WRNORM | WRBAND

    def read(self, count):
        return 0, count


class PortFile(Open):
    """A port, as a descriptor. DEVIATION read-write: EINVAL."""

    def __init__(self, port):
        super().__init__()
        self.port = port

    def ready(self):
        return IN | RDNORM if self.port.may_be_readable() else 0

    def surely_ready(self):
        return IN | RDNORM if self.port.count()[0] else 0

    def read(self, count):
        return EINVAL, 0

    def write(self, count):
        return EINVAL, 0
