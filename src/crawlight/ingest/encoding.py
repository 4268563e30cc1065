"""Logs that are written in UTF-16, as programs on Windows do."""

import codecs
from typing import Final

from crawlight.ingest.unpacking import Readable

_BLOCK_BYTES: Final = 1024 * 1024
_LOOKED_AT: Final = 512
_FEWEST: Final = 16


def encoding_of(head: bytes) -> str | None:
    """``utf-16-le`` or ``utf-16-be`` where a text that begins so is one, else None: every second byte is NUL."""
    if head.startswith(codecs.BOM_UTF16_LE):
        return "utf-16-le"
    if head.startswith(codecs.BOM_UTF16_BE):
        return "utf-16-be"
    first, second = head[0:_LOOKED_AT:2], head[1:_LOOKED_AT:2]
    if len(second) < _FEWEST:
        return None
    if not any(second) and all(first):
        return "utf-16-le"
    return "utf-16-be" if not any(first) and all(second) else None


class Transcoded:
    """Such a text as UTF-8, without its byte order mark."""

    def __init__(self, head: bytes, data: Readable, encoding: str) -> None:
        """``head`` was read of the data before."""
        self._data = data
        self._decoder = codecs.getincrementaldecoder(encoding)("replace")
        self._text = self._decoder.decode(head).removeprefix("\ufeff").encode()
        self._block = memoryview(bytearray(_BLOCK_BYTES))

    def readinto(self, buffer: memoryview, /) -> int:
        """Fill a part of the buffer; 0 at the end."""
        while not self._text:
            got = self._data.readinto(self._block)
            if not got:
                return 0
            self._text = self._decoder.decode(self._block[:got]).encode()
        piece, self._text = self._text[: len(buffer)], self._text[len(buffer) :]
        buffer[: len(piece)] = piece
        return len(piece)
