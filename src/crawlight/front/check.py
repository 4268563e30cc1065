"""``crawlight front check``: what would change for visitors of a domain once its DNS points here."""

import asyncio
from collections.abc import Sequence

import msgspec

from crawlight.domains.pointing import Certificate, OwnFront, Pointing, certificate, pointing
from crawlight.domains.proof import Outside
from crawlight.domains.sites import Site
from crawlight.errors import UserError
from crawlight.front.comparing import Comparing, Comparison
from crawlight.front.config import Place
from crawlight.front.readiness import Seen, findings
from crawlight.front.trial import on_trial
from crawlight.kit.finding import Finding
from crawlight.kit.net import FetchError, fetch
from crawlight.kit.origin import Origin


class Here(msgspec.Struct, frozen=True):
    """Where a front on trial may stand, and what the real one is."""

    trial: Place
    own: OwnFront


class Checked(msgspec.Struct, frozen=True):
    """The whole check. ``compared_with`` says what the front was compared with."""

    host: str
    compared_with: str
    ready: bool
    findings: list[Finding]
    comparison: Comparison
    pointing: Pointing
    www: Pointing
    certificate: Certificate | None


async def check(outside: Outside, site: Site, paths: Sequence[str], here: Here) -> Checked:
    """Check a site that has an origin, on these of its pages. Raises UserError where Caddy cannot be started."""
    name = here.trial.name
    bare, www, authorities = await asyncio.gather(
        pointing(outside, site.host, name),
        pointing(outside, f"www.{site.host}", name),
        _authorities(outside, site.host),
    )
    before = await _before(outside, site, bare)
    async with on_trial(site, here.trial) as front:
        compared = await Comparing(site, front, before or _own(site)).compare(paths)
    shown = await _certificate(outside, bare, here) if bare.here and here.own.tls != "off" else None
    found = findings(site, Seen(bare, www, shown, authorities, compared, here.own.tls, here.own.targets))
    compared_with = f"https://{site.host} as it is today" if before else _own(site).url
    ready = all(one.state != "problem" for one in found)
    return Checked(site.host, compared_with, ready, found, compared, bare, www, shown)


async def _before(outside: Outside, site: Site, seen: Pointing) -> Origin | None:
    """Where DNS leads today, if that is another site than this front, and it answers."""
    if seen.here or not seen.addresses:
        return None
    address = seen.addresses[0]
    at = f"[{address}]" if ":" in address else address
    hosts = frozenset({site.host, f"www.{site.host}"})
    before = Origin(hosts, f"https://{at}:{outside.ports[1]}", verified=False)
    try:
        answer = await fetch(f"https://{site.host}/", allowed=outside.allowed, redirects=0, origin=before)
    except FetchError:
        return None
    return before if answer.status < 500 else None


def _own(site: Site) -> Origin:
    if site.origin is None:
        raise UserError(f"{site.host} has no origin")
    return site.origin


async def _authorities(outside: Outside, host: str) -> list[str]:
    try:
        return await outside.authorities(host)
    except OSError:
        return []


async def _certificate(outside: Outside, seen: Pointing, here: Here) -> Certificate:
    return await certificate(outside, seen.host, seen.here[0], here.own.roots)
