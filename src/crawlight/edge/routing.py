"""What a domain's routing rules answer, to people and crawlers alike."""

from html import escape
from typing import Final

import structlog

from crawlight.domains.rules import Met
from crawlight.domains.sites import Site
from crawlight.edge.decision import Decision, File, PageRequest, Redirect, Snapshot
from crawlight.kit.addresses import parse_networks
from crawlight.kit.logs import first_line
from crawlight.kit.net import FetchError, fetch

_FRESH_SECONDS: Final = 300
_PROXY_SECONDS: Final = 10.0
_KEPT: Final = frozenset(
    ("content-type", "content-language", "last-modified", "cache-control", "x-robots-tag")
)
_GONE: Final = b"<!doctype html><title>Gone</title><h1>Gone</h1>"

log = structlog.get_logger(__name__)


async def ruled(site: Site, request: PageRequest, *, reads: bool = True) -> Decision | None:
    """What the first rule that fits answers; None where none does, or where what it leads to cannot be had.

    ``reads``: the method is GET or HEAD. Others are redirected, too, but never proxied. A pattern hides no hosted file.
    """
    if request.passthrough or not len(site.rules):
        return None
    met = site.rules.meet(_target(request.url), by_pattern=not site.hosts(request.path))
    if met is None:
        return None
    if met.type == "410":
        return File("hit", "rule", 410, {"content-type": "text/html; charset=utf-8"}, _FRESH_SECONDS, _GONE)
    if met.type == "proxy":
        return await _elsewhere(site, met) if reads else None
    return _redirect(site, met, request)


def leading_to(location: str) -> bytes:
    """A page that leads there, for those that would follow a redirect for somebody else."""
    target = escape(location)
    return (
        '<!doctype html><html><head><meta charset="utf-8">'
        f'<meta http-equiv="refresh" content="0;url={target}"><link rel="canonical" href="{target}">'
        f'<title>Moved</title></head><body><a href="{target}">{target}</a></body></html>'
    ).encode()


def _redirect(site: Site, met: Met, request: PageRequest) -> Decision:
    location = site.page_url(met.location) if met.location.startswith("/") else met.location
    if request.follows:
        return Redirect("redirect", "rule", int(met.type), {}, _FRESH_SECONDS, location)
    return Snapshot("redirect", "rule", 200, {}, _FRESH_SECONDS, None, leading_to(location))


async def _elsewhere(site: Site, met: Met) -> Decision | None:
    """The content of another site under our own URL: allowed addresses only, without cookies on either way."""
    try:
        allowed = parse_networks(site.settings.allowed_networks)
        answer = await fetch(met.location, allowed=allowed, seconds=_PROXY_SECONDS)
    except FetchError as error:
        log.warning("proxy_rule_failed", rule=met.number, reason=first_line(error))
        return None
    kept = {name: text for name, text in answer.headers.items() if name in _KEPT}
    return File("hit", "rule", answer.status, kept, _FRESH_SECONDS, answer.body)


def _target(url: str) -> str:
    """The path and query of a URL, as they came."""
    rest = url.partition("://")[2]
    slash = rest.find("/")
    return rest[slash:].partition("#")[0] if slash >= 0 else "/"
