"""Whether a text that is to be hosted as a sitemap is one of its domain. Pure."""

from typing import Final

from crawlight.errors import UserError
from crawlight.kit.sitemaps import MOST_ENTRIES, Sitemap, SitemapError, parse_sitemap
from crawlight.kit.urls import kind_of, split_url

_ROOTS: Final = ("urlset", "sitemapindex")


def pages_of(text: str, host: str) -> list[str]:
    """Canonical paths of the pages that a sitemap names; none of an index. Raises UserError for what is no sitemap."""
    try:
        found = parse_sitemap(text.encode())
    except SitemapError as error:
        raise UserError(str(error)) from None
    if wrong := _wrong(found):
        raise UserError(wrong)
    paths = [_path(url, host) for url in (*found.pages, *found.sitemaps)]
    return [path for path in paths[: len(found.pages)] if kind_of(path) == "crawl"]


def _wrong(found: Sitemap) -> str:
    """Why a file is no sitemap; empty where it is one."""
    if not found.root:
        return "it is a list of addresses, not XML"
    if found.root not in _ROOTS:
        return f"it is no sitemap: it begins with <{found.root[:40]}>, not with <urlset> or <sitemapindex>"
    if not found.entries:
        return "it has no entries"
    if found.entries > MOST_ENTRIES:
        return f"it has {found.entries:,} entries; a sitemap has up to {MOST_ENTRIES:,}"
    if found.refused:
        return f"{found.refused[0][:200]!r} is no http or https URL"
    if len(found.pages if found.root == "urlset" else found.sitemaps) != found.entries:
        return "an entry has no <loc>, or several, or is of another kind than the file"
    return ""


def _path(url: str, host: str) -> str:
    parts = split_url(url)
    if parts is None or parts[0] != host:
        raise UserError(f"{url[:200]} is not on {host}, so search engines pass it over")
    return parts[1]
