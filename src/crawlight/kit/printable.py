"""Text of strangers as a terminal can show it: nothing in it moves the cursor, sets colours or hides."""

import os
from typing import Final

MOST_SHOWN: Final = 200
"""Characters of a strange line that are shown."""

_LINE_FEED: Final = "\n"


def printable(text: str | bytes, most: int | None = None) -> str:
    r"""The text with everything that is no visible character escaped, as in ``\x1b``; cut behind ``most`` characters.

    Line feeds are escaped, too. Bytes that are no UTF-8 are shown as ``\xff``.
    """
    if isinstance(text, bytes):
        # A character has at most four bytes: what is cut off here could not be shown anyway.
        text = (text if most is None else text[: 4 * most + 4]).decode("utf-8", "backslashreplace")
    shown = text if most is None else text[: most + 1]
    if not shown.isprintable():
        shown = "".join(sign if sign.isprintable() else _escaped(sign) for sign in shown)
    return shown if most is None or len(shown) <= most else f"{shown[:most]}…"


def printable_lines(text: str) -> str:
    """A message of our own that may name something strange: line feeds stay."""
    return _LINE_FEED.join(map(printable, text.split(_LINE_FEED)))


def printable_path(path: str) -> str:
    """A path as it can be shown: names of files may be no text."""
    return printable(os.fsencode(path))


def is_text(given: str) -> bool:
    """Whether a name is text: a file's, or an argument, may be any bytes."""
    return given.isascii() or not any("\ud800" <= sign <= "\udfff" for sign in given)


def _escaped(sign: str) -> str:
    if "\udc80" <= sign <= "\udcff":
        return f"\\x{ord(sign) - 0xDC00:02x}"
    return sign.encode("unicode_escape").decode("ascii")
