"""The frame of every page: templates, links, headers, cookies."""

import gzip
import re
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import quote, urlencode

from fastapi import Request, Response
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from crawlight import __version__
from crawlight.bots.labels import category_label
from crawlight.dashboard import numbers
from crawlight.dashboard.state import dashboard_of
from crawlight.errors import UserError
from crawlight.kit.accept import takes_gzip

# Nothing from elsewhere, no script or style within a page, no frame around us (https://www.w3.org/TR/CSP3/).
CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "frame-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "Vary": "Accept-Encoding, Cookie",
    "X-Content-Type-Options": "nosniff",
}
TABS: Final = (
    ("analytics", "Analytics", "", "a"),
    ("pages", "Pages", "/pages", "p"),
    ("live", "Live", "/live", "l"),
    ("settings", "Settings", "/settings", "s"),
)
"""The pages of a domain: name, label, path below ``/domains/HOST``, and the key that follows ``g``."""

_FLASH: Final = "flash"
_FLASH_SECONDS: Final = 60
_WORTH_COMPRESSING: Final = 1024


def cookie_name(request: Request, name: str) -> str:
    """The name of a cookie of ours; ``__Host-`` keeps other hosts of the domain from setting it (RFC 6265bis)."""
    return f"__Host-crawlight-{name}" if dashboard_of(request).secure(request) else f"crawlight-{name}"


def set_cookie(
    request: Request, response: Response, name: str, value: str, seconds: int | None = None
) -> None:
    """Set a cookie that no script can read and no other site's form can send; no value removes it."""
    response.set_cookie(
        cookie_name(request, name),
        value,
        max_age=seconds if value else 0,
        path="/",
        secure=dashboard_of(request).secure(request),
        httponly=True,
        samesite="lax",
    )


def redirect(request: Request, path: str) -> Response:
    """Send the browser to a path of ours with GET."""
    return Response(
        status_code=303, headers={"Location": dashboard_of(request).base + _written(path)} | HEADERS
    )


def _written(path: str) -> str:
    """A path as it may stand in a header: what is neither ASCII nor printable is encoded."""
    return quote(path, safe="/?&=%#:;,+@!$'()*~[]", errors="replace")


async def flash(request: Request, response: Response, text: str) -> Response:
    """Show a text on the next page."""
    signed = await dashboard_of(request).sign(_FLASH, text.encode().hex())
    set_cookie(request, response, _FLASH, signed, _FLASH_SECONDS)
    return response


async def page(request: Request, template: str, values: Mapping[str, Any], *, status: int = 200) -> Response:
    """A page made of a template; a value that is missing in it is an error.

    Templates get ``base``, ``link(path, **query)`` (keeps the period), ``here(**query)`` (this page with other
    parameters; None removes one), ``static(name)``, the filters of ``numbers``, and what `values` hold;
    ``visit``, ``domain``, ``tab``, ``period``, ``error`` are empty unless given. A UserError as ``error`` is what was
    wrong with a form: the page shows it as a sentence and is answered with its status.
    """
    if isinstance(error := values.get("error"), UserError):
        values, status = {**values, "error": error.on_page()}, error.status
    text = await _flash_of(request)
    given = {**_frame(request), "flash": text, **values}
    numbers.LOCALE.set(numbers.locale_of(request.headers.get("accept-language", "")))
    html = _templates.get_template(template).render(given)
    answer = respond(request, html.encode(), "text/html; charset=utf-8", status=status)
    if text:
        set_cookie(request, answer, _FLASH, "")
    return answer


def respond(
    request: Request, content: bytes, media_type: str, *, status: int = 200, headers: Mapping[str, str] = {}
) -> Response:
    """An answer with the headers of a page, compressed where the browser can."""
    sent = {**HEADERS, **headers}
    if len(content) >= _WORTH_COMPRESSING and takes_gzip(request.headers.get("accept-encoding", "")):
        content = gzip.compress(content, 5)
        sent["Content-Encoding"] = "gzip"
    return Response(content, status, sent, media_type=media_type)


def local_path(given: str) -> str:
    """A path of ours, or ``/``: what leads elsewhere, such as ``//host`` or ``/\\\\host``, is not followed."""
    is_local = given.startswith("/") and not re.match(r"/[/\\]", given)
    return given if is_local and not re.search(r"[\x00-\x1f\x7f]", given) else "/"


async def _flash_of(request: Request) -> str:
    signed = request.cookies.get(cookie_name(request, _FLASH), "")
    value = await dashboard_of(request).unsign(_FLASH, signed, _FLASH_SECONDS) if signed else None
    return bytes.fromhex(value).decode() if value else ""


def _frame(request: Request) -> dict[str, Any]:
    dashboard = dashboard_of(request)

    def here(**changes: object) -> str:
        kept = {**request.query_params, **changes}
        query = urlencode({name: value for name, value in kept.items() if value is not None})
        return f"{request.url.path}{f'?{query}' if query else ''}"

    def link(path: str, /, **query: object) -> str:
        if chosen := request.query_params.get("period"):
            query = {"period": chosen, **query}
        return f"{dashboard.base}{path}{f'?{urlencode(query)}' if query else ''}"

    def static(name: str) -> str:
        return f"{dashboard.base}/static/{name}?v={dashboard.files[name].version}"

    empty: dict[str, Any] = {"visit": None, "domain": None, "tab": "", "period": "", "error": ""}
    shared = {"base": dashboard.base, "version": __version__, "tabs": TABS}
    return {**empty, **shared, "here": here, "link": link, "static": static}


_templates = Environment(
    loader=PackageLoader("crawlight.dashboard"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def _with_code(text: str) -> Markup:
    """A text in which what stands between backticks is code."""
    return Markup("").join(
        Markup("<code>{}</code>").format(piece) if number % 2 else escape(piece)
        for number, piece in enumerate(text.split("`"))
    )


_WORDS: Final[dict[str, Callable[[str], str]]] = {
    "pattern": re.escape,
    "category": category_label,
    "with_code": _with_code,
}
_templates.filters |= {**numbers.FILTERS, **_WORDS}
