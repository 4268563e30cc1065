"""The canonical page that a rendered page names: which of several addresses of the same content is the one."""

import re
from html import unescape
from typing import Final
from urllib.parse import urljoin

import structlog

from crawlight.domains.sites import Site
from crawlight.kit.logs import first_line
from crawlight.rendering.bodies import SnapshotStoreError
from crawlight.rendering.circles import page_of
from crawlight.rendering.memory import Stored
from crawlight.rendering.snapshots import Snapshots

_MOST_BYTES: Final = 256 * 1024
"""Bytes of a document in which its head has to end."""

_HEAD_ENDS: Final = re.compile(r"</head|<body", re.IGNORECASE)
_NO_MARKUP: Final = re.compile(
    r"<!--.*?(?:-->|\Z)|<(script|noscript|style|template)\b.*?(?:</\1|\Z)", re.DOTALL | re.IGNORECASE
)
# Snapshots are written by the browser: values of attributes stand in double quotes.
_LINK: Final = re.compile(r"<link\b([^>]{1,4000})>", re.IGNORECASE)
_ATTRIBUTE: Final = re.compile(r'\b(rel|href)="([^"]*)"', re.IGNORECASE)

log = structlog.get_logger(__name__)


async def canonical_elsewhere(snapshots: Snapshots, site: Site, stored: Stored) -> str | None:
    """The path of another page of the site that a snapshot names as its canonical page.

    None where it names none, or one that is no page for itself: unknown, gone, blocked, or with yet another canonical
    page. So nobody is led in circles.
    """
    target = _page_named(snapshots, site, stored) if stored.snapshot.status == 200 else None
    if target is None or target == stored.snapshot.path or site.blocks(target):
        return None
    try:
        other = await snapshots.get(site.id, target)
    except SnapshotStoreError as error:
        log.warning("canonical_page_not_read", host=site.host, reason=first_line(error))
        return None
    if other is None or other.snapshot.status != 200 or other.snapshot.location or other.snapshot.withheld:
        return None
    return target if _page_named(snapshots, site, other) in (None, target) else None


def canonical_href(html: bytes) -> str:
    """What the first canonical link in a document's head says; empty where there is none."""
    text = html[:_MOST_BYTES].decode("utf-8", "replace")
    end = _HEAD_ENDS.search(text)
    for link in _LINK.finditer(_NO_MARKUP.sub("", text[: end.start()] if end else text)):
        named = {name.lower(): unescape(value).strip() for name, value in _ATTRIBUTE.findall(link[1])}
        if "canonical" in named.get("rel", "").lower().split():
            return named.get("href", "")
    return ""


def _page_named(snapshots: Snapshots, site: Site, stored: Stored) -> str | None:
    """The page of the site in a snapshot's canonical link; None where there is none, or it is elsewhere."""
    href = canonical_href(snapshots.plain(stored))
    if not href:
        return None
    try:
        return page_of(site, urljoin(site.page_url(stored.snapshot.path), href))
    except ValueError:
        return None
