"""Caddy's configuration, made of the domains on the front: https://caddyserver.com/docs/json/.

Each request passes these steps, and none of them waits for Crawlight unless it may concern it:

1. A host that is not on the front gets a 421, a request that has been here already a 508, and what is meant for the
   dashboard goes there.
2. Crawlight is asked about what may be a crawler's, may meet a routing rule or is a hosted file (`filter`). It
   answers, or says 204.
3. Everything else, and whatever Crawlight did not answer, goes to the domain's origin.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec

from crawlight.domains import pointing
from crawlight.domains.sites import Site
from crawlight.front import blocked, origins
from crawlight.front import filter as asked

Json = dict[str, Any]

_BRANCHES: Final = 8
"""Domains are found in a tree of so many branches: one list of 500 would be walked for each request."""

_PERSON_SECONDS: Final = 2.0
"""How long a person waits for Crawlight at most, where a rule or a hosted file may concern them."""

_RULED: Final = {"crawlight_ruled": "1"}
_ASKED: Final = {"crawlight_asked": "1"}


class Place(msgspec.Struct, frozen=True):
    """Where the front stands, whatever the domains are.

    ``http`` and ``https`` are addresses to listen on, ``HOST:PORT`` with or without a host, empty where there is none.
    ``door`` is the socket at which Crawlight is asked, ``ask`` the loopback port at which Caddy asks itself which names
    may have a certificate. ``name`` is this front's own, by which a request that comes round is known. ``wait`` are the
    seconds that a crawler's page may take, and ``trusted`` the proxies whose ``X-Forwarded-*`` are believed.
    ``people`` is the host of the dashboard and the API, which ``server`` answers (``HOST:PORT``); empty where nobody
    comes to them through the front.
    """

    http: str
    https: str
    tls: str
    door: str
    ask: int
    name: str
    wait: float
    trusted: tuple[str, ...] = ()
    people: str = ""
    server: str = ""


def configuration(sites: Iterable[Site], place: Place) -> Json:
    """Caddy's apps for these domains; those that are not on the front, or have no origin, are left out."""
    fronted = sorted((site for site in sites if site.settings.front and site.origin), key=_host)
    names = asked.host_names(site.host for site in fronted)
    if place.people in names:
        place = msgspec.structs.replace(place, people="")  # A site's own name is the site's.
    elif place.people:
        names.append(place.people)
    servers: Json = {}
    if place.https:
        servers["https"] = _server(place.https, _routes(fronted, names, place))
        servers["https"]["tls_connection_policies"] = [{}]
        servers["ask"] = _server(f"127.0.0.1:{place.ask}", _permissions(names))
    if place.http:
        routes = _to_https(names, place) if place.https else _routes(fronted, names, place)
        servers["http"] = _server(place.http, routes)
    ports = {name: _port(at) for name, at in (("http_port", place.http), ("https_port", place.https)) if at}
    apps: Json = {"http": {"servers": servers, **ports}}
    return apps | (_certificates(place) if place.https else {})


def _server(listen: str, routes: list[Json]) -> Json:
    failed = {
        "handler": "static_response",
        "status_code": "{http.error.status_code}",
        "headers": {"Cache-Control": ["no-store"], "Content-Type": ["text/plain; charset=utf-8"]},
        "body": "{http.error.status_code} {http.error.status_text}\n",
    }
    return {
        "listen": [listen],
        "automatic_https": {"disable": True},  # Names and redirects are said here.
        "routes": routes,
        "errors": {"routes": [{"handle": [failed]}]},
    }


def _routes(sites: Sequence[Site], names: list[str], place: Place) -> list[Json]:
    return [
        _named(names, place),
        _unknown(names),
        {"match": [{"header": {"Cdn-Loop": [f"*{place.name}*"]}}], "handle": [_status(508)]},
        *_for_people(place),
        *_tree([(asked.host_names([site.host]), _about(site)) for site in sites], "known"),
        _ask(asked.crawlers(), asked.pages(), place, place.wait),
        _ask(asked.sent_by_assistants(), asked.pages(), place, _PERSON_SECONDS),
        _ask(
            [_is(_RULED)],
            {"header": {"Upgrade": None}},
            place,
            _PERSON_SECONDS,
            {"rewrite": {"method": "GET"}},
        ),
        *origins.shared(place.name, place.trusted),
        *_tree(
            [
                (asked.host_names([site.host]), origins.own(site, place.name, place.trusted))
                for site in sites
                if origins.is_own(site)
            ],
            "own",
        ),
    ]


def _for_people(place: Place) -> list[Json]:
    if not place.people:
        return []
    upstream = {"handler": "reverse_proxy", "upstreams": [{"dial": place.server}]}
    proxy = {**upstream, "flush_interval": -1, **origins.trusted(place.trusted)}
    return [{"match": [{"host": [place.people]}], "handle": [proxy], "terminal": True}]


def _about(site: Site) -> list[Json]:
    """Note what is known of a domain, so that one handler serves all of them: a reload would take seconds else."""
    known = [{"handle": [_vars(origins.known(site))]}, *_headers(site)]
    prefixes = site.rules.prefixes if len(site.rules) else ()
    paths = [one.removesuffix("$") if one.endswith("$") else f"{one}*" for one in prefixes]
    paths += [path for path in site.hosted if path not in paths]
    if not paths:
        return known
    return [*known, {"match": [{"path": paths}], "handle": [_vars(_RULED)]}]


def _named(names: list[str], place: Place) -> Json:
    """Say whose front this is, under whatever name it was reached (`domains.pointing`)."""
    told = {"handler": "headers", "response": {"set": {pointing.HEADER: [place.name]}}}
    routes = [{"handle": [told]}, _unknown(names), {"handle": [_status(204)]}]
    return {"match": [{"path": [pointing.PATH]}], "handle": [{"handler": "subroute", "routes": routes}]}


def _headers(site: Site) -> list[Json]:
    """What a domain says in the headers of its answers, whoever they are from."""
    found: list[Json] = []
    patterns = site.settings.blocked_paths
    if site.settings.robots_header == "lift" and patterns:
        found.append({"match": blocked.matchers(patterns), "handle": [_vars(origins.KEEPS)]})
    if policy := site.settings.content_security_policy:
        response = {"deferred": True, "set": {"Content-Security-Policy": [policy]}}
        found.append({"handle": [{"handler": "headers", "response": response}]})
    return found


def _unknown(names: list[str]) -> Json:
    return {"match": [{"not": [{"host": names}]}] if names else [], "handle": [_status(421)]}


def _status(code: int) -> Json:
    return {"handler": "static_response", "status_code": code}


def _ask(who: list[Json], what: Json, place: Place, seconds: float, rewrite: Json | None = None) -> Json:
    """Ask Crawlight, once, what any of these gets of what they want; go on where it says nothing, or not in time."""
    once = {**what, "not": [*what.get("not", ()), _is(_ASKED)]}
    own = {"handler": "error", "status_code": "{http.error.status_code}"}
    subroute = {
        "handler": "subroute",
        "routes": [{"match": [once], "handle": [_vars(_ASKED), _asking(place, seconds, rewrite or {})]}],
        # An error of the origin, which comes behind, stays one. Any other is Crawlight's: on to the origin.
        "errors": {"routes": [{"match": [_is(origins.AT_ORIGIN)], "handle": [own]}]},
    }
    return {"match": who, "handle": [subroute]}


def _asking(place: Place, seconds: float, rewrite: Json) -> Json:
    blocked = {"status_code": [204], "headers": {"X-Hadoseo-Robots": ["*"]}}
    robots = {"X-Robots-Tag": ["{http.reverse_proxy.header.X-Hadoseo-Robots}"]}
    told = {"handler": "headers", "response": {"set": robots, "deferred": True}}
    return {
        "handler": "reverse_proxy",
        "upstreams": [{"dial": f"unix/{place.door}"}],
        "transport": {
            "protocol": "http",
            "compression": False,
            "dial_timeout": "1s",
            "response_header_timeout": f"{seconds:g}s",
            "keep_alive": {"max_idle_conns_per_host": 256, "idle_timeout": "5s"},  # We close after ten.
        },
        "headers": {"request": {"set": {"X-Crawlight-Method": ["{http.request.method}"]}}},
        "handle_response": [
            {"match": blocked, "routes": [{"handle": [told]}]},
            {"match": {"status_code": [204]}, "routes": [{"handle": [_vars(_ASKED)]}]},
        ],
        **rewrite,
        **origins.trusted(place.trusted),
    }


def _tree(leaves: list[tuple[list[str], list[Json]]], name: str) -> list[Json]:
    """Routes of many hosts, so that a request is compared with few of them. ``name`` is that of no other tree."""
    size = max(-(-len(leaves) // _BRANCHES), 1)
    parts = [leaves[start : start + size] for start in range(0, len(leaves), size)]
    return [
        {
            "match": [{"host": [host for hosts, _ in part for host in hosts]}],
            "handle": [
                {"handler": "subroute", "routes": _tree(part, f"{name}.") if size > 1 else part[0][1]}
            ],
            "group": name,  # Of the routes of a group only the first that matches is taken.
        }
        for part in parts
    ]


def _vars(values: Json) -> Json:
    return {"handler": "vars", **values}


def _is(values: Json) -> Json:
    return {"vars": {name: [value] for name, value in values.items()}}


def _to_https(names: list[str], place: Place) -> list[Json]:
    port = "" if _port(place.https) == 443 else f":{_port(place.https)}"
    to = f"https://{{http.request.host}}{port}{{http.request.uri}}"
    moved = {"handler": "static_response", "status_code": 308, "headers": {"Location": [to]}}
    return [_named(names, place), _unknown(names), {"handle": [moved]}]


def _permissions(names: list[str]) -> list[Json]:
    """Which names may have a certificate: 200 for those, whoever is alive."""
    allowed = [{"match": [{"query": {"domain": names}}], "handle": [_status(200)]}] if names else []
    return [*allowed, {"handle": [_status(403)]}]


def _certificates(place: Place) -> Json:
    policy = {"issuers": [{"module": place.tls}], "on_demand": True}
    automation = {"policies": [policy], "on_demand": {"ask": f"http://127.0.0.1:{place.ask}/"}}
    apps: Json = {"tls": {"automation": automation}}
    if place.tls == "internal":
        apps["pki"] = {"certificate_authorities": {"local": {"install_trust": False}}}
    return apps


def _port(listen: str) -> int:
    return int(listen.rpartition(":")[2])


def _host(site: Site) -> str:
    return site.host
