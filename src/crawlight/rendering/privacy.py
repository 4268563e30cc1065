"""Pages that their origin calls private: rendered for who waits, and not kept.

https://www.rfc-editor.org/rfc/rfc9111#section-5.2.2: ``private`` is for one person, ``no-store`` for nobody's store.
"""

import re
from collections.abc import Mapping
from typing import Final

PRIVATE: Final = "private, no-store"
"""What caches between us and the crawler are told of such a page."""
WITHHELD: Final = "private"
"""The reason that stands in the row of a page whose content is not kept."""

_DIRECTIVE: Final = re.compile(r"([\w-]+)\s*(?:=\s*(?:\"[^\"]*\"|[^\s,;]*))?")


def is_private(headers: Mapping[str, str]) -> bool:
    """Say whether an answer may not be shared. ``private="Set-Cookie"`` says so of one header only."""
    said = {found[0].strip().lower() for found in _DIRECTIVE.finditer(headers.get("cache-control", ""))}
    return bool(said & {"private", "no-store"})
