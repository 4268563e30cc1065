"""What a client takes, as its ``Accept*`` headers say (RFC 9110, 12.5): encodings, languages, Markdown."""

import re
from functools import lru_cache
from typing import Final, Literal

_QUALITY: Final = re.compile(r"0(?:\.[0-9]*)?|1(?:\.0*)?")
"""A weight (RFC 9110, 12.4.2), of however many digits; what has another is not taken."""

Encoding = Literal["zstd", "gzip", "identity"]


@lru_cache(maxsize=1024)
def encoding_of(accept: bytes) -> Encoding:
    """The smallest encoding that ``Accept-Encoding`` takes (RFC 9110, 12.5.3); identity where it takes none."""
    wanted = weights(accept.decode("latin-1"))
    if wanted.get("zstd", 0) > 0:
        return "zstd"
    return "gzip" if _gzip(wanted) else "identity"


@lru_cache(maxsize=1024)
def takes_gzip(accept: str) -> bool:
    """Whether ``Accept-Encoding`` takes gzip: by its name or ``*``, and not with a weight of zero."""
    return _gzip(weights(accept))


@lru_cache(maxsize=1024)
def languages(accept: str) -> tuple[str, ...]:
    """The tags of ``Accept-Language``, in lower case, the most wanted first (RFC 9110, 12.5.4)."""
    wanted = weights(accept)
    return tuple(
        sorted((tag for tag, weight in wanted.items() if tag and weight > 0), key=lambda tag: -wanted[tag])
    )


@lru_cache(maxsize=1024)
def prefers_markdown(accept: bytes) -> bool:
    """Whether ``Accept`` names ``text/markdown`` itself, and not after ``text/html`` (RFC 9110, 12.5.1).

    Of two types with the same weight the one that is named first is preferred.
    """
    wanted = dict(map(_weight, reversed(accept.decode("latin-1").lower().split(","))))
    if "text/markdown" not in wanted:
        return False
    names, markdown = list(reversed(wanted)), wanted["text/markdown"]
    html = next((wanted[name] for name in ("text/html", "text/*", "*/*") if name in wanted), 0)
    first = "text/html" not in wanted or names.index("text/markdown") < names.index("text/html")
    return markdown > html or (markdown == html > 0 and first)


def weights(accept: str) -> dict[str, float]:
    """What a header names, in lower case and in its order, with the weight of each: 1 unless said, 0 for none."""
    return dict(_weight(part) for part in accept.lower().split(","))


def _gzip(wanted: dict[str, float]) -> bool:
    return wanted.get("gzip", wanted.get("*", 0)) > 0


def _weight(part: str) -> tuple[str, float]:
    name, *parameters = part.replace(" ", "").split(";")
    weight = next((text[2:] for text in parameters if text.startswith("q=")), "1")
    return name, float(weight) if _QUALITY.fullmatch(weight) else 0.0
