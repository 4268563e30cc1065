"""A site behind the front: says what it was asked, byte by byte."""

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PIECE = bytes(range(256)) * 4096
PIECES = 100
"""A hundred MiB."""


class Server(ThreadingHTTPServer):
    """``gone`` is set when a visitor of /events has gone."""

    daemon_threads = True
    gone = threading.Event()


class Handler(BaseHTTPRequestHandler):
    """Answers any method with what came: ``X-Answer`` asks for further headers, as JSON."""

    server: Server
    protocol_version = "HTTP/1.1"

    def handle_one_request(self) -> None:
        self.do_GET = self.do_POST = self.do_PUT = self.do_HEAD = self.do_DELETE = self.echo
        super().handle_one_request()

    def echo(self) -> None:
        special = getattr(self, f"at_{self.path[1:]}", None) if self.path[1:].isalpha() else None
        if special is not None:
            special()
        else:
            self.say_what_came()

    def at_upload(self) -> None:
        """Counts a body, without keeping it."""
        left, digest = int(self.headers["Content-Length"]), hashlib.sha256()
        while left:
            piece = self.rfile.read(min(left, 65536))
            digest.update(piece)
            left -= len(piece)
        self.answer(digest.hexdigest().encode())

    def at_download(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(PIECE) * PIECES))
        self.end_headers()
        for _ in range(PIECES):
            self.wfile.write(PIECE)

    def at_events(self) -> None:
        """Server-sent events until the visitor goes; ``gone`` is set then."""
        self.server.gone.clear()
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        self.close_connection = True
        with suppress(OSError):
            for number in range(200):
                self.wfile.write(f"data: {number}\n\n".encode())
                self.connection.settimeout(0.1)
                with suppress(TimeoutError):
                    if not self.connection.recv(1):
                        break
        self.server.gone.set()

    def at_socket(self) -> None:
        """An upgraded connection that gives back what comes."""
        self.send_response(101)
        self.send_header("Connection", "Upgrade")
        self.send_header("Upgrade", self.headers["Upgrade"])
        self.end_headers()
        while came := self.connection.recv(1024):
            self.connection.sendall(came)
        self.close_connection = True

    def at_cut(self) -> None:
        """Dies in the middle of an answer."""
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b"half")
        self.close_connection = True

    def answer(self, content: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def say_what_came(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        told = {
            "method": self.command,
            "target": self.path,
            "headers": self.headers.items(),
            "body": body.decode(),
        }
        content = json.dumps(told).encode()
        self.send_response(200)
        for name, text in json.loads(self.headers.get("X-Answer", "[]")):
            self.send_header(name, text)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def serving() -> Iterator[int]:
    """The port on which it answers."""
    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()
