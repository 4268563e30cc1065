"""People whose language has no version are led to x-default."""

from crawlight.audit.check import Check, Found, found
from crawlight.audit.guidance import Guidance
from crawlight.audit.languages import is_hreflang
from crawlight.audit.page import Page
from crawlight.kit.plural import plural


def find(page: Page) -> Found | None:
    """Several language versions, none of which is for everybody else."""
    codes = {one.code.lower() for one in page.alternates if is_hreflang(one.code)}
    if len(codes) < 2 or "x-default" in codes:
        return None
    return found(f"There are {plural(len(codes), 'language version')}, and none is x-default.")


CHECK = Check(
    id="hreflang-default",
    title="No language version is for everybody else",
    severity="notice",
    fix="Add an alternate link with hreflang x-default to the page that others are to get.",
    guidance=Guidance("https://developers.google.com/search/docs/specialty/international/localized-versions"),
    find=find,
)
