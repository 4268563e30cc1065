"""The three ways in which a domain comes to Crawlight, as steps of which some are done."""

from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Final
from urllib.parse import SplitResult, urlsplit

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

_NGINX_TLS: Final = """proxy_ssl_server_name on;
        proxy_ssl_name {name};
        proxy_ssl_verify on;
        proxy_ssl_trusted_certificate /etc/ssl/certs/ca-certificates.crt;
        """

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
        database = visit.dashboard.database
        seen = await state_of(database, domain.host)
        named = bool((await find_domain(database, domain.host)).origin)
        here = named and (await read_settings(database, domain.id)).front
    points = here and seen.here_since is not None and not seen.missing
    certified = points and (visit.dashboard.front.tls == "off" or seen.certificate_until is not None)
    return [
        Step("origin" if not named else "fronted", "Set your origin", here),
        Step("records", "Change the DNS records", points, seen.missing if here else ""),
        Step("certificate", "Get a certificate", certified, seen.certificate_problem if points else ""),
    ]


async def _server(visit: Visit, domain: ScopedDomain | None) -> list[Step]:
    keys = await list_keys(visit.dashboard.database, visit.account.email)
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


def recipes(host: str, public_url: str = "") -> dict[str, str]:
    """The recipes for a host, by what they are for; ``public_url`` is where they ask Crawlight, else on the machine."""
    folder = files("crawlight.dashboard").joinpath("recipes")
    texts = {name: folder.joinpath(file).read_text("utf-8") for name, file in RECIPES.items()}
    texts = {name: text.replace("example.com", host) for name, text in texts.items()}
    return _asking(texts, urlsplit(public_url)) if public_url else texts


def _asking(texts: Mapping[str, str], url: SplitResult) -> dict[str, str]:
    """The recipes with Crawlight at a URL, under the name of which it is asked."""
    name, base = url.hostname or "", url.path.rstrip("/")
    at = f"{name}:{url.port or (443 if url.scheme == 'https' else 80)}"
    tls = _NGINX_TLS.format(name=name) if url.scheme == "https" else ""
    changes = {
        "server 127.0.0.1:8080;": f"server {at};",
        "proxy_pass http://crawlight/": f"{tls}proxy_set_header Host {url.netloc};\n        "
        f"proxy_pass {url.scheme}://crawlight{base}/",
        "reverse_proxy 127.0.0.1:8080 {": f"reverse_proxy {url.scheme}://{at} {{\n            "
        f"header_up Host {url.netloc}",
        "rewrite /v1/render": f"rewrite {base}/v1/render",
    }
    found = dict(texts)
    for old, new in changes.items():
        found = {recipe: text.replace(old, new) for recipe, text in found.items()}
    return found


_STEPS: Final = {"front": _front, "server": _server, "logs": _logs}
