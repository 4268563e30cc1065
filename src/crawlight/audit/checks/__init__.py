"""All checks, in the order of the docs."""

from typing import Final

from crawlight.audit.check import Check
from crawlight.audit.checks import (
    broken_links,
    canonical_broken,
    description_missing,
    duplicate_description,
    duplicate_title,
    hreflang_return,
    http_status,
    robots_meta,
    title_missing,
)

CHECKS: Final[tuple[Check, ...]] = (
    http_status.CHECK,
    robots_meta.CHECK,
    title_missing.CHECK,
    description_missing.CHECK,
    duplicate_title.CHECK,
    duplicate_description.CHECK,
    canonical_broken.CHECK,
    hreflang_return.CHECK,
    broken_links.CHECK,
)

_BY_ID: Final = {check.id: check for check in CHECKS}


def check_named(name: str) -> Check | None:
    """The check of an id; none where the rules have no such check any more."""
    return _BY_ID.get(name)
