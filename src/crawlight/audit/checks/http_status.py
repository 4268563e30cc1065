"""Pages answer with 200: no other status is sure to be rendered and indexed."""

from http import HTTPStatus

from crawlight.audit.check import Check, Found, found
from crawlight.audit.guidance import Guidance
from crawlight.audit.page import Page


def find(page: Page) -> Found | None:
    """Any status but 200."""
    if page.status == HTTPStatus.OK:
        return None
    names = {status.value: status.phrase for status in HTTPStatus}
    return found(
        f"The page answers with HTTP status {page.status} {names.get(page.status, '')}".rstrip() + "."
    )


CHECK = Check(
    id="http-status",
    title="The page does not answer with status 200",
    severity="error",
    fix="Answer with 200 where there is a page. Where it has moved, redirect, and link to the new address.",
    guidance=Guidance("https://developers.google.com/search/docs/crawling-indexing/http-network-errors"),
    find=find,
    blocks=True,
)
