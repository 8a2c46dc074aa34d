# SPDX-License-Identifier: MIT
"""Connections whose bytes the server passes on both ways: WebSocket; TCP and UDP in nginx."""

import os
import socket
import threading
import time

from client import content
from origin import frame, read_frame, websocket_key
from registry import case, shapes


# --- WebSocket

def upgrade(client, key=None):
    headers = ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13"]
    if key:
        headers.append("Sec-WebSocket-Key: " + key.decode())
    client.request("/ws/ws", headers=headers)
    response = client.response()
    assert response.status == 101 and response["upgrade"] == "websocket", response
    return response


@shapes({"small": (100, 5), "large": (3, 500000)}, "ws")
def websocket_frames(site, count, size):
    with site.connect() as client:
        assert upgrade(client, websocket_key())["sec-websocket-accept"]
        for _ in range(count):
            client.send(frame(2, content(size), mask=os.urandom(4)))
            assert read_frame(client) == (2, content(size))
        client.send(frame(8, b"\x03\xe8", mask=os.urandom(4)))
        assert read_frame(client) == (8, b"\x03\xe8")
        client.expect_close()


@case("ws")
def websocket_bytes_both_ways(site):
    """More goes both ways than the buffers hold, so both sides must be written and read at once."""
    body = content(8 << 20)
    with site.connect() as client:
        upgrade(client)
        sender = threading.Thread(target=client.send, args=(body,))
        sender.start()
        assert client.exactly(len(body)) == body
        sender.join()


@case("ws")
def websocket_byte_by_byte(site):
    with site.connect() as client:
        upgrade(client)
        for byte in content(300):
            client.send(bytes([byte]))
            assert client.exactly(1)[0] == byte


@case("ws")
def websocket_first_bytes_early(site):
    """Bytes that come with the request go through once the upgrade is done."""
    with site.connect() as client:
        upgrade(client)
        client.send(b"one")
        assert client.exactly(3) == b"one"


@case("ws")
def websockets_at_once(site):
    clients = [site.connect() for _ in range(50)]
    for client in clients:
        upgrade(client)
    for turn in range(5):
        for client in clients:
            client.send(b"turn %d" % turn)
        for client in reversed(clients):
            assert client.exactly(6) == b"turn %d" % turn
    for client in clients:
        client.close()


@shapes({"closed": False, "reset": True}, "ws")
def websocket_ended_by_client(site, by_reset):
    ended = site.origin.seen["ws ended"]
    with site.connect() as client:
        upgrade(client)
        client.send(b"x")
        assert client.exactly(1) == b"x"
        if by_reset:
            client.reset()
    site.origin.wait_seen("ws ended", ended + 1)


@case("ws", "timeouts")
def websocket_idle(site):
    with site.hurried() as client:
        upgrade(client)
        start = time.monotonic()
        client.expect_close()
        assert 0.9 < time.monotonic() - start < 8


@case("ws", "timeouts")
def websocket_busy_longer_than_timeout(site):
    """What is sent restarts the second that it may be idle."""
    with site.hurried() as client:
        upgrade(client)
        start = time.monotonic()
        while time.monotonic() - start < 2:
            client.send(b"x")
            assert client.exactly(1) == b"x"


# --- connections that nginx passes on without looking

def stream_request(client, size):
    client.request(f"/p/bytes/{size}")
    assert client.response().body == content(size)


@shapes({str(size): size for size in (1, 1 << 20, 8 << 20)}, "stream-proxy")
def tcp_proxied(site, size):
    with site.connect(site.server.tcp) as client:
        stream_request(client, size)
        stream_request(client, 10)


@case("stream-proxy")
def tcp_both_ways(site):
    body = content(8 << 20)
    with site.connect(site.server.tcp) as client:
        upgrade(client)
        sender = threading.Thread(target=client.send, args=(body,))
        sender.start()
        assert client.exactly(len(body)) == body
        sender.join()


@case("stream-proxy")
def tcp_half_closed(site):
    with site.connect(site.server.tcp) as client:
        upgrade(client)
        client.send(content(100000))
        client.half_close()
        assert client.rest() == content(100000)


@case("stream-proxy")
def tcp_at_once(site):
    clients = [site.connect(site.server.tcp) for _ in range(50)]
    for client in clients:
        client.request("/p/bytes/20000")
    for client in reversed(clients):
        with client:
            assert client.response().body == content(20000)


@case("stream-proxy")
def tcp_idle(site):
    with site.connect(site.server.tcp_idle) as client:
        start = time.monotonic()
        client.expect_close()
        assert 0.9 < time.monotonic() - start < 8


@case("stream-proxy")
def udp_proxied(site):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(8)
        client.connect(site.server.udp)
        for number in range(100):
            client.send(b"datagram %d" % number)
            assert client.recv(2000) == b"DATAGRAM %d" % number


@case("stream-proxy")
def udp_at_once(site):
    clients = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(30)]
    for number, client in enumerate(clients):
        client.settimeout(8)
        client.connect(site.server.udp)
        client.send(b"datagram %d" % number)
    for number, client in enumerate(clients):
        with client:
            assert client.recv(2000) == b"DATAGRAM %d" % number
