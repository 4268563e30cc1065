"""A site behind the front: says what it was asked, byte by byte."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Handler(BaseHTTPRequestHandler):
    """Answers any method with what came: ``X-Answer`` asks for further headers, as JSON."""

    protocol_version = "HTTP/1.1"

    def handle_one_request(self) -> None:
        self.do_GET = self.do_POST = self.do_PUT = self.do_HEAD = self.do_DELETE = self.echo
        super().handle_one_request()

    def echo(self) -> None:
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
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()
