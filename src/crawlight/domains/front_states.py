"""What was seen last of domains on the front: whether their DNS points here, since when, and their certificate."""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
from sqlalchemy import select

from crawlight.database.engine import Database
from crawlight.database.tables import Domain, DomainSettings
from crawlight.database.tables import FrontState as Row
from crawlight.domains.pointing import Certificate, OwnFront, Pointing, certificate, front_name, pointing
from crawlight.domains.proof import Outside
from crawlight.ids import DomainId
from crawlight.kit.addresses import Network
from crawlight.kit.clock import now

_LONGEST: Final = 500
_NEVER: Final = datetime.max.replace(tzinfo=UTC)


class FrontState(msgspec.Struct, frozen=True):
    """One domain. ``missing`` and ``certificate_problem`` are for a person, and empty where all is well.

    ``checked_at`` is None where nobody has looked yet.
    """

    host: str
    checked_at: datetime | None = None
    here_since: datetime | None = None
    missing: str = ""
    certificate_until: datetime | None = None
    certificate_problem: str = ""

    @property
    def is_well(self) -> bool:
        """Whether visitors get the site here."""
        return self.here_since is not None and not (self.missing or self.certificate_problem)


async def states(database: Database, host: str = "") -> list[FrontState]:
    """What was seen of verified domains on the front: all, or the one with this host."""
    fronted = _query().join(DomainSettings, DomainSettings.domain_id == Domain.id).where(DomainSettings.front)
    return await _found(database, fronted.where(Domain.host == host) if host else fronted)


async def state_of(database: Database, host: str) -> FrontState:
    """What was seen of a verified domain, whether it is on the front or not."""
    found = await _found(database, _query().where(Domain.host == host))
    return found[0] if found else FrontState(host)


def _query() -> Any:
    seen = select(Domain.host, Row).outerjoin(Row, Row.domain_id == Domain.id)
    return seen.where(Domain.verified_at.is_not(None)).order_by(Domain.host)


async def _found(database: Database, query: Any) -> list[FrontState]:
    async with database.read() as session:
        return [_state(found, row) for found, row in await session.execute(query)]


async def look(
    outside: Outside,
    database: Database,
    domain_id: DomainId,
    host: str,
    front: OwnFront,
    allowed: Sequence[Network] = (),
) -> str:
    """Look at a domain, with and without ``www.``, and note what is seen. ``allowed``: networks that it may be in.

    Answers what is wrong, for a person; empty where nothing is.
    """
    name, networks = await front_name(database), tuple(allowed)
    bare, www = await asyncio.gather(
        pointing(outside, host, name, networks), pointing(outside, f"www.{host}", name, networks)
    )
    certificates = [
        await certificate(outside, one.host, one.here[0], front.roots, networks)
        for one in (bare, www)
        if one.here and front.tls != "off"
    ]
    shown, missing = _worst(certificates), _missing(bare, www)
    await _note(database, domain_id, bare, missing, shown)
    return missing or (f"the certificate is not valid: {shown.problem}" if shown.problem else "")


def _missing(bare: Pointing, www: Pointing) -> str:
    return bare.told or (www.told if www.addresses else "")


def _worst(certificates: Iterable[Certificate]) -> Certificate:
    """What has to be known of several: a problem, else the one that ends first."""
    return min(certificates, key=lambda one: (not one.problem, one.until or _NEVER), default=Certificate())


async def _note(
    database: Database, domain_id: DomainId, bare: Pointing, missing: str, shown: Certificate
) -> None:
    moment = now()
    async with database.write() as session:
        # Locked, because several may look at a domain at once, and the row may not be there yet.
        if await session.get(Domain, domain_id, with_for_update=True) is None:
            return
        known = await session.get(Row, domain_id)
        if bare.failure and known is not None:
            return  # Nothing is known to have changed.
        row = known or Row(domain_id=domain_id, here_since=None)
        row.here_since = (row.here_since or moment) if bare.here else None
        row.checked_at, row.missing = moment, missing[:_LONGEST]
        row.certificate_until, row.certificate_problem = shown.until, shown.problem[:_LONGEST]
        session.add(row)


def _state(host: str, row: Row | None) -> FrontState:
    if row is None:
        return FrontState(host)
    return FrontState(
        host, row.checked_at, row.here_since, row.missing, row.certificate_until, row.certificate_problem
    )
