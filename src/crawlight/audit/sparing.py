"""Audits in a process of their own: HTML that would take the machine down is left out, and an issue says so."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime

from msgspec.structs import replace

from crawlight.audit.page import PageInputs
from crawlight.audit.score import Audit, audit, audit_html
from crawlight.kit.confined import TooMuchError, confined


async def audit_confined(inputs: PageInputs) -> Audit:
    """Audit a page; without its raw HTML where that is too much to read, without any where all is."""
    for bearable in _less_and_less(inputs):
        with suppress(TooMuchError):
            return await confined(audit, bearable)
    return audit(replace(_without_html(inputs), robots_txt=None))


async def audit_html_confined(html: bytes, url: str, now: datetime) -> Audit:
    """``audit_html`` in the same way."""
    with suppress(TooMuchError):
        return await confined(audit_html, html, url, now)
    return audit(_without_html(PageInputs(url=url, status=200, html=html, now=now)))


def _less_and_less(inputs: PageInputs) -> Iterator[PageInputs]:
    yield inputs
    if inputs.raw_html is not None:
        # What a browser made of it is often much tamer.
        yield replace(inputs, raw_html=b"", unread="raw_html")
    yield _without_html(inputs)


def _without_html(inputs: PageInputs) -> PageInputs:
    return replace(inputs, html=b"", raw_html=None, unread="html")
