# SPDX-License-Identifier: MIT
"""Requests that the server passes on: to an origin whose answers the case controls."""

import hashlib
import itertools
import json
import os
import socket
import threading
import time

from client import chunked, content, request
from origin import frame, read_frame, websocket_key
from registry import case, shapes

CLOSE = ("Connection: close",)
CHUNKED = ("Transfer-Encoding: chunked",)
NUMBERS = itertools.count()


def fresh():
    """A name for a gate that no other case uses."""
    return f"g{next(NUMBERS)}"


def told(response):
    """What the origin says about the request that reached it."""
    assert response.status == 200, response
    return json.loads(response.body)


def check_body(response, body):
    assert told(response)["length"] == len(body)
    assert told(response)["sha256"] == hashlib.sha256(body).hexdigest()


# --- answers

WAYS = {"buffered": "proxy", "streamed": "stream", "unix": "unix"}


@shapes(WAYS, "proxy")
def proxied(site, way):
    for size in (0, 1, 1000, 65536, 1 << 20):
        assert site.get(f"/{way}/bytes/{size}").body == content(size), size


@shapes(WAYS, "proxy")
def proxied_chunked(site, way):
    for size, piece in ((0, 1), (10, 1), (3000, 7), (1 << 20, 50000)):
        assert site.get(f"/{way}/chunked/{size}/{piece}").body == content(size), size


@shapes(WAYS, "proxy")
def proxied_until_close(site, way):
    assert site.get(f"/{way}/close/300000").body == content(300000)


@shapes({"buffered": "proxy", "streamed": "stream"}, "proxy")
def proxied_from_10(site, way):
    assert site.get(f"/{way}/old/30000").body == content(30000)


@shapes({"buffered": "proxy", "streamed": "stream"}, "proxy")
def proxied_to_10(site, way):
    with site.connect() as client:
        client.request(f"/{way}/chunked/100000/1000", version="1.0")
        assert client.response().body == content(100000)


@shapes({code: code for code in ("204", "304", "403", "404", "500", "503")}, "proxy")
def proxied_status(site, code):
    with site.connect() as client:
        client.request(f"/proxy/status/{code}")
        response = client.response()
        assert response.status == int(code) and response["x-from"] == "origin", response
        client.request("/1")
        assert client.response().body == b"0"


@case("proxy")
def proxied_head(site):
    with site.connect() as client:
        client.request("/proxy/bytes/5000", method="HEAD")
        assert client.response("HEAD")["content-length"] == "5000"
        client.request("/proxy/bytes/5", headers=CLOSE)
        assert client.response().body == content(5)


@shapes({method: method for method in ("GET", "DELETE", "OPTIONS", "PATCH", "PUT")}, "proxy")
def proxied_method(site, method):
    assert told(site.get("/proxy/echo/a/b", method=method))["method"] == method


@case("proxy")
def proxied_keep_alive(site):
    with site.connect() as client:
        for size in range(100):
            client.request(f"/proxy/bytes/{size}")
            assert client.response().body == content(size)


@case("proxy")
def proxied_pipelined(site):
    with site.connect() as client:
        client.send(b"".join(request(f"/proxy/bytes/{n}") for n in range(50)))
        for size in range(50):
            assert client.response().body == content(size)


@case("proxy")
def proxied_and_files_pipelined(site):
    with site.connect() as client:
        client.send((request("/proxy/bytes/100") + request("/1k") + request("/missing")) * 10)
        for _ in range(10):
            assert client.response().body == content(100)
            assert client.response().body == content(1024)
            assert client.response().status == 404


@case("kept")
def connections_to_origin_kept(site):
    before = site.origin.seen["connections"]
    with site.connect() as client:
        for size in range(100):
            client.request(f"/keep/bytes/{size}")
            assert client.response().body == content(size)
    assert site.origin.seen["connections"] - before <= 1


@case("kept")
def connections_to_origin_kept_at_once(site):
    for _ in range(5):
        clients = [site.connect() for _ in range(20)]
        for client in clients:
            client.request("/keep/chunked/5000/100", headers=CLOSE)
        for client in clients:
            with client:
                assert client.response().body == content(5000)


@case("proxy")
def proxied_at_once(site):
    clients = [site.connect() for _ in range(100)]
    for number, client in enumerate(clients):
        client.request(f"/proxy/bytes/{number * 100}")
    for number, client in enumerate(clients):
        with client:
            assert client.response().body == content(number * 100)


@shapes({"buffered": "proxy", "streamed": "stream"}, "proxy")
def proxied_large(site, way):
    assert site.get(f"/{way}/bytes/{8 << 20}").body == content(8 << 20)


@shapes({"buffered": "proxy", "streamed": "stream", "spooled": "spool"}, "proxy")
def proxied_slow_reader(site, way):
    with site.connect(rcvbuf=8192) as client:
        client.request(f"/{way}/bytes/{3 << 20}", headers=CLOSE)
        client.wait_stuck()
        assert client.response().body == content(3 << 20)


@case("aio")
def proxied_spooled_by_threads(site):
    with site.connect(rcvbuf=8192) as client:
        client.request("/aioproxy/bytes/3000000", headers=CLOSE)
        client.wait_stuck()
        assert client.response().body == content(3000000)


@shapes({"buffered": "proxy", "streamed": "stream"}, "proxy")
def proxied_byte_by_byte(site, way):
    assert site.get(f"/{way}/bytewise/2000").body == content(2000)


@case("proxy")
def proxied_header_in_pieces(site):
    assert site.get("/proxy/slices").body == b"abc"


@case("proxy")
def streamed_as_it_comes(site):
    """The first half must arrive while the origin waits with the second."""
    gate = fresh()
    with site.connect() as client:
        client.request(f"/stream/gate/{gate}", headers=CLOSE)
        client.head()
        assert client.chunk() == b"first\n"
        site.origin.gates[gate].set()
        assert client.chunk() == b"second\n"
        assert client.chunk() == b""


@case("proxy")
def held_back(site):
    """Answers come when the origin gives them, in another order than they were asked for."""
    held = [(fresh(), site.connect()) for _ in range(20)]
    for gate, client in held:
        client.request(f"/proxy/hold/{gate}")
    site.origin.wait_seen("request hold", 20)
    assert site.get("/1k").body == content(1024)
    for gate, client in reversed(held):
        site.origin.gates[gate].set()
        with client:
            assert client.response().body == b"held\n"


@case("proxy")
def client_leaves_while_held(site):
    seen = site.origin.seen["request hold"]
    gate = fresh()
    with site.connect() as client:
        client.request(f"/proxy/hold/{gate}")
        site.origin.wait_seen("request hold", seen + 1)
        client.reset()
    assert site.get("/1k").body == content(1024)
    site.origin.gates[gate].set()
    assert site.get("/proxy/bytes/10").body == content(10)


@case("proxy", "master")
def client_gone_origin_told(site):
    """The server notices that the client went, and ends its own connection to the origin."""
    seen, gone = site.origin.seen["request abort"], site.origin.seen["gave up"]
    with site.connect() as client:
        client.request("/proxy/abort")
        site.origin.wait_seen("request abort", seen + 1)
        client.reset()
    site.origin.wait_seen("gave up", gone + 1)


# --- origins that fail

@case("proxy")
def origin_closes(site):
    assert site.get("/proxy/drop").status in (500, 502)
    assert site.get("/proxy/bytes/10").body == content(10)


@case("strict")
def origin_talks_nonsense(site):
    assert site.get("/proxy/garbage").status == 502
    assert site.get("/proxy/bytes/10").body == content(10)


@case("proxy")
def origin_absent(site):
    assert site.get("/dead/").status in (502, 503)
    assert site.get("/1").body == b"0"


@case("second")
def second_origin(site):
    for _ in range(4):
        assert site.get("/second/bytes/100").body == content(100)


@shapes({"short": "short", "reset": "rst"}, "proxy")
def origin_breaks_off(site, word):
    """The client must see that the answer is not whole."""
    with site.connect() as client:
        client.request(f"/stream/{word}", headers=CLOSE)
        response = client.head()
        assert response.status == 502 or len(client.rest_or_reset()) < 1000
    assert site.get("/proxy/bytes/10").body == content(10)


@case("timeouts", "proxy")
def origin_too_slow(site):
    gate = fresh()
    with site.hurried() as client:
        start = time.monotonic()
        client.request(f"/proxy/hold/{gate}")
        assert client.response().status == 504
        assert 0.9 < time.monotonic() - start < 8
    site.origin.gates[gate].set()


@case("timeouts", "proxy")
def origin_stalls(site):
    gate = fresh()
    with site.hurried() as client:
        start = time.monotonic()
        client.request(f"/stream/gate/{gate}")
        client.head()
        assert client.rest().startswith(b"6\r\nfirst\n\r\n")
        assert 0.9 < time.monotonic() - start < 8
    site.origin.gates[gate].set()


# --- bodies of requests

@shapes({f"{way}-{size}": (way, size) for way in ("proxy", "stream", "unix")
         for size in (1, 5000, 1 << 20, 8 << 20)}, "proxy")
def upload(site, way, size):
    check_body(site.get(f"/{way}/echo", method="POST", body=content(size)), content(size))


@shapes({f"{way}-{size}-by-{piece}": (way, size, piece) for way in ("proxy", "stream")
         for size, piece in ((1, 1), (3000, 7), (1 << 20, 1000), (8 << 20, 1 << 20))}, "proxy")
def upload_chunked(site, way, size, piece):
    with site.connect() as client:
        client.request(f"/{way}/echo", "POST", headers=CHUNKED)
        client.send(chunked(content(size), piece))
        check_body(client.response(), content(size))
        client.request("/1")
        assert client.response().body == b"0"


@case("proxy")
def upload_chunked_with_extras(site):
    """Chunk extensions, and header fields behind the last chunk."""
    with site.connect() as client:
        client.request("/proxy/echo", "POST", headers=CHUNKED)
        client.send(b'5;name=value\r\nhello\r\n6;x="y"\r\n world\r\n0\r\nX-Trailer: end\r\n\r\n')
        check_body(client.response(), b"hello world")


@shapes({"buffered": "proxy", "streamed": "stream"}, "proxy")
def upload_byte_by_byte(site, way):
    body = content(100)
    with site.connect() as client:
        client.request(f"/{way}/echo", "POST", headers=(f"Content-Length: {len(body)}",))
        for byte in body:
            client.send(bytes([byte]))
            client.wait_read()
        check_body(client.response(), body)


@case("proxy")
def upload_chunked_byte_by_byte(site):
    body = content(100)
    with site.connect() as client:
        client.request("/proxy/echo", "POST", headers=CHUNKED)
        for byte in chunked(body, 30):
            client.send(bytes([byte]))
            client.wait_read()
        check_body(client.response(), body)


@case("proxy")
def upload_passed_on_as_it_comes(site):
    """The origin gets each byte of a streamed body before the client sends the next."""
    seen = site.origin.seen["body byte"]
    with site.connect() as client:
        client.request("/stream/watch", "POST", headers=("Content-Length: 50",))
        for sent in range(1, 51):
            client.send(b"x")
            site.origin.wait_seen("body byte", seen + sent)
        assert client.response().status == 200


@case("proxy")
def uploads_at_once(site):
    body = content(100000)
    clients = [site.connect() for _ in range(30)]
    for client in clients:
        client.request("/proxy/echo", "POST", headers=(f"Content-Length: {len(body)}",))
        client.send(body[:50000])
    for client in reversed(clients):
        client.send(body[50000:])
    for client in clients:
        with client:
            check_body(client.response(), body)


@case("proxy")
def uploads_pipelined(site):
    bodies = [content(n * 10) for n in range(1, 40)]
    with site.connect() as client:
        client.send(b"".join(request("/proxy/echo", "POST", body=body) for body in bodies))
        for body in bodies:
            check_body(client.response(), body)


@case("proxy")
def upload_while_answering(site):
    """A body behind an answer that the origin gives at once."""
    with site.connect() as client:
        client.request("/stream/early", "POST", headers=("Content-Length: 1000", *CLOSE))
        assert client.response().status == 403
    assert site.get("/1").body == b"0"


@shapes({"buffered": "proxy", "streamed": "stream"}, "proxy")
def upload_broken_off(site, way):
    with site.connect() as client:
        client.request(f"/{way}/echo", "POST", headers=("Content-Length: 1000",))
        client.send(b"x" * 500)
        client.wait_read()
        client.reset()
    assert site.get("/proxy/bytes/10").body == content(10)


@case("proxy")
def upload_half_closed(site):
    body = content(5000)
    with site.connect() as client:
        client.request("/patient/echo", "POST", body=body)
        client.half_close()
        check_body(client.response(), body)


@case("proxy")
def upload_ended_too_early(site):
    with site.connect() as client:
        client.request("/proxy/echo", "POST", headers=("Content-Length: 1000",))
        client.send(b"x" * 500)
        client.half_close()
        assert b" 200 " not in client.rest()
    assert site.get("/1").body == b"0"


@shapes({"proxied": "/proxy/echo", "proxied-streamed": "/stream/echo"}, "proxy")
def expect_continue(site, target):
    with site.connect() as client:
        client.request(target, "POST", headers=("Content-Length: 5000", "Expect: 100-continue"))
        assert client.response().status == 100
        client.send(content(5000))
        check_body(client.response(), content(5000))


@case("proxy")
def expect_continue_not_waited_for(site):
    with site.connect() as client:
        client.request("/proxy/echo", "POST", headers=("Expect: 100-continue",), body=content(50))
        response = client.response()
        check_body(client.response() if response.status == 100 else response, content(50))


@case()
def expect_continue_too_large(site):
    with site.hurried() as client:
        client.request("/1", "POST", headers=("Content-Length: 100000", "Expect: 100-continue"))
        assert client.response().status in (413, 417)


@case()
def upload_too_large(site):
    with site.hurried() as client:
        client.request("/1", "POST", headers=("Content-Length: 100000",))
        client.send(b"x" * 1000)
        assert client.response().status == 413


@case("timeouts", "proxy")
def timeout_in_upload(site):
    with site.hurried() as client:
        client.request("/proxy/echo", "POST", headers=("Content-Length: 1000",))
        client.send(b"x" * 500)
        client.wait_read()
        start = time.monotonic()
        assert b" 200 " not in client.rest_or_reset()
        assert 0.9 < time.monotonic() - start < 8


# --- what nginx does with requests of its own

@case("cache")
def cached(site):
    states = []
    for _ in range(3):
        response = site.get("/cache/bytes/5000?cached")
        assert response.body == content(5000)
        states.append(response["x-cache"])
    assert states[1:] == ["HIT", "HIT"], states


@case("cache")
def cached_once_for_many(site):
    """Many ask at once; one request goes to the origin, the others wait for it."""
    seen, gate = site.origin.seen["request bytes"], fresh()
    clients = [site.connect() for _ in range(20)]
    for client in clients:
        client.request(f"/cache/bytes/3000?{gate}")
    for client in clients:
        with client:
            assert client.response().body == content(3000)
    assert site.origin.seen["request bytes"] == seen + 1


@case("auth")
def authorised(site):
    assert site.get("/auth/1k").body == content(1024)
    assert site.get("/authno/1k").status == 403


@case("mirror")
def mirrored(site):
    seen = site.origin.seen["request status"]
    assert site.get("/mirror/1k").body == content(1024)
    site.origin.wait_seen("request status", seen + 1)


@case("resolver")
def resolved(site):
    for size in (10, 5000):
        assert site.get(f"/resolve/bytes/{size}").body == content(size)


@case("resolver")
def not_resolved(site):
    start = time.monotonic()
    assert site.get("/unresolved/bytes/10").status == 502
    assert 0.9 < time.monotonic() - start < 8


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
