"""Whether a domain can come to the front, or is well there: DNS, certificate, and what the comparison found."""

from collections.abc import Iterator
from typing import Final

import msgspec

from crawlight.domains.pointing import Certificate, Pointing
from crawlight.domains.sites import Site
from crawlight.front.comparing import Comparison, Difference
from crawlight.kit.finding import Finding

SHOWN: Final = 8
"""Paths that a finding names; the rest is in the JSON."""


class Seen(msgspec.Struct, frozen=True):
    """What was looked at. ``certificate`` is None where nobody can have got one yet."""

    pointing: Pointing
    www: Pointing
    certificate: Certificate | None
    authorities: list[str]
    """Who may issue certificates for the domain, by its CAA records; empty: anybody."""
    comparison: Comparison
    tls: str
    targets: tuple[str, ...]
    """The addresses that DNS is to name, as far as they are known."""


def findings(site: Site, seen: Seen) -> list[Finding]:
    """All that is to be said, in the order in which one would mend it."""
    return [
        *_origin(site, seen.comparison),
        *_loops(site, seen.comparison),
        *_pages(seen.comparison),
        *_naming(site, seen.comparison),
        *_dns(site, seen),
        _certificate(site, seen),
    ]


def _origin(site: Site, found: Comparison) -> Iterator[Finding]:
    if not found.unanswered:
        return
    reason = found.unanswered[0].what[0]
    told = (
        f"{_count(len(found.unanswered), 'URL')} got no answer, such as {found.unanswered[0].path}: {reason}"
    )
    yield Finding("origin", "problem", told, _origin_advice(site, reason))


def _origin_advice(site: Site, reason: str) -> str:
    if "certificate" in reason or "mismatch" in reason:
        return (
            f"`crawlight domain set {site.host} --origin-host domain` if the server goes by the public name; "
            "`--origin-certificate ignore` takes any certificate"
        )
    return "start it, or name another with `--origin`"


def _loops(site: Site, found: Comparison) -> Iterator[Finding]:
    if found.loops:
        advice = (
            "the origin sends visitors on to where they are: have it take X-Forwarded-Proto for the scheme, or set "
            f"`--origin-host {'domain' if _as_itself(site) else 'origin'}`"
        )
        told = f"{_count(len(found.loops), 'page')} would lead round and round: {_some(found.loops)}"
        yield Finding("redirects", "problem", told, advice)
    else:
        yield Finding("redirects", "ok", "no redirect loops")


def _pages(found: Comparison) -> Iterator[Finding]:
    compared = f"{_count(found.pages, 'page')} and {_count(found.assets, 'asset')}"
    ruled = (
        f"; {_count(found.ruled, 'path')} that rules or hosted files answer left out" if found.ruled else ""
    )
    if not found.differing:
        yield Finding("pages", "ok", f"{compared} are the same through the front{ruled}")
        return
    differ = f"of {compared}, {_count(len(found.differing), 'answer')} would differ{ruled}"
    broken = [one for one in found.differing if one.what[0].startswith(("status", "no answer"))]
    yield Finding("pages", "problem" if broken else "warning", differ)
    for one in [*broken, *(one for one in found.differing if one not in broken)][:SHOWN]:
        yield Finding(one.path, "problem" if one in broken else "warning", "; ".join(one.what), _advice(one))


def _advice(one: Difference) -> str:
    text = " ".join(one.what)
    if "x-robots-tag" in text and "noindex" in text:
        return (
            "the origin tells search engines to leave it out under its own name: try `--origin-host domain`"
        )
    if text.startswith(("status 404", "status 421")):
        return "the origin may not know the name that it is asked for: try the other `--origin-host`"
    if text.startswith("status 502") or "no answer" in text:
        return "the front cannot reach the origin: see its address and certificate"
    if "location" in text:
        return "see that both lead to the same page"
    return ""


def _naming(site: Site, found: Comparison) -> Iterator[Finding]:
    if found.naming and site.origin:
        pages = _count(len(found.naming), "page")
        told = f"{site.origin.url} stands in the HTML of {pages}: {_some(found.naming)}"
        advice = f"have the origin use https://{site.page_host}, or set `--origin-host domain`"
        yield Finding("links", "warning", told, advice)


def _dns(site: Site, seen: Seen) -> Iterator[Finding]:
    if seen.pointing.is_here:
        yield Finding("dns", "ok", f"{site.host} points here")
    else:
        elsewhere = seen.pointing.addresses and not seen.pointing.here  # As it is before DNS is changed.
        advice = _records(site.host, seen.targets)
        yield Finding("dns", "ok" if elsewhere else "warning", seen.pointing.told, advice)
    if seen.www.addresses and not seen.www.is_here:
        yield Finding("dns", "warning" if seen.pointing.is_here else "ok", seen.www.told)


def _records(host: str, targets: tuple[str, ...]) -> str:
    to = ", ".join(targets) or "this server's public address (your hosting provider shows it)"
    return (
        f"when all else is well, set the A and AAAA records of {host} and www.{host} to {to}, and no others"
    )


def _certificate(site: Site, seen: Seen) -> Finding:
    if seen.tls == "off":
        return Finding("certificate", "ok", "the front speaks no TLS (CRAWLIGHT_FRONT_TLS)")
    if seen.tls == "acme" and seen.authorities and "letsencrypt.org" not in seen.authorities:
        told = f"by CAA records only {', '.join(seen.authorities)} may issue certificates for {site.host}"
        return Finding("certificate", "problem", told, 'add the record `0 issue "letsencrypt.org"`')
    if seen.certificate is None:
        return Finding("certificate", "ok", "the front gets one once DNS points here")
    if seen.certificate.until is None:
        advice = "see that ports 80 and 443 of this server are open to everybody; caddy.log says more"
        return Finding(
            "certificate", "problem", f"visitors get none that is valid: {seen.certificate.problem}", advice
        )
    return Finding("certificate", "ok", f"valid until {seen.certificate.until:%Y-%m-%d}")


def _as_itself(site: Site) -> bool:
    return site.origin is not None and site.origin.as_itself


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _some(paths: list[str]) -> str:
    return ", ".join(paths[:3]) + (", …" if len(paths) > 3 else "")
