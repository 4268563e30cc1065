"""Makes due snapshots fresh again without a browser, where nothing has changed of what they were made of."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

import structlog

from crawlight.crawls.crawl import of_renderer
from crawlight.crawls.recorder import Recorder
from crawlight.database.engine import Database
from crawlight.domains import page_inputs
from crawlight.domains.page_inputs import Claim
from crawlight.domains.sites import Site, load_sites
from crawlight.ids import DomainId
from crawlight.kit.clock import now
from crawlight.kit.logs import first_line
from crawlight.rendering.asking import Asker, Difference
from crawlight.rendering.backoff import OriginBackoff
from crawlight.rendering.inputs import unpacked
from crawlight.rendering.memory import Snapshot
from crawlight.rendering.noting import is_askable, under
from crawlight.rendering.service import Prerenderer

log = structlog.get_logger(__name__)

_AT_ONCE: Final = 32
"""Pages of a round; what several of them are made of is asked for once in it."""
_ROUNDS: Final = 8
"""Rounds at a time, each of another domain."""
_WHILE_CRAWLERS_WAIT: Final = 4
_IDLE_AT_ONCE: Final = 8
_IDLE_SECONDS: Final = 4.0
"""Between two rounds of pages that are not due: an origin is not to notice them."""
_LOOK_EVERY_SECONDS: Final = 1.0
_LOOK_ANYWAY_SECONDS: Final = 30.0
_AFTER_ERROR_SECONDS: Final = 2.0


class Revalidator:
    """Asks for what due pages are made of, ``per_origin`` pages of a domain at a time.

    ``results`` counts pages by what came of them: ``unchanged``, or why they are rendered; ``requests`` what it took.
    ``is_idle`` says that nothing is being rendered.
    """

    def __init__(
        self,
        database: Database,
        prerenderer: Prerenderer,
        recorder: Recorder,
        *,
        per_origin: int,
        is_idle: Callable[[], bool] = lambda: False,
    ) -> None:
        self.results: Counter[str] = Counter()
        self.requests = 0
        self._database = database
        self._prerenderer = prerenderer
        self._recorder = recorder
        self._per_origin = per_origin
        self._is_idle = is_idle
        self._backoff = OriginBackoff(database)
        self._idle_at = 0.0
        self._still = database.stillness(_LOOK_ANYWAY_SECONDS)

    async def run(self) -> None:
        """Work until it is cancelled; what is in hand then is given back."""
        rounds: set[asyncio.Task[None]] = set()
        look_at = 0.0
        try:
            while True:
                if not self._still() or time.monotonic() >= look_at:
                    look_at = await self._begin(rounds)
                if rounds:
                    await asyncio.wait(
                        rounds, timeout=_LOOK_EVERY_SECONDS, return_when=asyncio.FIRST_COMPLETED
                    )
                else:
                    await asyncio.sleep(_LOOK_EVERY_SECONDS)
        finally:
            for one in rounds:
                one.cancel()
            await asyncio.gather(*rounds, return_exceptions=True)

    async def round(self) -> int:
        """Ask some of the pages that are due, of one domain; answers how many."""
        return await self._ask(await self._claims())

    async def idle_round(self) -> int:
        """Ask some of the pages whose time has come in idle time; answers how many."""
        return await self._ask(await self._claims(idle=True))

    async def _begin(self, rounds: "set[asyncio.Task[None]]") -> float:
        """Begin rounds for which there is room, of a domain each; answers when to look again, whatever is written."""
        try:
            while len(rounds) < (1 if self._prerenderer.waiting else _ROUNDS):
                claims = await self._claims() or await self._idle_claims()
                if not claims:
                    return max(self._idle_at, time.monotonic() + _LOOK_EVERY_SECONDS) if not rounds else 0.0
                task = asyncio.create_task(self._try(claims))
                rounds.add(task)
                task.add_done_callback(rounds.discard)
        except Exception as error:
            log.warning("revalidation_paused", reason=first_line(error))
            return time.monotonic() + _AFTER_ERROR_SECONDS
        return 0.0

    async def _idle_claims(self) -> list[Claim]:
        if not self._is_idle() or time.monotonic() < self._idle_at:
            return []
        claims = await self._claims(idle=True)
        self._idle_at = time.monotonic() + (_IDLE_SECONDS if claims else _LOOK_ANYWAY_SECONDS)
        return claims

    async def _claims(self, *, idle: bool = False) -> list[Claim]:
        most = _IDLE_AT_ONCE if idle else _AT_ONCE
        count = _WHILE_CRAWLERS_WAIT if self._prerenderer.waiting else most
        return await page_inputs.claim(self._database, count, idle=idle)

    async def _try(self, claims: Sequence[Claim]) -> None:
        try:
            await self._ask(claims)
        except Exception as error:
            log.warning("revalidation_paused", reason=first_line(error))
            await asyncio.sleep(_AFTER_ERROR_SECONDS)

    async def _ask(self, claims: Sequence[Claim]) -> int:
        if claims:
            try:
                await self._ask_all(claims, now())
            except asyncio.CancelledError:
                await page_inputs.give_back(self._database, claims)
                raise
            except Exception:
                # A fault of ours must keep no page stale: they are rendered.
                async with self._database.write() as session:
                    for one in claims:
                        await page_inputs.changed(session, one)
                raise
        return len(claims)

    async def _ask_all(self, claims: Sequence[Claim], began: datetime) -> None:
        sites = await load_sites(self._database, {one.domain_id for one in claims})
        askers = {number: Asker(site) for number, site in sites.items()}
        turns = {number: asyncio.Semaphore(self._per_origin) for number in sites}

        async def ask(claimed: Claim) -> Difference | None:
            site = sites.get(claimed.domain_id)
            if site is None:
                return Difference("no_domain")
            async with turns[site.id]:
                return await _difference(site, askers[site.id], claimed)

        try:
            found = await asyncio.gather(*map(ask, claims))
        finally:
            self.requests += sum(asker.requests for asker in askers.values())
            for asker in askers.values():
                await asker.close()
        await self._settle(sites, list(zip(claims, found, strict=True)), began)

    async def _settle(
        self, sites: dict[DomainId, Site], found: list[tuple[Claim, Difference | None]], began: datetime
    ) -> None:
        """Note all that a round found at once; what is no longer the newest of its page is rendered."""
        same = [one for one, difference in found if difference is None]
        snapshots = self._prerenderer.snapshots
        async with self._database.write() as session:
            keys = [(one.domain_id, one.path, one.noted.content_hash) for one in same]
            confirmed = await snapshots.confirm(session, keys, began) if keys else []
            kept = {(one.domain_id, one.path) for one in confirmed}
            unchanged = [one for one in same if (one.domain_id, one.path) in kept]
            freshness = [sites[one.domain_id].freshness(one.path) for one in unchanged]
            await page_inputs.unchanged(session, unchanged, freshness)
            for one, difference in found:
                if difference is not None or (one.domain_id, one.path) not in kept:
                    await page_inputs.changed(session, one)
        snapshots.confirmed(confirmed)
        await self._tell(found, confirmed)

    async def _tell(self, found: list[tuple[Claim, Difference | None]], confirmed: list[Snapshot]) -> None:
        self.results["unchanged"] += len(confirmed)
        for one, difference in found:
            if difference is not None:
                self.results[difference.why] += 1
                log.info("page_changed", path=one.path, why=difference.why, url=difference.url)
                await self._backoff.note(one.domain_id, difference.status, difference.retry_after)
        if confirmed:
            await self._recorder.record_or_lose(
                [of_renderer("revalidated", one.domain_id, one.path, one.status) for one in confirmed]
            )
        if self._prerenderer.wake is not None:
            self._prerenderer.wake()
        self._prerenderer.tell()


async def _difference(site: Site, asker: Asker, claimed: Claim) -> Difference | None:
    """Why a page is to be rendered; None where it is as it was."""
    noted = claimed.noted
    made_of = unpacked(noted.inputs)
    if made_of is None or not is_askable(site, made_of) or made_of.under != under(site):
        return Difference("settings")
    moment = now()
    within = timedelta(seconds=site.settings.render_within_seconds)
    if moment - noted.rendered_at > within or moment.strftime("%Y-%m") != noted.rendered_at.strftime("%Y-%m"):
        return Difference("old")  # Texts that name the month or the year are others now.
    return await asker.difference(made_of)
