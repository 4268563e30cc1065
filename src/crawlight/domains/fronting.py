"""Putting a domain on the front: only with an origin to carry people to, and never one that is the front itself."""

from urllib.parse import urlsplit

from sqlalchemy import select

from crawlight.database.engine import Database
from crawlight.database.tables import Domain, DomainSettings
from crawlight.domains.hosts import domain_origin
from crawlight.domains.pointing import front_name, leads_to_front
from crawlight.errors import UserError
from crawlight.ids import DomainId
from crawlight.kit.urls import bare_host


async def checked_origin(database: Database, domain: Domain, origin: str | None) -> str:
    """The origin of a domain on the front, ``http[s]://host[:port]``: the given one, or what the domain has.

    Raises UserError where there is none, or where requests to it would come back to the front.
    """
    if not (origin or domain.origin):
        raise UserError(
            f"{domain.host} has no origin",
            cli="say where the site itself is, as in "
            f"`crawlight domain set {domain.host} --origin https://my-app.example.net`",
            page="whoever runs this server says where the site itself is",
        )
    url = domain_origin(origin or domain.origin or "")
    name = bare_host(urlsplit(url).hostname or "") or ""
    if name == domain.host:
        raise UserError(
            f"{url} is {domain.host} itself: once its DNS points here, the front would ask itself; "
            "name the server by another name or its address"
        )
    if name in await _hosts(database):
        raise UserError(f"{url} is on the front itself; name the server behind it")
    if await leads_to_front(url, await front_name(database)):
        raise UserError(f"{url} leads back to this front; name the server behind it")
    return url


async def set_origin(database: Database, domain_id: DomainId, origin: str) -> None:
    """Have a domain fetched at an origin in its normal form (`hosts.domain_origin`)."""
    async with database.write() as session:
        domain = await session.get(Domain, domain_id, with_for_update=True)
        if domain is not None:
            domain.origin = origin


async def _hosts(database: Database) -> set[str]:
    """The hosts on the front."""
    fronted = select(Domain.host).join(DomainSettings, DomainSettings.domain_id == Domain.id)
    async with database.read() as session:
        return set(
            await session.scalars(fronted.where(DomainSettings.front, Domain.verified_at.is_not(None)))
        )
