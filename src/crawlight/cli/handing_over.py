"""Small logs are imported by a running server, which has loaded all that it takes: the command waits less."""

import base64
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from crawlight.control import ask
from crawlight.ingest.order import Order
from crawlight.ingest.summary import Told
from crawlight.kit.printable import is_text
from crawlight.settings import Settings

MOST_BYTES: Final = 256 * 1024
"""Of all logs together: a server has crawlers to answer meanwhile."""


async def hand_over(settings: Settings, order: Order) -> Told | None:
    """Have a running server import the logs; None where the command has to do it itself.

    Raises UserError with what the server refuses.
    """
    if order.dry_run or (logs := _small(order.files)) is None:
        return None
    told = msgspec.structs.replace(order, files=[])
    answer = await ask(settings.data_dir, "import", order=msgspec.to_builtins(told), logs=logs)
    return msgspec.json.decode(answer, type=Told) if answer else None


def _small(files: Sequence[str]) -> dict[str, str] | None:
    """The files by name, in Base64; None where they are not all small ones of plain text."""
    logs, room = {}, MOST_BYTES
    if not all(map(is_text, files)):
        return None  # A file's name may be any bytes, which JSON does not have.
    for file in files:
        content = _text(Path(file), room)
        if content is None:
            return None
        room -= len(content)
        logs[file] = base64.b64encode(content).decode()
    return logs


def _text(file: Path, most: int) -> bytes | None:
    """The content of a file of text; None for what is none, is longer, or may not be read: others say so."""
    try:
        if not file.is_file():
            return None
        with file.open("rb") as opened:
            content = opened.read(most + 1)
    except OSError:
        return None
    # Archives and compressed files are not text; to unpack them may take long.
    return content if len(content) <= most and b"\0" not in content and _is_utf8(content) else None


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True
