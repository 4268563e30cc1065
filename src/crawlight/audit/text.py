"""Texts of issues: what is quoted from a page is bounded, and stands on one line."""

from collections.abc import Sequence
from typing import Final

MAX_TEXT: Final = 200
"""Characters of anything that is quoted from a page."""


def bounded(text: str, length: int = MAX_TEXT) -> str:
    """The text on one line, without control characters, cut to a length in characters."""
    cut = text[: 4 * length]  # Before anything else: a page may have an attribute of megabytes.
    line = cut if cut.isprintable() else "".join(sign if sign.isprintable() else " " for sign in cut)
    line = " ".join(line.split())
    return line if len(line) <= length and len(cut) == len(text) else f"{line[: length - 1].rstrip()}…"


def quoted(texts: Sequence[str]) -> str:
    """Up to three texts in quotation marks, and how many there are beside them."""
    shown = ", ".join(f"“{bounded(text, 60)}”" for text in texts[:3])
    return shown if len(texts) <= 3 else f"{shown} and {len(texts) - 3} more"
