"""What a client takes: which of the stored encodings, and whether it would rather have Markdown."""

import re
from functools import lru_cache
from typing import Final, Literal

_QUALITY: Final = re.compile(r"0(?:\.[0-9]*)?|1(?:\.0*)?")
"""A weight (RFC 9110, 12.4.2), of however many digits; what has another is not taken."""

Encoding = Literal["zstd", "gzip", "identity"]


@lru_cache(maxsize=1024)
def chosen(accept: bytes) -> Encoding:
    """The smallest encoding that ``Accept-Encoding`` takes (RFC 9110, 12.5.3); identity where it takes none."""
    wanted = dict(map(_weight, accept.decode("latin-1").lower().split(",")))
    if wanted.get("zstd", 0) > 0:
        return "zstd"
    return "gzip" if wanted.get("gzip", wanted.get("*", 0)) > 0 else "identity"


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


def _weight(part: str) -> tuple[str, float]:
    name, *parameters = part.replace(" ", "").split(";")
    weight = next((text[2:] for text in parameters if text.startswith("q=")), "1")
    return name, float(weight) if _QUALITY.fullmatch(weight) else 0.0
