"""The only answer to "which domains may this caller see, and as what"."""

from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

import msgspec
from sqlalchemy import select

from crawlight.database.engine import Database
from crawlight.database.tables import Account, Domain, Membership, Role
from crawlight.errors import CrawlightError, UserError
from crawlight.ids import DomainId
from crawlight.kit.urls import bare_host


class ScopedDomain(msgspec.Struct, frozen=True):
    """One domain that an account may see. ``id`` is its number in the events store.

    ``page_host`` is the host in the URLs of its pages: with ``www.`` where the domain's origin has it.
    """

    id: DomainId
    uuid: UUID
    host: str
    role: Role
    page_host: str


@dataclass(frozen=True)
class Scope:
    """All verified domains that one account owns or was given, ordered by host."""

    account_id: int
    account_uuid: UUID
    domains: tuple[ScopedDomain, ...]

    def find(self, host: str) -> ScopedDomain | None:
        """The domain of a host name in any case, with or without ``www.``, IDN or punycode; else None."""
        name = bare_host(host)
        return self._by_host.get(name) if name else None

    def managed(self, host: str) -> ScopedDomain:
        """The domain of a host name that the account owns or manages.

        Raises CrawlightError ``domain_not_authorized``, the same whether the domain exists or not.
        """
        domain = self.find(host)
        if domain is None or domain.role == "viewer":
            raise CrawlightError("domain_not_authorized", "the account neither owns nor manages this domain")
        return domain

    @cached_property
    def _by_host(self) -> dict[str, ScopedDomain]:
        return {domain.host: domain for domain in self.domains}


async def scope_of(database: Database, account_id: int) -> Scope:
    """The scope of an account, as it is now. Raises UserError where the account is gone."""
    query = (
        select(Account.uuid, Domain.id, Domain.uuid, Domain.host, Membership.role, Domain.origin)
        .outerjoin(Membership, Membership.account_id == Account.id)
        .outerjoin(Domain, (Domain.id == Membership.domain_id) & Domain.verified_at.is_not(None))
        .where(Account.id == account_id)
    )
    async with database.read() as session:
        rows = (await session.execute(query)).all()
    if not rows:
        raise UserError("this account no longer exists")
    domains = [_scoped(*row[1:]) for row in rows if row[1] is not None]
    # Not by the database: PostgreSQL would order by the language of its cluster.
    return Scope(account_id, rows[0][0], tuple(sorted(domains, key=lambda domain: domain.host)))


def _scoped(domain_id: DomainId, uuid: UUID, host: str, role: Role, origin: str | None) -> ScopedDomain:
    preferred = (origin or "").partition("://")[2]
    return ScopedDomain(domain_id, uuid, host, role, preferred if bare_host(preferred) == host else host)
