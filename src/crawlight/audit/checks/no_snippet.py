"""Search results and AI answers quote a page only as far as it lets them."""

from crawlight.audit.check import Check, Found, found
from crawlight.audit.guidance import Guidance
from crawlight.audit.page import Page
from crawlight.audit.robots import BING, GOOGLE
from crawlight.kit.plural import plural

_MOST_UNQUOTED = 50
"""Percent of the words that ``data-nosnippet`` may keep out."""


def find(page: Page) -> Found | None:
    """``nosnippet`` or ``max-snippet:0``, or most of the text within ``data-nosnippet``."""
    if page.is_blocked:
        return None
    silent = {rule.source: rule.bot for rule in page.directives if _is_silent(rule.name, rule.value)}
    sources = [source for source, bot in silent.items() if bot in GOOGLE | BING]
    if sources:
        return found("A robots rule lets search engines and AI answers show no text of the page.", sources)
    words, unquoted = page.document.words, page.document.unquoted_words
    if unquoted and 100 * unquoted > _MOST_UNQUOTED * words:
        return found(f"data-nosnippet keeps {plural(unquoted, 'word')} of {words:,} out of search results.")
    return None


def _is_silent(name: str, value: str) -> bool:
    return name == "nosnippet" or (name == "max-snippet" and value.isdecimal() and not int(value))


CHECK = Check(
    id="no-snippet",
    title="Search results and AI answers may show no text",
    severity="warning",
    fix="Remove nosnippet, or name a length in max-snippet (-1 for any), if the page is meant to be quoted.",
    guidance=Guidance("https://developers.google.com/search/docs/crawling-indexing/robots-meta-tag"),
    find=find,
)
