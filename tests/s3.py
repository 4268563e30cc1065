"""A stand-in for Amazon S3, which does not run here: lists and gives the objects of one bucket over HTTP."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

from crawlight.kit.clock import now

Bucket = dict[str, bytes]

_OBJECT = """<Contents><Key>{key}</Key><LastModified>{moment}</LastModified><ETag>"{tag}"</ETag><Size>{size}</Size>
<StorageClass>STANDARD</StorageClass></Contents>"""
_LIST = """<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
<Name>logs</Name><Prefix></Prefix><KeyCount>{count}</KeyCount><MaxKeys>1000</MaxKeys><IsTruncated>false</IsTruncated>
{objects}</ListBucketResult>"""
_ERROR = (
    """<?xml version="1.0" encoding="UTF-8"?><Error><Code>{code}</Code><Message>{code}</Message></Error>"""
)


@contextmanager
def s3(bucket: Bucket, key: str = "key") -> Iterator[tuple[str, list[str]]]:
    """Serve the bucket ``logs`` to who signs with an access key; gives the endpoint, and the keys that were fetched."""
    fetched: list[str] = []
    moment = now()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            place = urlsplit(self.path)
            name, _, path = unquote(place.path).lstrip("/").partition("/")
            if f"Credential={key}/" not in self.headers.get("Authorization", ""):
                self._answer(403, _ERROR.format(code="InvalidAccessKeyId").encode())
            elif name != "logs":
                self._answer(404, _ERROR.format(code="NoSuchBucket").encode())
            elif not path:
                self._answer(200, self._list(parse_qs(place.query).get("prefix", [""])[0]).encode())
            else:
                fetched.append(path)
                self._answer(200, bucket[path])

        def _list(self, prefix: str) -> str:
            found = [
                _OBJECT.format(
                    key=escape(path),
                    moment=f"{moment:%Y-%m-%dT%H:%M:%S.000Z}",
                    tag=hash(content),
                    size=len(content),
                )
                for path, content in sorted(bucket.items())
                if path.startswith(prefix)
            ]
            return _LIST.format(count=len(found), objects="".join(found))

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Last-Modified", format_datetime(moment, usegmt=True))
            self.send_header("ETag", f'"{hash(body)}"')
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", fetched
    finally:
        server.shutdown()
        server.server_close()
