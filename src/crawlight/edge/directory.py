"""Who may call an edge, and for which sites: held in memory, so that a crawler's request asks no database.

What has changed is read anew when the generation has (`database.generation`), which is looked at twice a second:
a revoked key is refused within a second in every process. What changed is one account or one domain, as a rule.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress
from hashlib import sha256
from typing import Final

import structlog
from sqlalchemy import ColumnElement, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from crawlight.database.engine import Database
from crawlight.database.generation import UNHELD, Change, changes_since
from crawlight.database.tables import ApiKey
from crawlight.domains.sites import Site, managed_sites
from crawlight.edge.tenants import Client, Tenants
from crawlight.ids import DomainId
from crawlight.kit.clock import now
from crawlight.kit.logs import first_line

log = structlog.get_logger(__name__)

EVERY_SECONDS: Final = 0.5
_ANYWAY_SECONDS: Final = 5.0
_NOTED_EVERY_LOOKS: Final = 120
_MOST_KNOWN: Final = 10_000
_KEY: Final = re.compile(rb"hado_sk_[0-9a-f]{48}")
_BEARER: Final = re.compile(rb"bearer +(\S+) *", re.IGNORECASE)


class Directory:
    """Keys and sites as they were half a second ago. ``also`` is done at each look, too."""

    def __init__(self, database: Database, also: Callable[[], Awaitable[None]] | None = None) -> None:
        self._database = database
        self._also = also
        self._still = database.stillness(_ANYWAY_SECONDS)
        self._turn = asyncio.Lock()
        self._generation = 0
        self._changes = -1
        self._tenants = Tenants()
        self._known: dict[tuple[bytes, bytes], Client] = {}
        self._used: set[int] = set()
        self.failing = ""
        """Why the database could not be asked the last time, or empty: what is held is then of before."""

    @property
    def loaded(self) -> bool:
        """Whether the database could be read at least once."""
        return self._generation > 0

    @property
    def outdated(self) -> bool:
        """Whether this very process has changed something since: that must show at once."""
        return self._changes != self._database.changes

    def client(self, authorization: bytes, api_key: bytes) -> Client | None:
        """The caller of a key, given as ``Authorization: Bearer`` or as it is; None for all that are not valid."""
        given = (authorization, api_key)
        found = self._known.get(given) or self._find(given)
        if found is not None:
            self._used.add(found.key_id)
        return found

    def _find(self, given: tuple[bytes, bytes]) -> Client | None:
        bearer = _BEARER.fullmatch(given[0])
        key = bearer[1] if bearer else given[1]
        # The keys are found by their hash, so the time that it takes tells nothing of other keys.
        found = self._tenants.client(sha256(key).digest()) if _KEY.fullmatch(key) else None
        if found is not None:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[given] = found
        return found

    @property
    def generation(self) -> int:
        """A number that changes with whatever is held."""
        return self._generation

    def sites(self) -> Collection[Site]:
        """All verified sites."""
        return self._tenants.sites()

    def site(self, host: str) -> Site | None:
        """The verified site of a bare host, whoever asks."""
        return self._tenants.site(host)

    async def look(self) -> None:
        """Read anew what has changed."""
        async with self._turn:
            await self._look()

    async def catch_up(self) -> None:
        """Look now where this process itself has changed something; once, however many crawlers come meanwhile."""
        async with self._turn:
            if self.outdated:
                await self._try_to_look()

    async def _try_to_look(self) -> None:
        """Look, and go on with what is held where the database is away."""
        try:
            await self._look()
            self.failing = ""
        except Exception as error:
            if not self.failing:
                log.warning("edge_directory_stale", reason=first_line(error))
            self.failing = first_line(error)

    async def _look(self) -> None:
        changes = self._database.changes  # Before: what changes while we read is read again.
        try:
            async with self._database.read() as session:
                current, changed = await changes_since(session, self._generation)
                if current != self._generation:
                    await self._read(session, changed)
                    self._generation = current
        finally:
            # After: until then a new key is not known, and who brings one has to wait.
            self._changes = changes
        if self._also is not None:
            await self._also()

    async def _read(self, session: AsyncSession, changed: set[Change] | None) -> None:
        if changed is None:  # The first time, or a database from a backup.
            self._tenants = await _all_of(session)
        else:
            await _read_anew(session, self._tenants, changed)
        self._known = {}

    async def run(self) -> None:
        """Look twice a second, where anybody wrote, and note once a minute which keys were used, until cancelled."""
        looks = 0
        while True:
            if self.failing or not self._still():
                async with self._turn:
                    await self._try_to_look()
            looks += 1
            if not self.failing and looks % _NOTED_EVERY_LOOKS == 1:
                await self._note_uses()
            await asyncio.sleep(EVERY_SECONDS)

    async def _note_uses(self) -> None:
        used, self._used = self._used, set()
        if used:
            noted = update(ApiKey).where(ApiKey.id.in_(used)).values(last_used_at=now())
            with suppress(SQLAlchemyError):
                async with self._database.write() as session:
                    await session.execute(noted, execution_options=UNHELD)


async def _all_of(session: AsyncSession) -> Tenants:
    tenants = Tenants()
    for site, managers in await managed_sites(session):
        tenants.put_site(site, managers)
    for account_id, keys in (await _keys(session)).items():
        tenants.put_keys(account_id, keys)
    return tenants


async def _read_anew(session: AsyncSession, tenants: Tenants, changed: Collection[Change]) -> None:
    domains = {DomainId(number) for kind, number in changed if kind == "domain"}
    accounts = {number for kind, number in changed if kind == "account"}
    sites = await managed_sites(session, domains) if domains else []
    keys = await _keys(session, ApiKey.account_id.in_(accounts)) if accounts else {}
    # From here on without a wait: nobody is to see a domain or a key missing.
    for domain_id in domains:
        tenants.drop_site(domain_id)
    for site, managers in sites:
        tenants.put_site(site, managers)
    for account_id in accounts:
        tenants.put_keys(account_id, keys.get(account_id, ()))


async def _keys(session: AsyncSession, *which: ColumnElement[bool]) -> dict[int, list[tuple[int, bytes]]]:
    """Id and SHA-256 of valid keys, by account."""
    valid = select(ApiKey.account_id, ApiKey.id, ApiKey.hash).where(ApiKey.revoked_at.is_(None), *which)
    keys: dict[int, list[tuple[int, bytes]]] = {}
    for account_id, key_id, digest in await session.execute(valid):
        keys.setdefault(account_id, []).append((key_id, digest))
    return keys
