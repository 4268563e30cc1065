"""Forms: refused where another site sent them, read with bounds."""

from urllib.parse import parse_qsl, urlsplit

from fastapi import Request

from crawlight.dashboard.refusals import Refusal
from crawlight.dashboard.state import dashboard_of
from crawlight.kit.bodies import TooLongError, read_body

MOST_BYTES = 64 * 1024
_SAFE = frozenset(("GET", "HEAD", "OPTIONS"))


async def refuse_foreign(request: Request) -> None:
    """Refuse what another site makes a browser send (CSRF).

    Browsers say where a request comes from in ``Sec-Fetch-Site`` (https://www.w3.org/TR/fetch-metadata/), older
    ones in ``Origin``; what says neither comes from no browser, and so not with anybody's cookies against their will.
    """
    if request.method in _SAFE:
        return
    if not _comes_from_us(request):
        text = "The form was sent from another site. If that was you: open this page anew and try again."
        raise Refusal("foreign_origin", "Refused", text)


def _comes_from_us(request: Request) -> bool:
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None:
        return site in ("same-origin", "none")
    if origin is None:
        return True
    host = urlsplit(origin).netloc
    return bool(host) and host in (
        request.headers.get("host"),
        urlsplit(dashboard_of(request).public_url).netloc,
    )


async def form(request: Request, most: int = MOST_BYTES) -> dict[str, str]:
    """The fields of a form; the last one counts where a name comes twice. Raises 413 over ``most`` bytes, and 400."""
    try:
        body = await read_body(request, most)
    except TooLongError:
        text = f"A form holds at most {most:,} bytes."
        raise Refusal("payload_too_large", "Too much", text) from None
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=200, errors="strict")
    except ValueError:
        raise _malformed() from None
    if any("\0" in text for pair in pairs for text in pair):
        raise _malformed()
    return dict(pairs)


def _malformed() -> Refusal:
    return Refusal("invalid_request", "Not understood", "The form was malformed.")
