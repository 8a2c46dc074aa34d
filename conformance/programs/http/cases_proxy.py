# SPDX-License-Identifier: MIT
"""Requests that the server passes on to an origin whose answers the case controls."""

import itertools
import json
import time

from client import content, request
from registry import case, shapes

CLOSE = ("Connection: close",)
NUMBERS = itertools.count()


def fresh():
    """A name for a gate that no other case uses."""
    return f"g{next(NUMBERS)}"


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
    told = json.loads(site.get("/proxy/echo/a/b", method=method).body)
    assert (told["method"], told["arguments"]) == (method, ["a", "b"])


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
