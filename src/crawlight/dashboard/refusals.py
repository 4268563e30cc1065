"""What a page answers instead of itself: sign in, not found, not allowed, or a fault of ours."""

from collections.abc import Mapping
from typing import ClassVar, Final
from urllib.parse import urlencode

from fastapi import FastAPI, Request, Response

from crawlight.dashboard.frame import flash, page, redirect, respond
from crawlight.dashboard.state import dashboard_of
from crawlight.domains.claims import find_claim
from crawlight.errors import RETRY_SECONDS, STATUS_OF_CODE, CrawlightError, flat_json


class Refusal(CrawlightError):  # noqa: N818 - not every refusal is an error
    """A page is refused; ``code`` stands in the JSON twin, title and text on the page."""

    statuses: ClassVar[Mapping[str, int]] = {
        **STATUS_OF_CODE,
        "sign_in_required": 401,
        "foreign_origin": 403,
        "not_allowed": 403,
        "too_many_tries": 429,
    }

    def __init__(self, code: str, title: str, text: str, *, retry_after: int = RETRY_SECONDS) -> None:
        super().__init__(code, title, retry_after=retry_after)
        self.title, self.text = title, text


class SignInNeeded(Refusal):
    """Nobody is signed in."""

    def __init__(self) -> None:
        super().__init__("sign_in_required", "Please sign in", "This page is for people with an account.")


class NotInScope(Refusal):
    """A page of a domain that the account does not see. It may have added it, and not proven it yet."""

    def __init__(self, account_id: int, host: str) -> None:
        super().__init__(*NOT_FOUND)
        self.account_id, self.host = account_id, host


NOT_FOUND: Final = (
    "not_found",
    "Nothing here",
    "There is no such page, or it is about a domain that your account cannot see.",
)
_TEXTS: Final = {
    "not_found": NOT_FOUND[1:],
    "method_not_allowed": ("Method not allowed", "This address doesn't accept this kind of request."),
    "payload_too_large": ("Too large", "This is more than the server accepts at once."),
    "invalid_request": ("Not understood", "The request was malformed."),
    "unavailable": (
        "One moment",
        "One of the server's databases is unavailable. Nothing is lost; reload this page in a few seconds.",
    ),
    "internal_error": (
        "That was our fault",
        "The server could not make this page. Its log says why, under the number below.",
    ),
}


def not_found() -> Refusal:
    """The same for what does not exist and what is another's."""
    return Refusal(*NOT_FOUND)


def install(app: FastAPI) -> None:
    """Make the app answer refusals of pages."""

    @app.exception_handler(Refusal)
    async def refused(request: Request, refusal: Refusal) -> Response:
        if not _wants_page(request):
            body, status = flat_json(refusal.code), refusal.status
            return respond(request, body, "application/json", status=status, headers=refusal.headers)
        if isinstance(refusal, SignInNeeded):
            return redirect(request, "/sign-in" + _back(request))
        if isinstance(refusal, NotInScope) and (to_proof := await _to_proof(request, refusal)):
            return to_proof
        values = {"title": refusal.title, "text": refusal.text, "request_id": ""}
        answer = await page(request, "refused.html", values, status=refusal.status)
        answer.headers.update(refusal.headers)
        return answer


async def _to_proof(request: Request, refusal: NotInScope) -> Response | None:
    """To the proof of a domain that the account has added; None where it has not."""
    claim = await find_claim(dashboard_of(request).database, refusal.account_id, refusal.host)
    if claim is None:
        return None
    text = f"{claim.host} has no other pages until you have proven that it is yours."
    return await flash(request, redirect(request, f"/domains/{claim.host}/start"), text)


async def page_of(request: Request, error: CrawlightError) -> Response | None:
    """A refusal of the API's kind as a page, for a browser that asked for one; else None."""
    if error.code not in _TEXTS or not _wants_page(request):
        return None
    title, text = _TEXTS[error.code]
    values = {"title": title, "text": text, "request_id": error.members.get("requestId", "")}
    answer = await page(request, "refused.html", values, status=error.status)
    answer.headers.update(error.headers)
    return answer


def _wants_page(request: Request) -> bool:
    """Browsers ask for HTML by name; htmx does not, but says who it is. Data twins are data for everybody."""
    asks = "text/html" in request.headers.get("accept", "") or "hx-request" in request.headers
    return asks and not request.url.path.endswith((".json", ".csv"))


def _back(request: Request) -> str:
    if request.method not in ("GET", "HEAD"):
        return ""
    path = request.url.path.removeprefix(dashboard_of(request).base) or "/"
    query = f"?{request.url.query}" if request.url.query else ""
    return "" if path == "/" and not query else "?" + urlencode({"next": path + query})
