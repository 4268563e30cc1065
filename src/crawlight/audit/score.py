"""The score: what each issue takes off 100, and what keeps a page from being indexed at all."""

from datetime import datetime
from typing import Final

import msgspec

from crawlight.audit.check import Check, Found, Issue
from crawlight.audit.checks import CHECKS
from crawlight.audit.page import Facts, Page, PageInputs

VERSION: Final = 3
"""The version of the rules: it goes up when a check, a weight or a limit changes, and old audits are redone."""

BLOCKED: Final = 49
"""The most that a page gets which cannot be indexed: poor."""

WEIGHTS: Final = {
    "http-status": 60,
    "soft-404": 60,
    "robots-meta": 60,
    "robots-header": 60,
    "robots-txt": 60,
    "unavailable-after": 60,
    "canonical-elsewhere": 51,
    "bots-blocked": 5,
    "no-snippet": 10,
    "robots-nofollow": 5,
    "robots-images": 1,
    "bing-answers": 1,
    "robots-unknown": 2,
    "robots-txt-syntax": 1,
    "head-ended": 8,
    "title-missing": 15,
    "titles-several": 3,
    "title-width": 4,
    "description-missing": 8,
    "description-width": 2,
    "descriptions-several": 2,
    "h1-missing": 6,
    "h1-several": 1,
    "heading-order": 1,
    "canonical-missing": 2,
    "canonical-invalid": 8,
    "canonical-http": 5,
    "html-lang": 5,
    "viewport": 8,
    "meta-refresh": 5,
    "hreflang-invalid": 5,
    "hreflang-self": 3,
    "hreflang-twice": 3,
    "hreflang-default": 1,
    "hreflang-lang": 1,
    "open-graph": 2,
    "og-url": 1,
    "social-image": 2,
    "twitter-card": 1,
    "json-ld-syntax": 6,
    "json-ld-context": 4,
    "structured-data": 4,
    "image-alt": 6,
    "links-crawlable": 6,
    "link-text": 4,
    "link-empty": 2,
    "links-http": 2,
    "links-nofollow": 1,
    "links-local": 3,
    "links-none": 2,
    "thin-content": 8,
    "https": 6,
    "mixed-content": 5,
    "raw-title": 1,
    "raw-heading": 1,
    "raw-text": 2,
    "raw-links": 1,
    "raw-robots": 4,
    "raw-canonical": 1,
    "url-hygiene": 2,
    "document-size": 10,
    "document-encoding": 4,
    "document-structure": 10,
}
"""Points that an issue takes off 100. A check that is not here weighs nothing."""

_WITHOUT_HTML: Final = frozenset(
    {
        "http-status",
        "robots-header",
        "robots-txt",
        "robots-txt-syntax",
        "unavailable-after",
        "bots-blocked",
        "https",
        "url-hygiene",
        "document-structure",
    }
)
"""Checks that have something to say of a page whose HTML cannot be read."""

GONE: Final = (404, 410)


class Audit(msgspec.Struct, frozen=True):
    """The audit of a page: ``score`` is 0 to 100, the first issue of a page that is not ``indexable`` says why.

    ``version`` is that of the rules, ``facts`` are what findings across pages are made from.
    """

    url: str
    status: int
    score: int
    indexable: bool
    issues: tuple[Issue, ...]
    version: int
    facts: Facts

    @property
    def gone(self) -> bool:
        """Whether the site says that there is no such page."""
        return self.status in GONE


def audit(inputs: PageInputs) -> Audit:
    """Audit a page. Never fails, whatever the HTML; takes time in proportion to at most 2 MB of it."""
    page = Page(inputs)
    unread = inputs.unread == "html"
    checks = [check for check in CHECKS if not unread or check.id in _WITHOUT_HTML]
    results = [(check, check.find(page)) for check in checks if check.find is not None]
    failed = [(check, result) for check, result in results if result is not None]
    indexable = not any(check.blocks for check, _ in failed)
    issues = tuple(sorted((issue(check, result) for check, result in failed), key=_rank))
    return Audit(
        url=inputs.url,
        status=inputs.status,
        score=score(issues, indexable and not unread),
        indexable=indexable,
        issues=issues,
        version=VERSION,
        facts=page.facts(),
    )


def audit_html(html: bytes, url: str, now: datetime | None = None) -> Audit:
    """Audit HTML of which nothing else is known, under the URL that it names as canonical, else under the one given."""
    named = Page(PageInputs(url=url, status=200, html=html)).canonical
    own = named if named.startswith(("http://", "https://")) else url
    return audit(PageInputs(url=own, status=200, html=html, now=now))


def score(issues: tuple[Issue, ...], indexable: bool) -> int:
    """100 less the weights of the issues, at least 0, and at most 49 for a page that cannot be indexed (or read)."""
    points = max(0, 100 - sum(issue.weight for issue in issues))
    return points if indexable else min(points, BLOCKED)


def issue(check: Check, result: Found) -> Issue:
    """The issue that a failed check makes."""
    return Issue(
        check=check.id,
        severity=check.severity,
        weight=WEIGHTS.get(check.id, 0),
        title=check.title,
        found=result.text,
        elements=result.elements,
        count=result.count,
        fix=check.fix,
        guidance=check.guidance.url,
    )


_ORDER: Final = {check.id: (not check.blocks, place) for place, check in enumerate(CHECKS)}
_SEVERITIES: Final = ("error", "warning", "notice")


def _rank(one: Issue) -> tuple[bool, int, int, int]:
    """What keeps the page out of the index first, then by severity and weight."""
    free, place = _ORDER[one.check]
    return free, _SEVERITIES.index(one.severity), -one.weight, place
