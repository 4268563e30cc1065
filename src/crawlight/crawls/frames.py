"""How a segment of records looks on disk: one frame after the other, each with its own checksum.

A frame is a mark, the payload's length, a CRC-32 over length and payload, and the payload: a record in
MessagePack. A writer that closes its segment ends it with a frame that holds the number of records, so a
reader can tell a segment that was closed from one whose writer died. Space behind the last frame is zero.
"""

import struct
import zlib
from collections.abc import Iterable
from typing import Final

import msgspec

from crawlight.crawls.crawl import Record

_MARK: Final = b"\xc1\x9a"  # 0xC1 is no MessagePack and no UTF-8: records do not contain it by themselves.
_HEAD: Final = struct.Struct("<2sII")
_LENGTH: Final = struct.Struct("<I")

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Record | int)


class Frames(msgspec.Struct):
    """What was read from a segment.

    ``closed`` is true where its writer ended it in order and nothing is missing. ``torn`` is the number of
    bytes of a write at the very end that was cut short: nobody was told that it was done. ``damaged`` are all
    other bytes that should be frames and are none: records that were lost.
    """

    records: list[Record] = []
    closed: bool = False
    torn: int = 0
    damaged: bytes = b""


def encode(records: Iterable[Record]) -> bytes:
    """The frames of records. Raises ValueError for text that cannot be encoded."""
    return b"".join([_frame(_encoder.encode(record)) for record in records])


def end(count: int) -> bytes:
    """The frame that closes a segment of so many records."""
    return _frame(_encoder.encode(count))


def decode(data: bytes) -> Frames:
    """Read every whole frame; what is none is told, and keeps nothing back."""
    frames, position = Frames(), 0
    while position < len(data):
        if found := _read(data, position):
            value, position = found
            if isinstance(value, int):
                frames.closed = value == len(frames.records)
                return frames
            frames.records.append(value)
            continue
        following = _next_frame(data, position)
        skipped = data[position:following].rstrip(b"\0")
        if following == len(data):
            frames.torn = len(skipped)
        else:
            frames.damaged += skipped
        position = following
    return frames


def _frame(payload: bytes) -> bytes:
    length = _LENGTH.pack(len(payload))
    return _MARK + length + _LENGTH.pack(zlib.crc32(payload, zlib.crc32(length))) + payload


def _read(data: bytes, position: int) -> tuple[Record | int, int] | None:
    """The value of the frame that begins there and where the next one does; None where there is no whole one."""
    if len(data) - position < _HEAD.size:
        return None
    mark, length, checksum = _HEAD.unpack_from(data, position)
    start = position + _HEAD.size
    payload = data[start : start + length] if mark == _MARK else b""
    if len(payload) != length or zlib.crc32(payload, zlib.crc32(_LENGTH.pack(length))) != checksum:
        return None
    try:
        return _decoder.decode(payload), start + length
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _next_frame(data: bytes, position: int) -> int:
    """Where the next whole frame begins, or the end."""
    while (position := data.find(_MARK, position + 1)) >= 0:
        if _read(data, position) is not None:
            return position
    return len(data)
