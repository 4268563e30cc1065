"""What recorders wrote becomes a segment for the loader: judged for good, without addresses, each event once.

Everything that could come out differently another time is decided here and written down in one published
segment, which then stands in for the recorded ones: a replay inserts the very same rows.
"""

import asyncio
import secrets
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Coroutine, Iterator, Mapping, Sequence, Set
from contextlib import suppress
from typing import Any, Final

import msgspec

from crawlight.bots.catalogue import by_name
from crawlight.bots.identity import NO_WAY, Identity, Verdict
from crawlight.crawls.crawl import Record
from crawlight.crawls.crowding import Crowds, Sighting, Watch, renewed
from crawlight.crawls.frames import Frames
from crawlight.crawls.spool import CorruptSegmentError, Spool
from crawlight.database.engine import Database
from crawlight.domains import robots_versions
from crawlight.domains.event_ids import Key, claim, key_of
from crawlight.domains.registry import existing, hosts_of
from crawlight.domains.robots_versions import InForce
from crawlight.ids import DomainId
from crawlight.kit.logs import first_line, logger

_PREFIX: Final = "batch-"
_MOST_BYTES: Final = 12 * 1024 * 1024
"""Of recorded segments in one batch: some 80,000 crawls, an insert of half a second."""
_DNS_SECONDS: Final = 0.7
"""For all look-ups of a batch together; what has no answer then stays unchecked."""
_MOST_LOOKUPS: Final = 200

_ROWS_AT_ONCE: Final = 1_000

_encoder = msgspec.json.Encoder()
_Pair = tuple[str, str]

AskedFor = Callable[[Collection[DomainId]], Awaitable[Mapping[DomainId, int]]]
"""Given domains whose robots.txt crawlers have just asked for: the numbers of its versions, where they are known."""


class Gatherer:
    """Turns recorded segments into published ones. The caller holds the loader's lock."""

    def __init__(
        self, spool: Spool, database: Database, identity: Identity, asked_for: AskedFor | None = None
    ) -> None:
        self._spool = spool
        self._database = database
        self._identity = identity
        self._asked_for = asked_for
        self._watch, self._crowds = Watch(), Crowds(spool.folder)
        self._settled = False

    async def gather(self) -> bool:
        """Publish one segment made of the oldest recorded ones; answers whether there were any."""
        await self.settle()
        self._spool.adopt()
        if not (names := self._next()):
            return False
        self._settled = False
        records, owners = await asyncio.to_thread(self._read, names)
        records = await self._of_known_domains(records)
        records = await self._each_event_once(records, owners)
        # Side by side: both may wait for the network.
        records, told = await asyncio.gather(self._judged(records), self._fetched(records))
        records = await self._uncrowded(records)
        records = await self._with_robots(records, told)
        await _to_its_end(asyncio.to_thread(self._publish, names, records))
        self._settled = True
        return True

    async def settle(self) -> None:
        """Finish what a crash or an error left: a published batch replaces its sources, a prepared one is void.

        To be done before anything is loaded: a batch that is loaded and gone no longer names its sources.
        """
        if not self._settled:
            await asyncio.to_thread(self._settle)

    def _settle(self) -> None:
        for name in self._spool.prepared():
            if name.startswith(_PREFIX):
                self._spool.discard(name)
        for name in self._spool.published():
            if name.startswith(_PREFIX):
                with suppress(CorruptSegmentError):  # The loader sets it aside; its sources are still whole.
                    self._spool.remove_sources(self._spool.header(name).sources)
        self._settled = True

    def _next(self) -> list[str]:
        """The oldest segments, as many as make one insert."""
        names, size = list[str](), 0
        for name, bytes_ in self._spool.recorded():
            if names and size + bytes_ > _MOST_BYTES:
                break
            names.append(name)
            size += bytes_
        return names

    def _read(self, names: Sequence[str]) -> tuple[list[Record], dict[Key, str]]:
        """The records, and for each event's id the place where it stands first."""
        records, owners = list[Record](), dict[Key, str]()
        for name in names:
            found = self._spool.read_recorded(name)
            self._tell_damage(name, found)
            for place, record in enumerate(found.records):
                if record.event_id:
                    key = key_of(record.domain_id, record.event_id)
                    if key in owners:
                        continue
                    owners[key] = f"{name}/{place}"
                records.append(record)
        return records, owners

    def _tell_damage(self, name: str, found: Frames) -> None:
        if found.torn:
            logger(__name__).warning(
                "spool_tail_cut", segment=name, bytes=found.torn, records=len(found.records)
            )
        if found.damaged:
            logger(__name__).error("spool_records_damaged", segment=name, bytes=len(found.damaged))
            self._spool.keep_damaged(name, found.damaged)

    async def _of_known_domains(self, records: list[Record]) -> list[Record]:
        """Without those of domains that were removed meanwhile."""
        wanted = {record.domain_id for record in records}
        known = await existing(self._database, wanted)
        return records if known == wanted else [one for one in records if one.domain_id in known]

    async def _each_event_once(self, records: list[Record], owners: dict[Key, str]) -> list[Record]:
        """Without those that were reported before: rollups add at the insert, so it is checked before that."""
        known = {record.domain_id for record in records}
        claims = {key: owner for key, owner in owners.items() if key[0] in known}
        if not claims or not (taken := await claim(self._database, claims)):
            return records
        return [
            one for one in records if not one.event_id or key_of(one.domain_id, one.event_id) not in taken
        ]

    async def _judged(self, records: list[Record]) -> list[Record]:
        """Judge by address what nobody has judged. On threads: who reports meanwhile must not wait for it."""
        pairs = await asyncio.to_thread(_unjudged, records)
        if not pairs:
            return records
        found, pending = await asyncio.to_thread(self._by_lists, pairs)
        if pending and self._identity.dns is not None:
            await self._ask(pairs, pending, found)
        return await asyncio.to_thread(_with_identities, records, found)

    async def _uncrowded(self, records: list[Record]) -> list[Record]:
        """Refute nobody by an address from which all crawlers seem to come, and tell of it."""
        found = await asyncio.to_thread(self._watch.see, list(_crawls(records)), self._identity.is_proxy)
        known = self._crowds.known()
        crowded = [domain for domain, crowd in found.items() if crowd]
        if crowded or known:
            hosts = await hosts_of(self._database, [*crowded, *known])
            told = renewed(known, found, hosts)
            if told is not known:
                await asyncio.to_thread(self._crowds.write, told)
            known = told
        shared = {(domain, address) for domain, one in known.items() for address in one.crowd.addresses}
        return [_excused(one) if _refuted(one, shared) else one for one in records] if shared else records

    async def _fetched(self, records: Sequence[Record]) -> Mapping[DomainId, int]:
        """The versions of robots.txt that crawlers have just got, by domain."""
        visited = {record.domain_id for record in records if _fetches_robots(record)}
        if self._asked_for is None or not visited:
            return {}
        try:
            return await self._asked_for(visited)
        except Exception as error:  # Their number is worth less than that crawls are counted.
            logger(__name__).warning("robots_txt_not_known", reason=first_line(error))
            return {}

    async def _with_robots(self, records: list[Record], told: Mapping[DomainId, int]) -> list[Record]:
        """Each with the version of its domain's robots.txt that was in force."""
        domains = {record.domain_id for record in records}
        oldest = min((record.ts for record in records), default=0)
        known = await robots_versions.in_force(self._database, domains, oldest)
        return await asyncio.to_thread(_with_versions, records, known, told) if known else records

    def _by_lists(self, pairs: dict[_Pair, int]) -> tuple[dict[_Pair, str], list[_Pair]]:
        """What the lists say of each pair, and the pairs of which reverse DNS may say more."""
        found, pending = dict[_Pair, str](), list[_Pair]()
        for pair, when in pairs.items():
            verdict = self._judge(pair, when)
            found[pair] = verdict.identity
            if verdict.pending:
                pending.append(pair)
        return found, pending

    def _judge(self, pair: _Pair, when: int) -> Verdict:
        agent = by_name(pair[0])
        return NO_WAY if agent is None else self._identity.judge(agent, pair[1], when)

    async def _ask(self, pairs: dict[_Pair, int], pending: list[_Pair], found: dict[_Pair, str]) -> None:
        """Ask reverse DNS, side by side, for as long as a crawl may wait for it."""
        waiting = iter(pending)

        async def lane() -> None:
            for pair in waiting:
                if agent := by_name(pair[0]):
                    found[pair] = (await self._identity.check(agent, pair[1], pairs[pair])).identity

        lanes = [asyncio.create_task(lane()) for _ in range(min(_MOST_LOOKUPS, len(pending)))]
        _, late = await asyncio.wait(lanes, timeout=_DNS_SECONDS)
        for task in late:
            task.cancel()
        await asyncio.gather(*lanes, return_exceptions=True)

    def _publish(self, names: Sequence[str], records: Sequence[Record]) -> None:
        if records:
            batch = f"{_PREFIX}{secrets.token_hex(8)}"
            block = b"".join(_lines(records))
            self._spool.prepare(
                batch, block, len(records), _pages(records), block_format="JSONCompactEachRow", sources=names
            )
            self._spool.publish(batch)
        self._spool.remove_sources(names)


async def _to_its_end(work: Coroutine[Any, Any, None]) -> None:
    """Let it finish also where the caller is cancelled: the loader's lock must not be free before."""
    task = asyncio.create_task(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await task
        raise


def _crawls(records: Sequence[Record]) -> Iterator[Sighting]:
    return ((one.domain_id, one.agent, one.address, one.identity) for one in records if one.kind == "crawl")


def _refuted(record: Record, shared: Set[tuple[DomainId, str]]) -> bool:
    return record.identity == "spoofed" and (record.domain_id, record.address) in shared


def _excused(record: Record) -> Record:
    return msgspec.structs.replace(record, identity="unchecked")


def _fetches_robots(record: Record) -> bool:
    return record.kind == "robots" and record.path == "/robots.txt" and record.source in ("render", "proxy")


def _with_versions(
    records: Sequence[Record], known: Mapping[DomainId, InForce], told: Mapping[DomainId, int]
) -> list[Record]:
    found = []
    for record in records:
        periods = known.get(record.domain_id)
        number = periods.at(record.ts) if periods else 0
        if record.domain_id in told and _fetches_robots(record):
            number = told[record.domain_id]
        found.append(msgspec.structs.replace(record, robots_version=number) if number else record)
    return found


def _unjudged(records: Sequence[Record]) -> dict[_Pair, int]:
    """Each pair of agent and address that is to be judged, with the time of its first crawl."""
    pairs: dict[_Pair, int] = {}
    for record in records:
        if record.address and record.identity == "unchecked":
            pairs.setdefault((record.agent, record.address), record.ts)
    return pairs


def _with_identities(records: Sequence[Record], verdicts: dict[_Pair, str]) -> list[Record]:
    return [_with_identity(record, verdicts) for record in records]


def _with_identity(record: Record, verdicts: dict[_Pair, str]) -> Record:
    if not record.address or record.identity != "unchecked":
        return record
    identity = verdicts[record.agent, record.address]
    return record if identity == "unchecked" else msgspec.structs.replace(record, identity=identity)


def _lines(records: Sequence[Record]) -> Iterator[bytes]:
    """A piece at a time: the encoder lets no other thread do anything meanwhile."""
    for start in range(0, len(records), _ROWS_AT_ONCE):
        yield _encoder.encode_lines([record.row() for record in records[start : start + _ROWS_AT_ONCE]])


def _pages(records: Sequence[Record]) -> dict[DomainId, set[str]]:
    """Paths that a crawler got: scanners that only meet errors do not fill the inventory."""
    pages: dict[DomainId, set[str]] = defaultdict(set)
    for record in records:
        got = record.status == 0 or 200 <= record.status <= 299 or record.status == 304
        if got and record.kind == "crawl" and record.identity != "spoofed":
            pages[record.domain_id].add(record.path)
    return pages
