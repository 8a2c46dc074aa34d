# SPDX-License-Identifier: MIT
"""Requests for files, and how many of them on a connection; bodies that the server itself takes."""

import gzip

from client import chunked, content, request
from registry import case, shapes
from servers import FILES

CLOSE = ("Connection: close",)


# --- one request

@shapes({name: name for name in FILES if " " not in name})
def file(site, name):
    response = site.get(f"/{name}")
    assert response.status == 200, response
    assert response.body == content(FILES[name])


@shapes({"index": ("/", 100), "folder": ("/dir/", 50), "query": ("/1k?a=b&c=d", 1024),
         "escaped": ("/a%20b.txt", 20), "dots": ("/dir/../1k", 1024), "slashes": ("//1k", 1024),
         "fragmentary": ("/./1k", 1024)})
def path(site, target, size):
    response = site.get(target)
    assert (response.status, response.body) == (200, content(size)), response


@shapes({name: name for name in ("0", "1k", "8m", "missing")})
def head(site, name):
    with site.connect() as client:
        client.request(f"/{name}", method="HEAD")
        response = client.response("HEAD")
        assert response.status == (404 if name == "missing" else 200), response
        assert name == "missing" or int(response["content-length"]) == FILES[name]
        client.request("/1k")
        assert client.response().body == content(1024)


@shapes({"file": "/missing", "folder": "/missing/", "below-folder": "/dir/x/y"})
def missing(site, target):
    assert site.get(target).status == 404


@case()
def folder_without_slash(site):
    response = site.get("/dir")
    assert response.status == 301 and response["location"].endswith("/dir/"), response


@case()
def redirect(site):
    response = site.get("/moved")
    assert response.status == 302 and response["location"].endswith("/index.html"), response


@case("status")
def status_page(site):
    assert site.get("/status").status == 200


RANGES = {"first": ("0-0", 0, 1), "begin": ("0-99", 0, 100), "middle": ("1000-1999", 1000, 1000),
          "open": ("65000-", 65000, 536), "suffix": ("-10", 65526, 10),
          "beyond": ("65530-99999", 65530, 6), "whole": ("0-", 0, 65536)}


@shapes(RANGES)
def byte_range(site, wanted, start, size):
    response = site.get("/64k", headers=(f"Range: bytes={wanted}",))
    assert response.status == 206, response
    assert response["content-range"] == f"bytes {start}-{start + size - 1}/65536"
    assert response.body == content(65536)[start:start + size]


@case()
def byte_range_in_pages(site):
    """A large piece out of the middle of a large file."""
    response = site.get("/8m", headers=("Range: bytes=1000001-7000000",))
    assert response.body == content(8 << 20)[1000001:7000001]


@case()
def byte_ranges(site):
    response = site.get("/64k", headers=("Range: bytes=0-9,100-109,65530-65535",))
    assert response.status == 206 and response["content-type"].startswith("multipart/byteranges")
    boundary = response["content-type"].split("boundary=")[1].encode()
    parts = response.body.split(b"--" + boundary)[1:-1]
    bodies = [part.split(b"\r\n\r\n", 1)[1][:-2] for part in parts]
    whole = content(65536)
    assert bodies == [whole[:10], whole[100:110], whole[65530:]], bodies


@case()
def range_not_satisfiable(site):
    response = site.get("/64k", headers=("Range: bytes=70000-",))
    assert response.status == 416 and response["content-range"] in ("bytes */65536", None)


@case()
def if_range(site):
    tag = site.get("/old.txt")["etag"]
    matching = site.get("/old.txt", headers=("Range: bytes=0-9", f"If-Range: {tag}"))
    other = site.get("/old.txt", headers=("Range: bytes=0-9", 'If-Range: "other"'))
    assert (matching.status, len(matching.body)) == (206, 10)
    assert (other.status, len(other.body)) == (200, 300)


@case()
def not_modified(site):
    whole = site.get("/old.txt")
    for header in (f"If-Modified-Since: {whole['last-modified']}",
                   f"If-None-Match: {whole['etag']}"):
        with site.connect() as client:
            client.request("/old.txt", headers=(header,))
            assert client.response().status == 304
            client.request("/1")
            assert client.response().body == b"0"


@case()
def modified(site):
    response = site.get("/old.txt", headers=("If-Modified-Since: Sat, 01 Jan 2000 00:00:00 GMT",))
    assert (response.status, len(response.body)) == (200, 300)


@shapes({"1k": "1k", "64k": "64k", "1m": "1m"}, "gzip")
def compressed(site, name):
    response = site.get(f"/gzip/{name}", headers=("Accept-Encoding: gzip",))
    assert response["content-encoding"] == "gzip", response
    assert gzip.decompress(response.body) == content(FILES[name])


@shapes({"aio": "aio", "aio-sendfile": "aiosend", "sendfile": "sendfile", "postpone": "postpone"},
        "aio")
def sent_by(site, prefix):
    """Reading in other threads ends in an event of the user's kind."""
    for name in ("1", "64k", "1m", "8m"):
        assert site.get(f"/{prefix}/{name}").body == content(FILES[name]), name


@case("aio")
def aio_pipelined(site):
    with site.connect() as client:
        client.send(request("/aio/64k") * 20)
        for _ in range(20):
            assert client.response().body == content(1 << 16)


@case("aio")
def aio_concurrent(site):
    clients = [site.connect() for _ in range(20)]
    for client in clients:
        client.request("/aio/1m")
    for client in clients:
        with client:
            assert client.response().body == content(1 << 20)


# --- versions, and the life of a connection

@shapes({"1.1": ("1.1", (), True), "1.1-close": ("1.1", CLOSE, False), "1.0": ("1.0", (), False),
         "1.0-keep": ("1.0", ("Connection: keep-alive",), True)})
def version(site, number, headers, stays):
    with site.connect() as client:
        client.request("/1k", version=number, headers=headers)
        assert client.response().body == content(1024)
        if not stays:
            return client.expect_close()
        client.request("/1", version=number, headers=headers)
        assert client.response().body == b"0"


@case("http09")
def version_09(site):
    with site.connect() as client:
        client.send(b"GET /1k\r\n")
        assert client.rest() == content(1024)


@shapes({str(count): count for count in (2, 10, 500)})
def keep_alive(site, count):
    with site.connect() as client:
        for _ in range(count):
            client.request("/1k")
            assert client.response().body == content(1024)
        assert client.is_open()


@case()
def keep_alive_after_errors(site):
    with site.connect() as client:
        for target, status in (("/missing", 404), ("/1", 200), ("/dir", 301), ("/1", 200)):
            client.request(target)
            assert client.response().status == status
        assert client.is_open()


@case()
def keep_alive_sizes(site):
    with site.connect() as client:
        for name, size in list(FILES.items()) * 2:
            if size <= 1 << 16:
                client.request("/" + name.replace(" ", "%20"))
                assert client.response().body == content(size)


@case()
def keep_alive_large_then_small(site):
    """After an answer that filled the socket the connection must still be listened to: the next
    request comes when the server has gone on to other things."""
    with site.connect(rcvbuf=16384) as client:
        client.request("/8m")
        client.wait_stuck()
        assert client.response().body == content(8 << 20)
        assert site.get("/1").body == b"0"
        client.request("/1k")
        assert client.response().body == content(1024)


@case("keepalive-limit")
def keep_alive_limit(site):
    with site.hurried() as client:
        for _ in range(3):
            client.request("/1")
            last = client.response()
        assert last["connection"] == "close"
        client.expect_close()


@shapes({str(count): count for count in (2, 10, 100, 300)})
def pipelined(site, count):
    with site.connect() as client:
        client.send(request("/1k") * count)
        for _ in range(count):
            assert client.response().body == content(1024)
        assert client.is_open()


@case()
def pipelined_mixed(site):
    with site.connect() as client:
        client.send(request("/1k", method="HEAD") + request("/missing") + request("/0")
                    + request("/64k", headers=("Range: bytes=5-9",))
                    + request("/dir/", headers=CLOSE))
        assert client.response("HEAD")["content-length"] == "1024"
        assert client.response().status == 404
        assert client.response().body == b""
        assert client.response().body == content(65536)[5:10]
        assert client.response().body == content(50)
        client.expect_close()


@case()
def pipelined_large(site):
    with site.connect() as client:
        client.send(request("/1m") * 7 + request("/1m", headers=CLOSE))
        for _ in range(8):
            assert client.response().body == content(1 << 20)
        client.expect_close()


@case()
def pipelined_before_close(site):
    """Nothing behind a request that ends the connection is answered."""
    with site.connect() as client:
        client.send(request("/1", headers=CLOSE) + request("/1k"))
        assert client.response().body == b"0"
        client.expect_close()


# --- bodies of requests that the server itself takes

@shapes({"empty": 0, "one": 1, "1k": 1024, "1m": 1 << 20, "8m": 8 << 20}, "dav")
def put(site, size):
    with site.connect() as client:
        length = () if size else ("Content-Length: 0",)
        client.request("/put/file", "PUT", headers=length, body=content(size))
        assert client.response().status in (201, 204)
        client.request("/put/file", headers=CLOSE)
        assert client.response().body == content(size)


@shapes({"one-chunk": (1000, 1000), "small-chunks": (3000, 7), "large": (8 << 20, 65536)}, "dav")
def put_chunked(site, size, piece):
    with site.connect() as client:
        client.request("/put/file", "PUT", headers=("Transfer-Encoding: chunked",))
        client.send(chunked(content(size), piece))
        assert client.response().status in (201, 204)
        client.request("/put/file", headers=CLOSE)
        assert client.response().body == content(size)


@case("cgi")
def cgi_answer(site):
    assert site.get("/script.cgi?word").body == b"GET word\n"


@case("cgi")
def cgi_large_answer(site):
    assert len(site.get("/script.cgi?big").body) == 2000 * 128


@case("cgi")
def cgi_concurrent(site):
    clients = [site.connect() for _ in range(20)]
    for number, client in enumerate(clients):
        client.request(f"/script.cgi?{number}")
    for number, client in enumerate(clients):
        with client:
            assert client.response().body == b"GET %d\n" % number


@case("cgi")
def cgi_client_gone(site):
    with site.connect() as client:
        client.request("/script.cgi?big")
        client.reset()
    assert site.get("/script.cgi?word").body == b"GET word\n"
