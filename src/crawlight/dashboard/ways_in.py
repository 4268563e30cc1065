"""The three ways in which a domain comes to Crawlight, as steps of which some are done."""

from collections.abc import Sequence
from importlib.resources import files
from typing import Final

import msgspec

from crawlight.accounts.keys import list_keys
from crawlight.accounts.scope import ScopedDomain
from crawlight.analytics.arrived import ARRIVED, Arrived
from crawlight.dashboard.questions import about, ask
from crawlight.dashboard.visits import Visit
from crawlight.domains.front_states import FrontState, state_of
from crawlight.domains.registry import find_domain
from crawlight.domains.settings import read_settings

WAYS: Final = {
    "front": ("Point the DNS here", "You can change a DNS record. Nothing to install on your side."),
    "server": (
        "Connect your server or CDN",
        "You run a Cloudflare worker, nginx, Caddy, Express, Vercel or Netlify.",
    ),
    "logs": ("Analytics only", "You have an access log. Crawlers keep getting what they get today."),
}
"""Each way's name, what it is called, and for whom it is."""

RECIPES: Final = {
    "nginx": "nginx.conf",
    "Caddy": "Caddyfile",
    "Express": "express.js",
    "Vercel and Netlify": "middleware.js",
}
"""The recipes of docs/integrations.md, by their headings."""


class Step(msgspec.Struct, frozen=True):
    """One step. The template shows by ``name`` what is to be done; ``told`` is what was seen."""

    name: str
    title: str
    done: bool
    told: str = ""


async def steps(visit: Visit, domain: ScopedDomain | None, way: str) -> Sequence[Step]:
    """The steps of a way; no domain is one that waits for its proof."""
    proof = Step("proof", "Prove that the domain is yours", domain is not None)
    return [proof, *await _STEPS[way](visit, domain)]


async def _front(visit: Visit, domain: ScopedDomain | None) -> list[Step]:
    here, named, seen = False, False, FrontState("")
    if domain is not None:
        database = visit.site.database
        seen = await state_of(database, domain.host)
        named = bool((await find_domain(database, domain.host)).origin)
        here = named and (await read_settings(database, domain.id)).front
    points = here and seen.here_since is not None and not seen.missing
    certified = points and (visit.site.front.tls == "off" or seen.certificate_until is not None)
    return [
        Step("origin" if not named else "fronted", "Set your origin", here),
        Step("records", "Change the DNS records", points, seen.missing if here else ""),
        Step("certificate", "Get a certificate", certified, seen.certificate_problem if points else ""),
    ]


async def _server(visit: Visit, domain: ScopedDomain | None) -> list[Step]:
    keys = await list_keys(visit.site.database, visit.account.email)
    has_key = any(key.revoked_at is None for key in keys)
    live = (await _arrived(visit, domain)).live
    return [
        Step("key", "Make an API key", has_key or live),
        Step("recipe", "Have your server ask Crawlight", live),
        Step("visit", "See the first crawler", live),
    ]


async def _logs(visit: Visit, domain: ScopedDomain | None) -> list[Step]:
    return [Step("import", "Import an access log", (await _arrived(visit, domain)).counted)]


async def _arrived(visit: Visit, domain: ScopedDomain | None) -> Arrived:
    if domain is None:
        return Arrived(counted=False, live=False)
    return await ask(visit, ARRIVED, await about(visit, domain))


def recipes(host: str) -> dict[str, str]:
    """The recipes for a host, by what they are for."""
    folder = files("crawlight.dashboard").joinpath("recipes")
    texts = {name: folder.joinpath(file).read_text("utf-8") for name, file in RECIPES.items()}
    return {name: text.replace("example.com", host) for name, text in texts.items()}


_STEPS: Final = {"front": _front, "server": _server, "logs": _logs}
