"""ClickHouse's HTTP interface over chDB in a process of its own: ``python -m tests.clickhouse FOLDER PORT``.

No ClickHouse server of today can be installed where these tests run. This is the same engine behind the same
interface, so it proves the client's side: types, settings, tokens, errors, a server that goes and comes back.
It proves nothing on replication, clusters, quotas, accounts or TLS.
"""

import gzip
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from email import message_from_bytes
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import cast
from urllib.parse import parse_qsl, urlsplit
from uuid import uuid4

import lz4.frame
from chdb.state.sqlitelike import Connection

from crawlight.kit.zstd import zstd

_UNPACK = {"": bytes, "gzip": gzip.decompress, "lz4": lz4.frame.decompress, "zstd": zstd.decompress}
_FORMAT = re.compile(rb"\sFORMAT\s+(\w+)\s*$", re.IGNORECASE)
_INSERT = re.compile(rb"\s*INSERT\b.*?\sFORMAT\s+\w+[^\S\n]*(?:\n|$)", re.IGNORECASE | re.DOTALL)
# Of the interface, not of the query.
_OURS = {
    "query",
    "database",
    "session_id",
    "query_id",
    "client_protocol_version",
    "wait_end_of_query",
    "role",
}
_OURS |= {
    "compress",
    "decompress",
    "default_format",
    "enable_http_compression",
    "http_headers_progress_interval_ms",
}
_OURS |= {"send_progress_in_http_headers", "user", "password"}
_FIELD_BYTES = 128 * 1024  # http_max_field_value_size


def _form(kind: str, body: bytes) -> dict[str, str]:
    whole = message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode() + body)
    fields: dict[str, str] = {}
    for part in cast(list[Message], whole.get_payload()):
        value = cast(bytes, part.get_payload(decode=True))
        if len(value) > _FIELD_BYTES:
            raise ValueError("Code: 1000. Field value too long")
        fields[str(part.get_param("name", header="content-disposition"))] = value.decode()
    return fields


class Handler(BaseHTTPRequestHandler):
    """One connection: an own connection to the engine, as a server gives each its own session."""

    protocol_version = "HTTP/1.1"
    server: "Endpoint"

    def setup(self) -> None:
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.engine = Connection(str(self.server.folder))

    def finish(self) -> None:
        self.engine.close()
        super().finish()

    def do_GET(self) -> None:
        if urlsplit(self.path).path == "/ping":
            self._answer(200, b"Ok.\n", {})
        else:
            self.do_POST()

    def do_POST(self) -> None:
        asked = dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))
        body = _UNPACK[self.headers.get("Content-Encoding", "")](self._body())
        try:
            if (kind := self.headers.get("Content-Type", "")).startswith("multipart/form-data"):
                asked, body = asked | _form(kind, body), b""
            settings = {name: value for name, value in asked.items() if name not in _OURS}
            result, kind = self._run(
                asked.get("database", ""), asked.get("query", "").encode(), body, settings
            )
        except Exception as error:
            code = re.search(r"Code: (\d+)", str(error))
            headers = {"X-ClickHouse-Exception-Code": code[1] if code else "1002"}
            self._answer(500, str(error).encode(), headers)
        else:
            self._answer(200, result, {"X-ClickHouse-Format": kind, "X-ClickHouse-Timezone": "UTC"})

    def _run(self, database: str, query: bytes, body: bytes, settings: dict[str, str]) -> tuple[bytes, str]:
        if database:
            self.engine.query(f"USE {database}")
        for name, value in settings.items():
            text = value.replace("\\", "\\\\").replace("'", "\\'")
            self.engine.query(f"SET {name} = '{text}'")
        try:
            head = _INSERT.match(query or body)
            if head and (query or len(body) > head.end()):
                return self._insert(head[0], body if query else body[head.end() :]), "Null"
            return self._query(query + body)
        finally:
            for name in settings:
                if not name.startswith("param_"):
                    self.engine.query(f"SET {name} = DEFAULT")

    def _query(self, sql: bytes) -> tuple[bytes, str]:
        kind = found[1].decode() if (found := _FORMAT.search(sql)) else "TabSeparated"
        answer = self.engine.query(sql.decode(), kind)
        return answer.bytes() if answer is not None else b"", kind

    def _insert(self, head: bytes, data: bytes) -> bytes:
        with tempfile.NamedTemporaryFile() as file:
            file.write(data)
            file.flush()
            self.engine.query(
                re.sub(r"\sFORMAT\s", f" FROM INFILE '{file.name}' FORMAT ", head.decode(), count=1)
            )
        return b""

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = []
        while size := int(self.rfile.readline(), 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {
            **headers,
            "Content-Length": str(len(body)),
            "X-ClickHouse-Summary": "{}",
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the base class
        """Say nothing."""


class Endpoint(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.first = Connection(str(folder))  # keeps the engine open while no client is there
        super().__init__(("127.0.0.1", port), Handler)


class ClickHouse:
    """A server that can be killed and started again on the same folder and port."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with closing(socket.create_server(("127.0.0.1", 0))) as free:
            self.port = int(free.getsockname()[1])
        self._process: subprocess.Popen[bytes] | None = None

    def database(self) -> str:
        """Make an empty database; give its URL."""
        name = f"test_{uuid4().hex}"
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/", f"CREATE DATABASE {name}".encode()):
            return f"http://default:secret@127.0.0.1:{self.port}/{name}"

    def start(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.clickhouse", self.folder, str(self.port)]
        )
        end = time.monotonic() + 60
        while not self._answers():
            assert self._process.poll() is None, "the server ended"
            assert time.monotonic() < end, "the server does not answer"
            time.sleep(0.05)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/ping", timeout=5):
                return True
        except OSError:
            return False


@contextmanager
def clickhouse(folder: Path) -> Iterator[ClickHouse]:
    """A running server on an empty folder."""
    server = ClickHouse(folder)
    server.start()
    try:
        yield server
    finally:
        server.kill()


if __name__ == "__main__":
    Endpoint(Path(sys.argv[1]), int(sys.argv[2])).serve_forever()
