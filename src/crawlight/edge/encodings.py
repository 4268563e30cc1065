"""Which of the stored encodings a client takes."""

from functools import lru_cache
from typing import Literal

Encoding = Literal["zstd", "gzip", "identity"]


@lru_cache(maxsize=1024)
def chosen(accept: bytes) -> Encoding:
    """The smallest encoding that ``Accept-Encoding`` takes (RFC 9110, 12.5.3); identity where it takes none."""
    wanted = dict(map(_weight, accept.decode("latin-1").lower().split(",")))
    if wanted.get("zstd", 0) > 0:
        return "zstd"
    return "gzip" if wanted.get("gzip", wanted.get("*", 0)) > 0 else "identity"


def _weight(part: str) -> tuple[str, float]:
    name, _, parameters = part.partition(";")
    weight = parameters.replace(" ", "").removeprefix("q=") or "1"
    try:
        return name.strip(), float(weight)
    except ValueError:
        return name.strip(), 0.0
