"""One module per log format: how to know it, and the SQL that turns its lines into columns."""

from collections.abc import Mapping
from typing import Final

from crawlight.errors import UserError
from crawlight.ingest.importers import ncsa
from crawlight.ingest.importers.format import Format

FORMATS: Final[Mapping[str, Format]] = {one.name: one for one in (ncsa.COMBINED, ncsa.COMMON)}
"""Every format by the name that ``--format`` takes."""

_SAMPLED_LINES = 200


def choose_format(name: str, file: str, sample: bytes) -> Format:
    """The format of that name, or for ``auto`` the one that fits most of the sample's lines.

    Raises UserError where the name is unknown, or where no line fits: such a file is no log of that format.
    """
    if name != "auto" and name not in FORMATS:
        raise UserError(f"unknown log format {name}; known are auto, {', '.join(FORMATS)}")
    lines = _lines(sample)
    candidates = FORMATS.values() if name == "auto" else [FORMATS[name]]
    best = max(candidates, key=lambda one: sum(map(one.recognises, lines)))
    if not any(map(best.recognises, lines)):
        start = lines[0][:80].decode("utf-8", "backslashreplace")
        auto = "" if name == "auto" else "; --format auto finds out what it is"
        expected = ", ".join(one.title for one in candidates)
        raise UserError(
            f"{file} is no access log that Crawlight can read ({expected}){auto}; it starts with: {start}"
        )
    return best


def _lines(sample: bytes) -> list[bytes]:
    """The first lines that are not empty; the last one may be cut short."""
    lines = [line.rstrip(b"\r") for line in sample.split(b"\n", _SAMPLED_LINES)[:_SAMPLED_LINES]]
    return [line for line in lines if line]
