"""Crawlers skip lines of robots.txt that they cannot read."""

import re

from crawlight.audit.check import Check, Found, found
from crawlight.audit.guidance import Guidance
from crawlight.audit.page import Page
from crawlight.audit.robots import MAX_ROBOTS_TXT
from crawlight.kit.plural import plural

_LINE = re.compile(r"\s*(?:#.*|[A-Za-z][A-Za-z -]*:.*)?")


def find(page: Page) -> Found | None:
    """Lines that are neither a rule nor a comment."""
    lines = (page.robots_txt or "")[:MAX_ROBOTS_TXT].removeprefix("\ufeff").splitlines()
    wrong = [line for line in lines if not _LINE.fullmatch(line)]
    return (
        found(f"robots.txt has {plural(len(wrong), 'line')} that crawlers cannot read.", wrong)
        if wrong
        else None
    )


CHECK = Check(
    id="robots-txt-syntax",
    title="robots.txt has lines that are no rules",
    severity="notice",
    fix="Write one rule a line, such as Disallow: /search, and comments behind #.",
    guidance=Guidance("https://developers.google.com/search/docs/crawling-indexing/robots/robots_txt"),
    find=find,
)
