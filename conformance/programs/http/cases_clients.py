# SPDX-License-Identifier: MIT
"""Clients that send in pieces, send nonsense, read slowly, leave, come in crowds, or do nothing."""

import time

from client import content, request, wait_until
from registry import case, shapes
from servers import FILES

CLOSE = ("Connection: close",)


# --- the request in pieces

PIECES = request("/1k", headers=("Accept: */*",))


@shapes({str(at): at for at in (1, 3, 4, 9, 14, 15, 16, 30, len(PIECES) - 4, len(PIECES) - 3,
                                len(PIECES) - 2, len(PIECES) - 1)})
def split(site, at):
    with site.connect() as client:
        client.send(PIECES[:at])
        client.wait_read()
        client.send(PIECES[at:])
        assert client.response().body == content(1024)


@case()
def byte_by_byte(site):
    with site.connect() as client:
        for _ in range(2):
            for byte in request("/1k", headers=("X-Long: " + "x" * 60,)):
                client.send(bytes([byte]))
                client.wait_read()
            assert client.response().body == content(1024)


@case()
def pipelined_byte_by_byte(site):
    with site.connect() as client:
        for byte in request("/1") * 3:
            client.send(bytes([byte]))
            client.wait_read()
        for _ in range(3):
            assert client.response().body == b"0"


@case()
def pipelined_split_in_second(site):
    with site.connect() as client:
        client.send(PIECES + PIECES[:10])
        assert client.response().body == content(1024)
        client.wait_read()
        client.send(PIECES[10:])
        assert client.response().body == content(1024)


@case("leading-newline")
def leading_newline(site):
    with site.connect() as client:
        client.send(b"\r\n" + request("/1"))
        assert client.response().body == b"0"


@case()
def long_header(site):
    headers = [f"X-{i}: " + "v" * 100 for i in range(60)]
    assert site.get("/1", headers=headers).body == b"0"


# --- what is wrong with the request

BAD = {"garbage": b"\x00\x01\x02\r\n\r\n", "no-host": b"GET / HTTP/1.1\r\n\r\n",
       "two-hosts": b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
       "space-in-name": b"GET / HTTP/1.1\r\nHost: a\r\nBad Name : x\r\nContent-Length : 1\r\n\r\n",
       "length": b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ten\r\n\r\n",
       "version": b"GET / HTTP/x.y\r\nHost: a\r\n\r\n",
       "coding": b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: odd\r\n\r\n"}


@shapes(BAD)
def bad_request(site, data):
    with site.connect() as client:
        client.send(data)
        assert client.response().status in (400, 501, 505) or data is BAD["space-in-name"]
    assert site.get("/1").body == b"0"


@case()
def request_line_too_long(site):
    with site.connect() as client:
        client.request("/" + "x" * 70000)
        assert client.response().status in (400, 414, 431)


@case()
def header_too_long(site):
    with site.connect() as client:
        client.request("/1", headers=("X-Long: " + "x" * 70000,))
        assert client.response().status in (400, 431)


@case()
def unknown_method(site):
    assert site.get("/1", method="BREW").status in (400, 405, 501)


@case()
def post_to_file(site):
    with site.connect() as client:
        client.request("/1k", method="POST", body=content(100000), headers=CLOSE)
        assert client.response("POST").status in (200, 405)


# --- slow and impolite clients

@shapes({"4k": 4096, "64k": 65536})
def slow_reader(site, rcvbuf):
    with site.connect(rcvbuf=rcvbuf) as client:
        client.request("/8m", headers=CLOSE)
        client.wait_stuck()
        response, parts, size = client.head(), [], 0
        while size < int(response["content-length"]):
            parts.append(client.exactly(min(50000, (8 << 20) - size)))
            size += len(parts[-1])
        assert b"".join(parts) == content(8 << 20)
        client.expect_close()


@case()
def slow_readers_together(site):
    """Many answers that are stuck, taken up in another order than they were asked for."""
    clients = [site.connect(rcvbuf=8192) for _ in range(20)]
    for client in clients:
        client.request("/1m", headers=CLOSE)
        client.wait_stuck()
    assert site.get("/1").body == b"0"
    for client in reversed(clients):
        with client:
            assert client.response().body == content(1 << 20)


@case("slow")
def limited_rate(site):
    start = time.monotonic()
    assert site.get("/slow/1m", headers=CLOSE).body == content(1 << 20)
    assert 2 < time.monotonic() - start < 20


@case("slow")
def limited_rate_beside_others(site):
    with site.connect() as client:
        client.request("/slow/1m", headers=CLOSE)
        for _ in range(50):
            assert site.get("/1k").body == content(1024)
        assert client.response().body == content(1 << 20)


@case()
def half_close_after_request(site):
    with site.connect() as client:
        client.request("/1m")
        client.half_close()
        assert client.response().body == content(1 << 20)
        client.expect_close()


@case()
def half_close_after_pipeline(site):
    with site.connect() as client:
        client.send(request("/1k") * 20)
        client.half_close()
        for _ in range(20):
            assert client.response().body == content(1024)
        client.expect_close()


@case()
def half_close_in_request(site):
    with site.connect() as client:
        client.send(b"GET /1 HT")
        client.wait_read()
        client.half_close()
        client.expect_close()


@case()
def half_close_at_once(site):
    with site.connect() as client:
        client.half_close()
        client.expect_close()


@shapes({"at-once": b"", "in-request": b"GET /1 HT", "idle": None, "in-answer": request("/8m")})
def rst(site, data):
    """The server must let go of the connection, and stay as it is."""
    with site.connect(rcvbuf=4096) as client:
        if data is None:
            client.request("/1")
            assert client.response().body == b"0"
        elif data:
            client.send(data)
            client.wait_read()
        if data and data.endswith(b"\n"):
            client.wait_stuck()
        client.reset()
    assert site.get("/1k").body == content(1024)


@case()
def closed_in_answer(site):
    for _ in range(20):
        with site.connect() as client:
            client.request("/8m")
            client.exactly(1000)
    assert site.get("/1k").body == content(1024)


# --- many connections

@case()
def connect_and_close(site):
    for _ in range(300):
        site.connect().close()
    assert site.get("/1").body == b"0"


@case()
def connect_and_reset(site):
    for _ in range(300):
        site.connect().reset()
    assert site.get("/1").body == b"0"


@case()
def many_at_once(site):
    clients = [site.connect() for _ in range(200)]
    for client in clients:
        client.send(b"GET /1k HTTP/1.1\r\n")
    for client in reversed(clients):
        client.send(b"Host: localhost\r\n\r\n")
    for client in clients:
        assert client.response().body == content(1024)
    for client in clients:
        client.request("/1")
    for client in clients:
        with client:
            assert client.response().body == b"0"


@case()
def idle_beside_busy(site):
    idle = [site.connect() for _ in range(200)]
    for _ in range(200):
        assert site.get("/1").body == b"0"
    for client in idle:
        with client:
            client.request("/1")
            assert client.response().body == b"0"


@case()
def descriptors_used_again(site):
    """Waves of connections: each gets descriptors that others, differently ended, have left."""
    for wave in range(20):
        clients = [site.connect() for _ in range(30)]
        for number, client in enumerate(clients):
            client.request("/64k")
            if (number + wave) % 3 == 0:
                client.reset()
        for number, client in enumerate(clients):
            if (number + wave) % 3:
                assert client.response().body == content(1 << 16)
                client.close()


@case("unix")
def unix_socket(site):
    with site.connect(site.server.unix) as client:
        for name in ("1", "1k", "1m"):
            client.request(f"/{name}", headers=CLOSE if name == "1m" else ())
            response = client.response()
            assert response.status == 200 and response.body == content(FILES[name])


@case("unix")
def unix_sockets_at_once(site):
    clients = [site.connect(site.server.unix) for _ in range(100)]
    for client in clients:
        client.request("/1k")
    for client in clients:
        with client:
            assert client.response().body == content(1024)


@case("unix")
def unix_socket_half_closed(site):
    with site.connect(site.server.unix) as client:
        client.send(request("/1k") * 3)
        client.half_close()
        assert [client.response().status for _ in range(3)] == [200] * 3
        client.expect_close()


# --- timeouts: of a second each, counted from when the client stops

def seconds_until_close(client, lowest=0.5, highest=8):
    start = time.monotonic()
    client.rest_or_reset()
    assert lowest < time.monotonic() - start < highest


@case("first-timeout")
def timeout_without_request(site):
    with site.hurried() as client:
        seconds_until_close(client)


@case("first-timeout")
def timeout_in_header(site):
    with site.hurried() as client:
        client.send(b"GET /1 HTTP/1.1\r\nHost")
        client.wait_read()
        seconds_until_close(client)


@case()
def timeout_keep_alive(site):
    with site.hurried() as client:
        client.request("/1")
        assert client.response().body == b"0"
        seconds_until_close(client)


@case()
def timeout_in_answer(site):
    """The server gives up an answer that nobody takes."""
    with site.hurried(rcvbuf=4096) as client:
        client.request("/8m")
        client.wait_stuck()
        start = time.monotonic()
        wait_until(client.server_gave_up, "the server gives the connection up")
        assert time.monotonic() - start < 9


@case("first-timeout")
def many_timeouts_at_once(site):
    clients = [site.hurried() for _ in range(50)]
    for client in clients[::2]:
        client.send(b"GET")
    start = time.monotonic()
    for client in clients:
        with client:
            client.rest_or_reset()
    assert time.monotonic() - start < 8
