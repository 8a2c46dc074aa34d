# SPDX-License-Identifier: MIT
"""Servers of datagrams, for nginx to ask: one for names, and one that answers in capitals."""

import socket
import struct
import threading


class DatagramServer:
    def __init__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                data, sender = self.socket.recvfrom(2000)
            except OSError:
                return
            answer = self.answer(data)
            if answer is not None:
                self.socket.sendto(answer, sender)

    def close(self):
        self.socket.close()


class Capitals(DatagramServer):
    def answer(self, data):
        return data.upper()


class Names(DatagramServer):
    """Knows every name as 127.0.0.1, but says nothing about those that begin with "silent"."""

    def answer(self, data):
        number, question = data[:2], data[12:data.index(b"\0", 12) + 5]
        if question[1:].startswith(b"silent"):
            return None
        header = number + struct.pack(">HHHHH", 0x8180, 1, 1, 0, 0)
        record = b"\xc0\x0c" + struct.pack(">HHIH", 1, 1, 1, 4) + socket.inet_aton("127.0.0.1")
        return header + question + record
