"""What the people of a domain chose for it: freshness, ignored parameters, blocked paths, language, identity, front."""

import ipaddress
import re
from collections.abc import Collection, Iterable
from typing import Any, Final, TypeVar, get_args

import msgspec
from sqlalchemy import select

from crawlight.database.engine import Database
from crawlight.database.tables import DomainSettings as Row
from crawlight.database.tables import (
    IdentityPolicy,
    OriginCertificate,
    OriginHost,
    PrivatePages,
    Revalidation,
    RobotsHeader,
)
from crawlight.domains.content_policy import one_line
from crawlight.domains.patterns import check_pattern, check_stars
from crawlight.domains.wanted import forgive
from crawlight.errors import UserError
from crawlight.ids import DomainId

DAY: Final = 86_400
SHORTEST_SECONDS: Final = 60
LONGEST_SECONDS: Final = 365 * DAY
MOST_RULES: Final = 100

T = TypeVar("T")

_PARAMETER = re.compile(r"[^\s&=#]{1,128}")
_ONE_LANGUAGE = r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}"
_LANGUAGE = re.compile(f"{_ONE_LANGUAGE}(?:, ?{_ONE_LANGUAGE}){{0,4}}")


class PathRule(msgspec.Struct, frozen=True):
    """How long snapshots of the paths that a pattern fits stay fresh. The first rule that fits holds."""

    pattern: str
    freshness_seconds: int


class DomainSettings(msgspec.Struct, frozen=True):
    """All settings of a domain.

    ``ignored_parameters`` name query parameters that make no other page, beside the tracking ones.
    ``blocked_paths`` are patterns: crawlers get no snapshot there, and are told not to index. ``language`` is what
    the browser asks the site for (``de``, ``de-CH, de``). ``identity_policy``: ``standard`` refuses snapshots to
    spoofed crawlers, ``strict`` to all that could be proven and are not, ``off`` to nobody. ``private_pages``: what
    the origin calls private is handed on to the crawler that waits (``pass``), or kept as any other page
    (``keep``). ``allowed_networks`` are those beside the public internet that rendering may reach. ``origin_host``
    is the name that the domain's origin is asked for, the ``domain``'s or the ``origin``'s own,
    ``origin_certificate`` whether errors in its certificate are refused (``verify``) or let pass (``ignore``).
    These three are for the operator alone to say. ``front`` says that the front serves the domain (`domains.fronting`).
    With ``revalidation`` a due snapshot is fresh again where nothing has changed of what it was made of, for as long as
    its last render is no older than ``render_within_seconds``. ``content_security_policy`` is that header of all
    answers on the front, empty where the site says its own. ``robots_header``: what the origin says in
    ``X-Robots-Tag`` stays (``origin``), or is taken away except on blocked paths (``lift``).
    """

    freshness_seconds: int = DAY
    path_rules: tuple[PathRule, ...] = ()
    ignored_parameters: tuple[str, ...] = ()
    blocked_paths: tuple[str, ...] = ()
    language: str = ""
    identity_policy: IdentityPolicy = "standard"
    allowed_networks: tuple[str, ...] = ()
    private_pages: PrivatePages = "pass"
    origin_host: OriginHost = "domain"
    origin_certificate: OriginCertificate = "verify"
    front: bool = False
    revalidation: Revalidation = "on"
    render_within_seconds: int = 7 * DAY
    content_security_policy: str = ""
    robots_header: RobotsHeader = "origin"


DEFAULTS: Final = DomainSettings()


async def read_settings(database: Database, domain_id: DomainId) -> DomainSettings:
    """The settings of a domain: the defaults until somebody changes one."""
    async with database.read() as session:
        row = await session.scalar(select(Row).where(Row.domain_id == domain_id))
    return DEFAULTS if row is None else settings_of(row)


def settings_of(row: Row) -> DomainSettings:
    """The settings that a row holds."""
    return msgspec.convert(
        {name: getattr(row, name) for name in DomainSettings.__struct_fields__}, DomainSettings
    )


async def change_settings(database: Database, domain_id: DomainId, **changes: Any) -> DomainSettings:
    """Change settings by name, and none of them where one is wrong: UserError says which and why.

    Effective in every process within a second, and failed pages are tried again. What is for the operator alone to
    say the people of a domain may not change: the caller sees to that.
    """
    async with database.write() as session:
        row = await session.get(Row, domain_id, with_for_update=True)
        before = DEFAULTS if row is None else settings_of(row)
        after = checked(msgspec.structs.replace(before, **changes), before)
        if row is None:
            row = Row(domain_id=domain_id)
            session.add(row)
        for name, chosen in msgspec.to_builtins(after).items():
            setattr(row, name, chosen)
        if after != before:
            await forgive(session, domain_id)
    return after


def checked(settings: DomainSettings, before: DomainSettings = DEFAULTS) -> DomainSettings:
    """The settings in their normal form. Raises UserError for the first that is wrong.

    Blocked paths that were there ``before`` may have more stars than new ones.
    """
    try:
        return msgspec.structs.replace(
            settings,
            freshness_seconds=_seconds(settings.freshness_seconds),
            path_rules=_few(
                PathRule(check_pattern(r.pattern), _seconds(r.freshness_seconds)) for r in settings.path_rules
            ),
            ignored_parameters=_few(map(_parameter, settings.ignored_parameters)),
            blocked_paths=_few(_blocked(p, before.blocked_paths) for p in settings.blocked_paths),
            language=_language(settings.language),
            identity_policy=_one_of("identity policy", IdentityPolicy, settings.identity_policy),
            private_pages=_one_of("way with private pages", PrivatePages, settings.private_pages),
            origin_host=_one_of("origin host", OriginHost, settings.origin_host),
            origin_certificate=_one_of(
                "way with certificates", OriginCertificate, settings.origin_certificate
            ),
            allowed_networks=_few(map(_network, settings.allowed_networks)),
            revalidation=_one_of("way with unchanged pages", Revalidation, settings.revalidation),
            render_within_seconds=_seconds(settings.render_within_seconds),
            content_security_policy=one_line(settings.content_security_policy),
            robots_header=_one_of("way with X-Robots-Tag", RobotsHeader, settings.robots_header),
        )
    except ValueError as error:
        raise UserError(str(error)) from None


def _few(items: Iterable[T]) -> tuple[T, ...]:
    found = tuple(dict.fromkeys(items))
    if len(found) > MOST_RULES:
        raise ValueError(f"a list has up to {MOST_RULES} entries")
    return found


def _blocked(given: str, before: Collection[str]) -> str:
    pattern = check_pattern(given)
    return pattern if pattern in before else check_stars(pattern)


def _seconds(given: int) -> int:
    if not SHORTEST_SECONDS <= given <= LONGEST_SECONDS:
        raise ValueError(f"pages stay fresh for {SHORTEST_SECONDS} seconds to a year, not for {given}")
    return given


def _parameter(given: str) -> str:
    name = given.strip()
    if not _PARAMETER.fullmatch(name):
        raise ValueError(f"{given[:40]!r} is no name of a query parameter")
    return name


def _language(given: str) -> str:
    text = given.strip()
    if text and not _LANGUAGE.fullmatch(text):
        raise ValueError(f"{given[:40]!r} is no language such as en or de-CH")
    return text


def _one_of(what: str, choices: Any, given: str) -> Any:
    words = get_args(choices)
    if given not in words:
        raise ValueError(f"{given[:40]!r} is no {what}; it is {', '.join(words[:-1])} or {words[-1]}")
    return given


def _network(given: str) -> str:
    try:
        return str(ipaddress.ip_network(given.strip()))
    except ValueError as error:
        raise ValueError(f"{given[:60]!r} is no network such as 10.0.0.0/8: {error}") from None
