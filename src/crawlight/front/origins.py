"""How requests are carried to origins: as they came, and what the origin says of itself is said of the site.

One handler serves all domains whose origins are spoken to alike: over HTTP, or over TLS under the origin's own name.
"""

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from crawlight.domains.sites import Site
from crawlight.kit.origin import Origin

Json = dict[str, Any]

AT_ORIGIN: Final = {"crawlight_at_origin": "1"}
"""Variables of a request that was carried to its origin: what fails from then on is the origin's failure."""

_SHARED: Final = ("http", "https", "unverified")
_DIAL: Final = "{http.vars.crawlight_dial}"
_HOST: Final = "{http.vars.crawlight_host}"
_NETLOC: Final = "{http.vars.crawlight_netloc}"
_NAME: Final = "{http.vars.crawlight_name}"
_LIFTED: Final = "{http.vars.crawlight_lifted}"
_LIFTS: Final = {"crawlight_lifted": "X-Robots-Tag"}
KEEPS: Final = {"crawlight_lifted": "Alt-Svc"}
"""Variables of a request whose answer keeps the origin's ``X-Robots-Tag``: ``Alt-Svc`` goes anyway."""


def known(site: Site) -> Json:
    """Variables by which a handler serves a domain: where to connect, whom to ask for, what the origin calls itself."""
    origin = _origin(site)
    netloc = urlsplit(origin.url).netloc
    return {
        "crawlight_way": _way(site),
        "crawlight_dial": f"[{origin.host}]:{origin.port}"
        if ":" in origin.host
        else f"{origin.host}:{origin.port}",
        "crawlight_host": netloc if origin.as_itself else "{http.request.hostport}",
        "crawlight_netloc": netloc,
        "crawlight_name": origin.host,
        **(_LIFTS if site.settings.robots_header == "lift" else KEEPS),
    }


def is_own(site: Site) -> bool:
    """Whether a domain needs a handler of its own: TLS under another name than that of the server."""
    return _way(site) == "own"


def shared(name: str, trusted_networks: Sequence[str]) -> list[Json]:
    """The handlers that domains share. ``name`` is the front's, for `CDN-Loop`."""
    transports: dict[str, Json] = {
        "http": {},
        "https": {"tls": {}},
        "unverified": {"tls": {"insecure_skip_verify": True}},
    }
    return [
        {
            "match": [{"vars": {"crawlight_way": [way]}}],
            "handle": _carrying(transports[way], name, trusted_networks),
        }
        for way in _SHARED
    ]


def own(site: Site, name: str, trusted_networks: Sequence[str]) -> list[Json]:
    """The handler of one domain alone."""
    tls: Json = {"server_name": site.page_host}
    if not _origin(site).verified:
        tls["insecure_skip_verify"] = True
    return [{"handle": _carrying({"tls": tls}, name, trusted_networks)}]


def trusted(networks: Sequence[str]) -> Json:
    """The member of a reverse proxy that says whose ``X-Forwarded-*`` is believed."""
    return {"trusted_proxies": list(networks)} if networks else {}


def _way(site: Site) -> str:
    origin = _origin(site)
    if not origin.encrypted:
        return "http"
    if not origin.as_itself:
        return "own"
    return "https" if origin.verified else "unverified"


def _origin(site: Site) -> Origin:
    if site.origin is None:
        raise ValueError(f"{site.host} has no origin")
    return site.origin


def _carrying(transport: Json, name: str, trusted_networks: Sequence[str]) -> list[Json]:
    # CDN-Loop is RFC 8586. A Via would end nginx's compression.
    request = {"add": {"Cdn-Loop": [name]}, "set": {"Host": [_HOST]}}
    proxy = {
        "handler": "reverse_proxy",
        "upstreams": [{"dial": _DIAL}],
        "transport": {
            "protocol": "http",
            "compression": False,  # The visitor and the origin agree on one.
            "dial_timeout": "5s",
            "response_header_timeout": "60s",
            "keep_alive": {"max_idle_conns_per_host": 64, "idle_timeout": "4s"},  # Node closes after five.
            **transport,
        },
        "headers": {"request": request, "response": {"delete": ["Alt-Svc", _LIFTED]}},
        "handle_response": _back(),
        **trusted(trusted_networks),
    }
    return [{"handler": "vars", **AT_ORIGIN}, proxy]


def _back() -> list[Json]:
    """Where an origin names itself, name the site; in such answers only, for it costs a tenth of all."""
    here = "{http.request.scheme}://{http.request.hostport}/"
    locations = [{"search": f"{scheme}://{_NETLOC}/", "replace": here} for scheme in ("http", "https")]
    domains = [f"; {word}={dot}{_NAME}" for word in ("Domain", "domain") for dot in (".", "")]
    cookies = [{"search": domain, "replace": ""} for domain in domains]
    response = {"deferred": True, "replace": {"Location": locations, "Set-Cookie": cookies}}
    rewriting = [{"handler": "headers", "response": response}, {"handler": "copy_response"}]
    routes = [{"handle": rewriting}]
    return [{"match": {"headers": {name: ["*"]}}, "routes": routes} for name in ("Location", "Set-Cookie")]
