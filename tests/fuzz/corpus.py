#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""corpus.py unpack CASE FOLDER: writes a harness's corpus into a folder, a file each.
corpus.py pack CASE FOLDER: makes tests/fuzz/corpus/CASE.txt of the folder's files.

The corpus is what was made by hand, below, and what the harness found, which is in that file: an
input a line, in base64.
"""

import base64
import struct
import sys
from pathlib import Path

SET, MEMORY, DOORBELL, WAKE, EPOLL, BLOCKING, HUGE = 0, 1, 2, 3, 4, 5, 8


def bag(*fds, options=0, kind=0):
    """One message with the right magic and these descriptors."""
    return bytes([kind, options, 1, 0, 1, len(fds), *fds])




def guest(kind=2, origin=0x10000):
    """A small illumos program: one segment, which has all of its tables."""
    interpreter = b"/lib/amd64/ld.so.1\0"
    strings = b"\0libc.so.1\0function\0object\0gone\0"
    segments, dynamic, text, symbols = 64, 64 + 3 * 56, 368, 400
    relocations = symbols + 3 * 24
    size = relocations + 3 * 24

    def segment(type_, offset, length):
        at = origin + offset
        return struct.pack("<IIQQQQQQ", type_, 7, offset, at, at, length, length, 8)

    def symbol(name, info=0x12, section=0):
        return struct.pack("<IBBHQQ", strings.index(name), info, 0, section, 0, 8)

    def relocation(offset, type_, number):
        return struct.pack("<QQq", origin + offset, number << 32 | type_, 0)

    tags = [(1, 1), (5, origin + size), (10, len(strings)), (6, origin + symbols),
            (7, origin + relocations), (8, 3 * 24), (0, 0)]
    header = b"\x7fELF\x02\x01\x01" + bytes(9) + struct.pack(
        "<HHIQQQIHHHHHH", kind, 62, 1, origin + text, segments, 0, 0, 64, 56, 3, 0, 0, 0)
    end = size + len(strings)
    body = header + segment(1, 0, end) + segment(3, 344, 19) + segment(2, dynamic, len(tags) * 16)
    body += b"".join(struct.pack("<QQ", *tag) for tag in tags)
    body += interpreter + bytes(symbols - 344 - 19)
    body += bytes(24) + symbol(b"function") + symbol(b"gone")
    body += relocation(text, 7, 1) + relocation(text + 8, 6, 2) + relocation(text + 16, 8, 0)
    return body + strings


# fmt: off
SEEDS = {
    "bags": {
        "port": bag(SET, MEMORY, DOORBELL, WAKE),
        "blocking-wake": bag(SET, MEMORY, DOORBELL, BLOCKING + 16 * 15, options=64),
        "blocking-doorbell": bag(SET, MEMORY, BLOCKING, WAKE, options=64),
        "huge-pages": bag(SET, HUGE, DOORBELL, WAKE),
        "empty-set": bag(EPOLL, MEMORY, DOORBELL, WAKE),
        "pidfd": bag(options=4),
        "credentials": bag(SET, MEMORY, DOORBELL, WAKE, options=2),
        "few": bag(SET, MEMORY),
        "many": bag(SET, MEMORY, DOORBELL, WAKE, SET, SET),
        "stream": bag(SET, MEMORY, DOORBELL, WAKE, kind=3),
    },
    "segment": {
        # Another's port, no scribbles, then calls: send, associate, get and so on.
        "calls": bytes([0, 0, 2, 0, 2, 1, 2, 4, 9, 1, 2, 2, 2, 10, 5, 3, 1, 2, 11, 2, 12, 2, 13]),
        "own": bytes([1, 0, 2, 1, 2, 1, 2, 4, 9, 1, 2, 1, 2, 33, 2, 4, 9, 1, 2, 5, 2, 2]),
        # Before: the lock's last owner died, and high_water is beyond the slots.
        "died": bytes([0, 2, 0, 0, 16, 0, 0x40, 0, 0, 0, 0, 0, 24, 0, 0xFF, 0xFF, 0xFF, 0xFF])
        + bytes([2, 0, 2, 4, 9, 1, 2, 1]),
        "forged": bytes([0, 3, 1, 0, 65, 0, 7, 1, 1, 1, 1, 84, 2, 3, 0, 0, 1, 2, 107, 2, 9, 0, 0])
        + bytes([2, 4, 9, 0, 2, 2, 2, 0]),
    },
    "guest": {
        "fixed": guest(),
        "moved": guest(kind=3, origin=0),
    },
    "calls": {
        "send": bytes([0, 8, 0, 0, 0, 1]),
        "get": bytes([4, 8, 11, 0, 0]),
        "bad-get": bytes([0, 8, 0, 0, 0, 1, 4, 8, 1, 0, 4, 8, 2, 0]),
        "associate": bytes([2, 8, 4, 1, 0, 0, 0, 1]),
        "timer": bytes([13, 8, 1, 1, 1, 11, 0]),
    },
}
# fmt: on


def found_in(case):
    """The file with what the harness found."""
    return Path(__file__).parent / "corpus" / (case + ".txt")


def unpack(case, folder):
    """Writes the files."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in SEEDS[case].items():
        (folder / name).write_bytes(data)
    for number, line in enumerate(found_in(case).read_text(encoding="ascii").split()):
        (folder / f"found-{number}").write_bytes(base64.b64decode(line))


def pack(case, folder):
    """Writes the lines, in order, without those made by hand."""
    inputs = {path.read_bytes() for path in folder.iterdir()} - set(SEEDS[case].values())
    lines = sorted(base64.b64encode(data).decode() for data in inputs if data)
    found_in(case).write_text("".join(line + "\n" for line in lines), encoding="ascii")


def main():
    """Does as it is told."""
    action = {"unpack": unpack, "pack": pack}[sys.argv[1]]
    action(sys.argv[2], Path(sys.argv[3]))


if __name__ == "__main__":
    main()
