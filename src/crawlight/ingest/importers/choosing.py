"""Finds out what a log is written in: what its lines are wrapped in, and which format reads most of them."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Final, NamedTuple

from crawlight.errors import UserError
from crawlight.ingest.importers.cloudfront import CLOUDFRONT
from crawlight.ingest.importers.format import Format
from crawlight.ingest.importers.formats import FORMATS
from crawlight.ingest.importers.json_lines import JSON
from crawlight.ingest.importers.said import said_format
from crawlight.ingest.layouts.advice import advice_for
from crawlight.ingest.layouts.formats import FOUND
from crawlight.ingest.layouts.w3c import W3C
from crawlight.ingest.wrappers import NOT_WRAPPED, Wrapping, wrapping_of
from crawlight.kit.printable import MOST_SHOWN, printable

_SAMPLED_LINES: Final = 200
_LOOKED_AT: Final = 4096
_SHOWN_OF_BINARY: Final = 40
_OF_TEXT: Final = bytes({*b"\t\n\r\x1b", *range(32, 127), *range(160, 256)})
_NEARLY: Final = 0.8
"""A format that names hosts is taken where it reads this share of what the best one does."""


class Chosen(NamedTuple):
    """A log's format, and why it was chosen, for people."""

    format: Format
    why: str
    wrapping: Wrapping = NOT_WRAPPED
    others: Sequence[Format] = ()
    """Formats that read lines which are none of ``format``."""

    def recognises(self, line: bytes) -> bool:
        """Say whether a line is one of the format, whole."""
        return self.format.recognises(self.wrapping.line(line))


def choose_format(
    name: str,
    file: str,
    sample: bytes,
    keys: Mapping[str, str] | None = None,
    log_format: str = "",
    saved: str = "",
) -> Chosen:
    """The format of that name, or for ``auto`` the one that reads most of the sample's lines.

    ``keys`` are those of ``--key``. ``log_format`` is a format as it stands in a server's configuration, and so is
    ``saved``, which is only taken where it reads most lines. Raises UserError where the name is unknown, or where no
    line fits: such a file is no log of that format.
    """
    if name != "auto" and name not in FORMATS:
        raise UserError(f"unknown log format {name}; known are auto, {', '.join(FORMATS)}")
    if keys and name == "auto":
        name = JSON.name
    wrapped = sample_lines(sample)
    wrapping = wrapping_of(wrapped)
    choice = (name, file, wrapped, keys or {}, log_format, saved)
    try:
        return _chosen(wrapping, *choice)
    except UserError:
        # The only time may be in what stands around a line.
        if wrapping.wrappers:
            with suppress(UserError):
                return _chosen(Wrapping(wrapping.wrappers[:-1]), *choice)
        raise


def _chosen(
    wrapping: Wrapping,
    name: str,
    file: str,
    wrapped: Sequence[bytes],
    keys: Mapping[str, str],
    log_format: str,
    saved: str,
) -> Chosen:
    """The format of what stands in lines that are wrapped so. Raises UserError where no line fits."""
    lines = [line for line in wrapping.chunk(b"\n".join(wrapped)).split(b"\n") if line]
    if saved and name == "auto" and (kept := _kept(saved, lines, wrapping)):
        return kept
    said = [said_format(log_format, lines)] if log_format else []
    named = list(FORMATS.values()) if name == "auto" else [FORMATS[name]]
    candidates, problems = (said, dict[str, str]()) if said else _fitted(named, lines, keys)
    fits = {one: sum(map(one.recognises, lines)) for one in candidates}
    best = _best(fits)
    if best is None:
        raise UserError(_no_log("said" if said else name, file, lines or wrapped, problems))
    option = "--log-format" if said else f"--format {name}" if name != "auto" else ""
    others = [
        one for one in (*candidates, *FORMATS.values()) if one.read and (best.layout or one is not JSON)
    ]
    of = sum(not line.startswith(b"#") for line in lines) if best.of_header else len(lines)
    return Chosen(best, _why(best, fits[best], of, option, wrapping), wrapping, others)


def _kept(saved: str, lines: Sequence[bytes], wrapping: Wrapping) -> Chosen | None:
    """The format that was kept for the domain, where it reads most of the lines."""
    try:
        form = said_format(saved, lines)
    except UserError:
        return None
    fits = sum(map(form.recognises, lines))
    if fits <= len(lines) / 2:
        return None
    why = _why(form, fits, len(lines), "an earlier --log-format", wrapping)
    return Chosen(form, why, wrapping, [one for one in FORMATS.values() if one.read])


def sample_lines(sample: bytes) -> list[bytes]:
    """The first lines that are not empty; the last one may be cut short."""
    lines = [line.rstrip(b"\r") for line in sample.split(b"\n", _SAMPLED_LINES)[:_SAMPLED_LINES]]
    return [line for line in lines if line]


def _best(fits: Mapping[Format, int]) -> Format | None:
    """The format that reads most; of those that read nearly as much, the one that says more."""
    most = max(fits.values(), default=0)
    if not most:
        return None
    near = [one for one, number in fits.items() if number >= most * _NEARLY]
    return max(near, key=lambda one: (one.hosts, fits[one]))


def _fitted(
    formats: Sequence[Format], lines: Sequence[bytes], keys: Mapping[str, str]
) -> tuple[list[Format], dict[str, str]]:
    """The formats as this log has them, and by name what is wrong with those that it cannot have."""
    fitted, problems = list[Format](), dict[str, str]()
    for one in formats:
        try:
            fitted.append(one.fitted(lines, keys) if one.fitted else one)
        except UserError as error:
            problems[one.name] = str(error)
    return fitted, problems


def _why(best: Format, fits: int, of: int, option: str, wrapping: Wrapping) -> str:
    told = f"set by {option}" if option else f"it matches {_share(fits, of)}"
    if option and fits < of:
        told += f"; it matches {_share(fits, of)}"
    around = f"within lines of {wrapping.title()}" if wrapping.wrappers else ""
    return "; ".join(filter(None, (told, around, best.note)))


def _no_log(name: str, file: str, lines: Sequence[bytes], problems: Mapping[str, str]) -> str:
    if not lines:
        return f"{file} is empty"
    start = printable(lines[0], MOST_SHOWN)
    if _is_binary(b"\n".join(lines)[:_LOOKED_AT]):
        return f"{file} is a binary file, not a log; it starts with: {printable(lines[0], _SHOWN_OF_BINARY)}"
    starts = f"it starts with: {start}"
    if name == "said":
        return f"{file} has no line of the format that --log-format says; {starts}"
    if name != "auto":
        told = "".join(f"; {problem}" for problem in problems.values())
        return (
            f"{file} is no log that can be read as {FORMATS[name].title}; --format auto finds out what it is;"
            f" {starts}{told}"
        )
    likely = (
        _JSON
        if start.startswith("{") or start[:2] in ("[{", "[")
        else _W3C
        if start.startswith("#")
        else _TEXT
    )
    told = "; ".join(f"as {FORMATS[one].title}: {problems[one]}" for one in likely if one in problems)
    advice = (
        "“JSON” in docs/importing.md lists the keys that are known"
        if likely is _JSON
        else "give its format as it stands in the server's configuration with --log-format"
    )
    known = advice_for(lines) if told and likely is _TEXT else ""
    return (
        f"{file} is no access log that Crawlight can read: {told or 'no line looks like a request'}"
        f"{known or f'; {advice}'}; {starts}"
    )


_JSON: Final = (JSON.name,)
_W3C: Final = (CLOUDFRONT.name, W3C.name)
_TEXT: Final = (FOUND.name,)
"""Formats of which it is worth to tell why a log is none of theirs, by what it starts with."""


def _is_binary(start: bytes) -> bool:
    """Whether many bytes are none that stand in a text."""
    return len(start.translate(None, _OF_TEXT)) > len(start) / 10


def _share(count: int, of: int) -> str:
    if count == of:
        return "the only line" if of == 1 else f"all of the first {of} lines"
    return f"{count} of the first {of} lines"
