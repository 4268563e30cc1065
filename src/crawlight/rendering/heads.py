"""The requests of one connection, with the headers that an origin is to get.

HTTP/1.1, as browsers speak it: https://www.rfc-editor.org/rfc/rfc9112
"""

from typing import Final

from crawlight.kit.origin import Origin

MOST_HEAD_BYTES: Final = 256 * 1024
_END: Final = b"\r\n\r\n"
_OURS: Final = frozenset({b"host", b"forwarded", b"x-forwarded-proto", b"x-forwarded-host"})


class Heads:
    """Takes what a browser sends and gives what the origin gets: the same, but for some headers of each head."""

    def __init__(self, origin: Origin) -> None:
        self._origin = origin
        self._held = bytearray()
        self._body = 0
        self._opaque = False

    def feed(self, data: bytes) -> bytes:
        """What can be sent on now. Raises ValueError for what is no request."""
        self._held += data
        sent = bytearray()
        while self._held:
            if self._opaque or self._body:
                sent += self._taken(len(self._held) if self._opaque else self._body)
                continue
            end = self._held.find(_END)
            if end < 0:
                break
            sent += self._written(self._taken(end + len(_END)))
        if len(self._held) > MOST_HEAD_BYTES:
            raise ValueError("a request whose head does not end")
        return bytes(sent)

    def _taken(self, count: int) -> bytes:
        taken = bytes(self._held[:count])
        del self._held[:count]
        self._body = max(self._body - len(taken), 0)
        return taken

    def _written(self, head: bytes) -> bytes:
        first, *lines = head.removesuffix(_END).split(b"\r\n")
        kept, host = [first], ""
        for line in lines:
            name, _, text = line.partition(b":")
            name = name.strip().lower()
            if name == b"host":
                host = text.strip().decode("latin-1")
            elif name == b"content-length":
                self._body = int(text)
            elif name in (b"upgrade", b"transfer-encoding"):
                self._opaque = True  # a socket, or a body whose end only its reader finds
            if name not in _OURS:
                kept.append(line)
        kept += [f"{name}: {text}".encode("latin-1") for name, text in self._origin.headers(host).items()]
        return b"\r\n".join(kept) + _END
