"""One module per log format: how to know it, and the SQL that turns its lines into columns."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from crawlight.errors import UserError
from crawlight.ingest.importers import alb, caddy, cloudflare, cloudfront, ncsa, nginx_json, vhost
from crawlight.ingest.importers.format import Format
from crawlight.kit.printable import MOST_SHOWN, printable

_ALL = (
    *(ncsa.COMBINED, ncsa.COMMON, vhost.VHOST),
    *(caddy.CADDY, nginx_json.NGINX_JSON, cloudflare.CLOUDFLARE, cloudfront.CLOUDFRONT, alb.ALB),
)
FORMATS: Final[Mapping[str, Format]] = {one.name: one for one in _ALL}
"""Every format by the name that ``--format`` takes."""

KEYS: Final = tuple(nginx_json.USUAL_KEYS)
"""What ``--key`` can name a key for."""

_SAMPLED_LINES = 200


class Chosen(NamedTuple):
    """A log's format, and why it was chosen, for people."""

    format: Format
    why: str


def choose_format(name: str, file: str, sample: bytes, keys: Mapping[str, str] | None = None) -> Chosen:
    """The format of that name, or for ``auto`` the one that fits most of the sample's lines.

    ``keys`` are those of ``--key``. Raises UserError where the name is unknown, or where no line fits: such a file
    is no log of that format.
    """
    if name != "auto" and name not in FORMATS:
        raise UserError(f"unknown log format {name}; known are auto, {', '.join(FORMATS)}")
    if keys and name == "auto":
        name = nginx_json.NGINX_JSON.name
    lines = _lines(sample)
    candidates, problems = _fitted(
        list(FORMATS.values()) if name == "auto" else [FORMATS[name]], lines, keys or {}
    )
    fits = {one: sum(map(one.recognises, lines)) for one in candidates}
    best = max(fits, key=lambda one: fits[one], default=None)
    if best is None or not fits[best]:
        raise UserError(_no_log(name, file, lines, problems))
    told = f"said by --format {name}" if name != "auto" else f"it fits {_share(fits[best], len(lines))}"
    return Chosen(best, f"{told}; {best.note}" if best.note else told)


def _fitted(
    formats: Sequence[Format], lines: Sequence[bytes], keys: Mapping[str, str]
) -> tuple[list[Format], list[str]]:
    """The formats as this log has them, and what is wrong with those that it cannot have."""
    fitted, problems = [], []
    for one in formats:
        try:
            fitted.append(one.fitted(lines, keys) if one.fitted else one)
        except UserError as error:
            problems.append(f"as {one.title}: {error}")
    return fitted, problems


def _no_log(name: str, file: str, lines: Sequence[bytes], problems: Sequence[str]) -> str:
    start = printable(lines[0], MOST_SHOWN) if lines else ""
    expected = ", ".join(one.title for one in FORMATS.values()) if name == "auto" else FORMATS[name].title
    auto = "" if name == "auto" else "; --format auto finds out what it is"
    # A problem of a format that only one kind of line can have is worth telling for such lines only.
    told = "".join(f"; {problem}" for problem in problems if name != "auto" or start.startswith(("{", "#")))
    return (
        f"{file} is no access log that Crawlight can read ({expected}){auto}; it starts with: {start}{told}"
    )


def _share(count: int, of: int) -> str:
    if count == of:
        return "the only line" if of == 1 else f"all of the first {of} lines"
    return f"{count} of the first {of} lines"


def _lines(sample: bytes) -> list[bytes]:
    """The first lines that are not empty; the last one may be cut short."""
    lines = [line.rstrip(b"\r") for line in sample.split(b"\n", _SAMPLED_LINES)[:_SAMPLED_LINES]]
    return [line for line in lines if line]
