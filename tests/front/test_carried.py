"""What Caddy carries both ways without Crawlight: streams, upgrades, large bodies, and origins that fail."""

import hashlib
import http.client
import socket
import time

import pytest

from tests.front import origin
from tests.front.conftest import CRAWLER, PERSON, Front
from tests.servers import free_port


def connect(front: Front) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", front.port, timeout=20)


def test_a_hundred_megabytes_go_both_ways(front: Front) -> None:
    whole = hashlib.sha256(origin.PIECE * origin.PIECES).hexdigest()
    length = {"Content-Length": str(len(origin.PIECE) * origin.PIECES)}
    connection = connect(front)
    pieces = (origin.PIECE for _ in range(origin.PIECES))
    connection.request("POST", "/upload", pieces, {"Host": "example.com", **PERSON, **length})
    assert connection.getresponse().read().decode() == whole
    connection.request("GET", "/download", headers={"Host": "example.com", **PERSON})
    answer, digest = connection.getresponse(), hashlib.sha256()
    while piece := answer.read(1 << 20):
        digest.update(piece)
    assert digest.hexdigest() == whole
    connection.close()


def test_events_come_at_once_and_end_with_the_visitor(front: Front) -> None:
    connection = connect(front)
    connection.request("GET", "/events", headers={"Host": "example.com", **PERSON})
    answer = connection.getresponse()
    assert answer.readline() == b"data: 0\n"
    answer.close()
    connection.close()
    assert origin.Server.gone.wait(5)


@pytest.mark.parametrize("who", [PERSON, {"User-Agent": "ws-client/1.0"}])
def test_upgraded_connections_go_through(front: Front, who: dict[str, str]) -> None:
    with socket.create_connection(("127.0.0.1", front.port), timeout=10) as client:
        headers = {"Host": "example.com", "Connection": "Upgrade", "Upgrade": "websocket", **who}
        lines = [f"{name}: {text}" for name, text in headers.items()]
        client.sendall("\r\n".join(["GET /socket HTTP/1.1", *lines, "", ""]).encode())
        came = b""
        while b"\r\n\r\n" not in came:
            came += client.recv(1024)
        assert came.startswith(b"HTTP/1.1 101 ")
        client.sendall(b"\x81\x05hello")
        assert client.recv(1024) == b"\x81\x05hello"


def test_headers_of_the_connection_stay_here_and_all_others_pass(front: Front) -> None:
    hop = {
        "Connection": "close, X-Mine",
        "X-Mine": "1",
        "Keep-Alive": "timeout=5",
        "Proxy-Authorization": "x",
        "TE": "gzip",
    }
    end = {
        "Range": "bytes=0-1",
        "If-Range": '"a"',
        "Cookie": "a=b",
        "Authorization": "Basic eDp5",
        "X-Other": "2",
    }
    answer = front.ask("/", PERSON | hop | end)
    for name in ("X-Mine", "Keep-Alive", "Proxy-Authorization", "TE"):
        assert answer.seen_header(name) == [], name
    for name, text in end.items():
        assert answer.seen_header(name) == [text], name


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: example.com\r\nHost: other.example\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: exa mple.com\r\n\r\n", 400),
        (b"GET http://other.example/ HTTP/1.1\r\nHost: example.com\r\n\r\n", 421),
        (b"POST / HTTP/1.1\r\nHost: example.com\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501),
        (b"POST / HTTP/1.1\r\nHost: example.com\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
    ],
)
def test_requests_that_could_be_read_in_two_ways_are_refused(front: Front, head: bytes, status: int) -> None:
    with socket.create_connection(("127.0.0.1", front.port), timeout=10) as client:
        client.sendall(head)
        assert client.recv(1024).split(b" ")[1] == b"%d" % status


def test_of_two_lengths_the_chunks_count(front: Front) -> None:
    """And nothing behind them is taken for a request (RFC 9112, 6.3)."""
    with socket.create_connection(("127.0.0.1", front.port), timeout=10) as client:
        client.sendall(
            b"POST / HTTP/1.1\r\nHost: example.com\r\nSec-Fetch-Mode: cors\r\nX-Answer: []\r\n"
            b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
        )
        assert b'"Content-Length"' not in client.recv(65536)


def test_an_origin_that_dies_in_the_middle_cuts_the_connection(front: Front) -> None:
    connection = connect(front)
    connection.request("GET", "/cut", headers={"Host": "example.com", **PERSON})
    with pytest.raises((http.client.IncompleteRead, ConnectionError)):
        connection.getresponse().read()
    connection.close()


def test_where_the_origin_is_down_crawlers_get_the_snapshot(front: Front) -> None:
    front.set("--origin", f"http://127.0.0.1:{free_port()}")
    try:
        deadline = time.monotonic() + 5
        while (answer := front.ask("/")).status != 502:
            assert time.monotonic() < deadline
        assert (answer.header("Cache-Control"), answer.body) == ("no-store", b"502 Bad Gateway\n")
        assert front.ask("/", CRAWLER).body == b"<h1>The snapshot</h1>"
        assert front.ask("/none", CRAWLER).status == 502
    finally:
        front.set("--origin", f"http://127.0.0.1:{front.origin}")
