# SPDX-License-Identifier: MIT
"""Requests with bodies that the server passes on to the origin."""

import hashlib
import json
import time

from client import chunked, content, request
from registry import case, shapes

CLOSE = ("Connection: close",)
CHUNKED = ("Transfer-Encoding: chunked",)


def check_body(response, body):
    """The origin says that this is what reached it."""
    assert response.status == 200, response
    told = json.loads(response.body)
    assert told["length"] == len(body)
    assert told["sha256"] == hashlib.sha256(body).hexdigest()


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
