"""The public pages that checks are based on, and when their texts were compared with the checks."""

from dataclasses import dataclass
from typing import Final

WRITTEN: Final = "2026-11-24"
"""The day on which the checks were written."""

_GOOGLE: Final = "https://developers.google.com/search"
COMPARED: Final = {
    f"{_GOOGLE}/blog/2026/03/crawler-blog-post": "2026-11-26",
    f"{_GOOGLE}/docs/appearance/snippet": "2026-11-26",
    f"{_GOOGLE}/docs/appearance/structured-data/sd-policies": "2026-11-26",
    f"{_GOOGLE}/docs/appearance/structured-data/search-gallery": "2026-11-26",
    f"{_GOOGLE}/docs/appearance/title-link": "2026-11-26",
    f"{_GOOGLE}/docs/crawling-indexing/consolidate-duplicate-urls": "2026-11-29",
    f"{_GOOGLE}/docs/crawling-indexing/javascript/javascript-seo-basics": "2026-11-26",
    f"{_GOOGLE}/docs/crawling-indexing/links-crawlable": "2026-11-26",
    f"{_GOOGLE}/docs/crawling-indexing/robots-meta-tag": "2026-11-29",
    f"{_GOOGLE}/docs/crawling-indexing/url-structure": "2026-11-26",
    f"{_GOOGLE}/docs/crawling-indexing/valid-page-metadata": "2026-11-29",
    f"{_GOOGLE}/docs/fundamentals/creating-helpful-content": "2026-11-26",
    f"{_GOOGLE}/docs/specialty/international/localized-versions": "2026-11-26",
    "https://developer.chrome.com/docs/lighthouse/best-practices/viewport": "2026-11-26",
    "https://developer.chrome.com/docs/lighthouse/seo/link-text": "2026-11-26",
    "https://developer.mozilla.org/en-US/docs/Web/Security/Defenses/Mixed_content": "2026-11-26",
    "https://developer.x.com/en/docs/x-for-websites/cards/overview/markup": "2026-11-26",
    "https://html.spec.whatwg.org/multipage/infrastructure.html#conformance-classes": "2026-11-26",
    "https://ogp.me/": "2026-11-26",
    "https://web.dev/articles/headings-and-landmarks": "2026-11-26",
    "https://www.bing.com/webmasters/help/which-robots-metatags-does-bing-support-5198d240": "2026-11-29",
    "https://www.w3.org/International/questions/qa-html-encoding-declarations": "2026-11-26",
    "https://www.w3.org/International/questions/qa-html-language-declarations": "2026-11-26",
}
"""Pages whose text was looked up, and the day of that: in a stored copy, which may be older than the page."""


@dataclass(frozen=True)
class Guidance:
    """The public page that a check is based on."""

    url: str

    @property
    def compared(self) -> str:
        """The day (``YYYY-MM-DD``) its text was compared with the check; empty where it was not since the writing."""
        return COMPARED.get(self.url, "")
