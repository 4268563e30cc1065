"""Verified domains as rendering and edges work with them: where they are fetched, and how they want to be served."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Final

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crawlight.database.engine import Database
from crawlight.database.tables import AgentSettings as AgentsRow
from crawlight.database.tables import Domain, Membership, Role, RoutingRules
from crawlight.database.tables import DomainSettings as SettingsRow
from crawlight.domains.agents import DEFAULTS as AGENT_DEFAULTS
from crawlight.domains.agents import AgentSettings, agents_of
from crawlight.domains.hosted import hashes
from crawlight.domains.patterns import compiled
from crawlight.domains.rule_lists import read
from crawlight.domains.rules import Rules
from crawlight.domains.settings import DEFAULTS, DomainSettings, settings_of
from crawlight.ids import DomainId
from crawlight.kit.origin import Origin
from crawlight.kit.urls import bare_host, canonical_path

MANAGING: Final[tuple[Role, ...]] = ("owner", "manager")
"""Who may have a domain served."""


class Site:
    """One verified domain with its settings. ``account_id`` is its owner's.

    ``page_host`` is the host in the URLs of its pages. ``origin`` is where requests to its hosts are led, None where
    they go where DNS says. ``routing`` is the list of its routing rules, as CSV; ``signals`` are headers about uses of
    its content. ``hosted`` has the paths that are answered with a hosted file, each with the hash of its content.
    """

    def __init__(
        self,
        domain_id: DomainId,
        host: str,
        origin: str | None,
        account_id: int,
        settings: DomainSettings,
        routing: str = "",
        agents: AgentSettings = AGENT_DEFAULTS,
        hosted: Mapping[str, bytes] | None = None,
    ) -> None:
        self.id = domain_id
        self.host = host
        self.account_id = account_id
        self.settings = settings
        self.routing = routing
        self._given = origin
        self.agents = agents
        self.signals = agents.signals.headers
        self.hosted: Mapping[str, bytes] = hosted or {}
        scheme, _, preferred = (origin or "").partition("://")
        named = bare_host(preferred) == host
        self.page_host = preferred if named else host
        self.origin = None
        if origin and not (named and scheme == "https"):
            self.origin = Origin(
                frozenset({host, f"www.{host}"}),
                origin,
                settings.origin_host == "origin",
                settings.origin_certificate == "verify",
            )
        self._ignored = frozenset(settings.ignored_parameters)
        self._blocked = compiled(settings.blocked_paths)
        self._rules = [(compiled([rule.pattern]), rule.freshness_seconds) for rule in settings.path_rules]

    def page(self, path: str) -> str | None:
        """The page that a canonical path names here, without the parameters that the domain ignores."""
        return canonical_path(path, self._ignored) if self._ignored and "?" in path else path

    def on_front(self) -> "Site":
        """The site as it is on the front, or would be: it comes there asking its origin for the origin's own name."""
        if self.settings.front:
            return self
        settings = msgspec.structs.replace(self.settings, front=True, origin_host="origin")
        given = (self.id, self.host, self._given, self.account_id, settings, self.routing)
        return Site(*given, self.agents, self.hosted)

    @cached_property
    def rules(self) -> Rules:
        """Its routing rules."""
        return Rules(self.host, read(self.routing))

    def hosts(self, path: str) -> bool:
        """Say whether a path, with or without a query, is answered with a hosted file."""
        return path.partition("?")[0] in self.hosted

    def freshness(self, path: str) -> int:
        """Seconds for which a snapshot of a page stays fresh."""
        for pattern, seconds in self._rules:
            if pattern is not None and pattern.match(path):
                return seconds
        return self.settings.freshness_seconds

    def blocks(self, path: str) -> bool:
        """Say whether crawlers get no snapshot of a page."""
        return self._blocked is not None and self._blocked.match(path) is not None

    def lifts(self, path: str) -> bool:
        """Say whether what the origin says of a page in ``X-Robots-Tag`` is not handed on."""
        return self.settings.robots_header == "lift" and not self.blocks(path)

    def page_url(self, path: str) -> str:
        """The page's address."""
        return f"https://{self.page_host}{path}"

    def own_path(self, url: str) -> str | None:
        """The path of an absolute URL on the domain or on its origin; None for URLs elsewhere."""
        match = self._own.match(url)
        return (url[match.end() :] or "/") if match else None

    @cached_property
    def _own(self) -> re.Pattern[str]:
        origin = f"|{re.escape(self.origin.url)}" if self.origin else ""
        return re.compile(
            rf"(?:https?://(?:www\.)?{re.escape(self.host)}(?::(?:80|443))?{origin})(?=[/?#]|$)", re.I
        )


async def load_sites(
    database: Database, domain_ids: Iterable[DomainId] | None = None
) -> dict[DomainId, Site]:
    """Verified domains by id: all, or the given ones."""
    async with database.read() as session:
        return await sites_in(session, domain_ids)


async def sites_in(
    session: AsyncSession, domain_ids: Iterable[DomainId] | None = None
) -> dict[DomainId, Site]:
    """The same within a session."""
    found = await managed_sites(session, domain_ids, ("owner",))
    return {site.id: site for site, _ in found}


async def managed_sites(
    session: AsyncSession, domain_ids: Iterable[DomainId] | None = None, roles: Sequence[Role] = MANAGING
) -> list[tuple[Site, list[int]]]:
    """Verified domains, all or the given ones, each with its owner and others who have one of some roles."""
    query = (
        select(Domain, SettingsRow, AgentsRow, Membership.account_id, Membership.role, RoutingRules.content)
        .join(Membership, (Membership.domain_id == Domain.id) & Membership.role.in_(roles))
        .outerjoin(SettingsRow, SettingsRow.domain_id == Domain.id)
        .outerjoin(AgentsRow, AgentsRow.domain_id == Domain.id)
        .outerjoin(RoutingRules, RoutingRules.domain_id == Domain.id)
        .where(Domain.verified_at.is_not(None))
        .order_by(Domain.id, Membership.role.desc())
    )
    wanted = None if domain_ids is None else list(domain_ids)
    if wanted is not None:
        query = query.where(Domain.id.in_(wanted))
    hosted = await hashes(session, wanted)
    found: list[tuple[Site, list[int]]] = []
    for domain, row, chosen, account_id, role, routing in await session.execute(query):
        if role == "owner":  # Who comes first.
            settings = DEFAULTS if row is None else settings_of(row)
            named = (domain.id, domain.host, domain.origin, account_id)
            files = hosted.get(domain.id)
            found.append((Site(*named, settings, routing or "", agents_of(chosen), files), []))
        if found and found[-1][0].id == domain.id:
            found[-1][1].append(account_id)
    return found
