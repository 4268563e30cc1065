"""Headings go down one level at a time."""

from itertools import pairwise

from crawlight.audit.check import Check, Found, found
from crawlight.audit.guidance import Guidance
from crawlight.audit.page import Page
from crawlight.kit.plural import plural


def find(page: Page) -> Found | None:
    """A heading more than one level below the one before it."""
    skips = [
        f"{before.snippet} … {after.snippet}"
        for before, after in pairwise(page.document.headings)
        if after.tag > before.tag and int(after.tag[1]) > int(before.tag[1]) + 1
    ]
    verb = "skips" if len(skips) == 1 else "skip"
    return found(f"{plural(len(skips), 'heading')} {verb} a level.", skips) if skips else None


CHECK = Check(
    id="heading-order",
    title="Headings skip a level",
    severity="notice",
    fix="Choose headings by their place in the outline, not by their size: an h3 belongs below an h2.",
    guidance=Guidance("https://web.dev/articles/headings-and-landmarks"),
    find=find,
)
