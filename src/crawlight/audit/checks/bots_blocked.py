"""A page may be open to Google and closed to other search engines."""

from crawlight.audit.check import Check, Found, found
from crawlight.audit.guidance import Guidance
from crawlight.audit.page import Page
from crawlight.audit.robots import SEARCH_BOTS, may_crawl

_ALSO_NAMED = ("googlebot-news", "msnbot", "slurp", "yandex")
"""Names in robots rules of a page that no crawler has in robots.txt."""


def find(page: Page) -> Found | None:
    """Search engines that are kept away by name, where Googlebot is not."""
    others = SEARCH_BOTS[1:]
    named = (*others, *_ALSO_NAMED)
    away = {rule.bot: rule.source for rule in page.directives if rule.blocks and rule.bot in named}
    if may_crawl(page.robots_txt, "Googlebot", page.url):
        for bot in others:
            if bot not in away and not may_crawl(page.robots_txt, bot, page.url):
                away[bot] = "robots.txt"
    if not away:
        return None
    return found(f"Kept away: {', '.join(sorted(away))}.", sorted(set(away.values())))


CHECK = Check(
    id="bots-blocked",
    title="Some search engines are kept away",
    severity="warning",
    fix="Remove the rules for single crawlers if their users are meant to find the page.",
    guidance=Guidance("https://developers.google.com/search/docs/crawling-indexing/robots-meta-tag"),
    find=find,
)
