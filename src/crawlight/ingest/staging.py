"""One chunk of a log into records: parsed and joined in the engine, distinct values named once in Python."""

import re
import secrets
import threading
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Final

import msgspec

from crawlight.bots.catalogue import Agent
from crawlight.bots.identity import Identity
from crawlight.bots.matcher import classify
from crawlight.events.store import EventsStore
from crawlight.ingest.importers.format import Format
from crawlight.ingest.staged import Rejected, Staged, Target
from crawlight.kit.urls import canonical_path, kind_of

_ESCAPED = re.compile(rb"\\x([0-9A-Fa-f]{2})")

# Temporary tables live in memory and are seen by one thread's client only: chunks are staged side by side.
# What is known of one chunk's user agents and targets mostly serves the next one.
_OF_A_CHUNK: Final = ("import_lines", "import_identities", "import_seen")
_LOW: Final = "LowCardinality(String)"
_KNOWN: Final[Mapping[str, Mapping[str, str]]] = {
    "import_people": {"user_agent": "LowCardinality(Nullable(String))"},
    "import_agents": {
        "user_agent": "LowCardinality(Nullable(String))",
        "agent": _LOW,
        "key": _LOW,
        "category": _LOW,
        "identity": _LOW,
        "listed": _LOW,
    },
    "import_targets": {"target": "String", "path": "String", "kind": _LOW},
}
_IDENTITIES: Final = {"pair": "UInt64", "identity": _LOW}

_UNDECIDED: Final = "unchecked"

# Bounds of what is remembered. A thousand user agents are most people's; a target is a page's address.
_MOST_PEOPLE = 1_000
_MOST_AGENTS = 20_000
_MOST_TARGETS = 200_000

# The other core has the next chunk; small blocks stay in the cache.
_ONE_THREAD = "max_threads = 1, max_block_size = 8192, input_format_parallel_parsing = 0"

# A pair of user agent and address goes by a hash whose key nobody knows: none can be made to look like another.
_LINES = f"""
CREATE TEMPORARY TABLE import_lines ENGINE = Memory AS
SELECT *, sipHash64Keyed(({{k:UInt64}}, {{l:UInt64}}), user_agent, address) AS pair FROM (%s)
SETTINGS {_ONE_THREAD}
"""  # noqa: S608 - our own words

_SEEN = """
CREATE TEMPORARY TABLE import_seen ENGINE = Memory AS
SELECT ts, status, agent, key, category, path,
    toLowCardinality(multiIf(
        pair IN (SELECT pair FROM import_identities WHERE identity = 'verified'), 'verified',
        pair IN (SELECT pair FROM import_identities WHERE identity = 'spoofed'), 'spoofed',
        pair IN (SELECT pair FROM import_identities WHERE identity = 'unverifiable'), 'unverifiable',
        agents.identity)) AS identity,
    toLowCardinality(multiIf(
    reason != '', 'rejected',
    ts < {oldest:DateTime('UTC')}, 'too_old',
    ts > {newest:DateTime('UTC')}, 'future',
    method NOT IN ('GET', 'HEAD'), 'other_methods',
    targets.kind = '', 'no_page',
    targets.kind = 'asset', 'assets',
    category = 'library', 'libraries',
    targets.kind = 'robots', 'robots',
    'crawls')) AS bucket
FROM import_lines AS lines
INNER JOIN import_agents AS agents USING (user_agent)
LEFT ANY JOIN import_targets AS targets USING (target)
SETTINGS max_threads = 1
"""

_OTHERS = """
SELECT multiIf(
    user_agent IS NOT NULL, 'people',
    rejected_line IN ('', '\\r') AND reason != '', 'empty',
    reason != '', 'rejected',
    ts < {oldest:DateTime('UTC')}, 'too_old',
    ts > {newest:DateTime('UTC')}, 'future',
    'no_user_agent') AS bucket, count()
FROM import_lines
WHERE user_agent IS NULL OR user_agent NOT IN (SELECT user_agent FROM import_agents)
GROUP BY bucket
"""

_RECORDS = """
SELECT {domain:UInt32} AS domain_id, assumeNotNull(ts) AS ts,
    transform(bucket, ['crawls', 'robots', 'libraries'], ['crawl', 'robots', 'library'], '') AS kind,
    agent, key, category, identity,
    if(bucket = 'crawls', 'passthrough', 'none') AS outcome, status, toLowCardinality('import') AS source, path
FROM import_seen WHERE bucket IN ('crawls', 'robots', 'libraries')
"""

_USER_AGENTS = """
SELECT user_agent FROM import_lines WHERE user_agent IS NOT NULL GROUP BY user_agent ORDER BY count() DESC
"""

# Crawls that an address list can prove or refute. A list never refutes a crawl older than itself, so the first
# crawl of a pair stands for all of them in the chunk.
_PAIRS = """
SELECT pair, any(user_agent), any(address), min(toUnixTimestamp(assumeNotNull(ts)))
FROM import_lines
WHERE user_agent IN (SELECT user_agent FROM import_agents WHERE listed = 'yes') AND reason = ''
GROUP BY pair
"""

_NEW_TARGETS = """
SELECT DISTINCT target FROM import_lines
WHERE user_agent IN (SELECT user_agent FROM import_agents) AND method IN ('GET', 'HEAD')
    AND target NOT IN (SELECT target FROM import_targets)
"""

_COUNTS = "SELECT bucket, agent, count(), min(ts), max(ts) FROM import_seen GROUP BY bucket, agent"

# A page is known once a crawler got it: scanners that only meet errors do not fill the inventory.
_PAGES = """
SELECT DISTINCT path FROM import_seen
WHERE bucket = 'crawls' AND identity != 'spoofed' AND (status BETWEEN 200 AND 299 OR status = 304)
"""


class Staging:
    """Turns chunks of one format into records for one target."""

    def __init__(self, store: EventsStore, log_format: Format, target: Target, identity: Identity) -> None:
        """``identity`` judges by address lists alone; reverse DNS is not asked for a log's many addresses."""
        self._store = store
        self._identity = identity
        self._format = log_format
        self._target = target
        self._people: list[bytes] = []
        self._key = secrets.randbits(64)
        self._threads = threading.local()

    def stage(self, chunk: Path, lines: int) -> tuple[Staged, bytes]:
        """Read a file of so many lines; answer what it came to, and its records in Native format, if any."""
        known = self._known()
        self._drop(_OF_A_CHUNK)
        self._tell_people(known)
        self._store.command(
            _LINES % self._format.parse, {"chunk": str(chunk), "k": self._key, "l": self._key ^ 1}
        )
        self._name_agents(known)
        self._name_targets(known)
        self._judge()
        span = {"oldest": self._target.oldest, "newest": self._target.newest}
        self._store.command(_SEEN, span)
        staged = self._count(chunk, lines, span)
        domain = {"domain": self._target.domain_id}
        block = self._store.native(_RECORDS, domain) if staged.records() else b""
        self._drop(_OF_A_CHUNK)
        return staged, block

    def _known(self) -> "_Known":
        """What this thread's tables hold already; made empty by the first chunk of an import."""
        known: _Known | None = getattr(self._threads, "known", None)
        if known is None:
            known = self._threads.known = _Known()
            self._drop(_KNOWN)
            for table in _KNOWN:
                self._make(table, _KNOWN[table])
        return known

    def _tell_people(self, known: "_Known") -> None:
        new = self._people[known.people :]
        self._insert("import_people", _KNOWN["import_people"], [(raw,) for raw in new])
        known.people += len(new)

    def _name_agents(self, known: "_Known") -> None:
        """Classify each distinct user agent once; people are remembered for the next chunks."""
        if len(known.agents) > _MOST_AGENTS:
            self._drop(("import_agents",))
            self._make("import_agents", _KNOWN["import_agents"])
            known.agents.clear()
        found = [(raw, _agent(raw)) for raw in self._distinct(_USER_AGENTS) if raw not in known.agents]
        people: list[bytes] = [raw for raw, agent in found if agent is None]
        self._people.extend(people[: max(0, _MOST_PEOPLE - len(self._people))])
        rows = [self._named(raw, agent) for raw, agent in found if agent is not None]
        self._insert("import_agents", _KNOWN["import_agents"], rows)
        known.agents.update(raw for raw, agent in found if agent is not None)

    def _named(self, raw: bytes, agent: Agent) -> tuple[object, ...]:
        """A row of the table of agents, with the identity of a crawl that no address list decides."""
        library = agent.category == "library"
        identity = "none" if library else self._identity.judge(agent, "", 0).identity
        listed = "yes" if agent.ranges and not library else ""
        return raw, agent.name, agent.key or "", agent.category, identity, listed

    def _judge(self) -> None:
        """Judge each pair of user agent and address once; the addresses are gone with the chunk."""
        self._make("import_identities", _IDENTITIES)
        rows = []
        for pair, raw, address, when in zip(*self._store.columns(_PAIRS, as_bytes=True), strict=True):
            if agent := _agent(raw):
                identity = self._identity.judge(agent, address.decode("ascii", "replace"), when).identity
                if identity != _UNDECIDED:
                    rows.append((pair, identity))
        self._insert("import_identities", _IDENTITIES, rows)

    def _name_targets(self, known: "_Known") -> None:
        """Find the canonical page of each target that is new, and that a recognised agent asked for."""
        if known.targets > _MOST_TARGETS:
            self._drop(("import_targets",))
            self._make("import_targets", _KNOWN["import_targets"])
            known.targets = 0
        rows = [(raw, *_page(raw)) for raw in self._distinct(_NEW_TARGETS)]
        self._insert("import_targets", _KNOWN["import_targets"], rows)
        known.targets += len(rows)

    def _count(self, chunk: Path, lines: int, span: Mapping[str, datetime]) -> Staged:
        staged = Staged(lines=lines, pages={path.decode() for path in self._distinct(_PAGES)})
        staged.buckets["people"] = lines - int(self._store.command("SELECT count() FROM import_lines"))
        for bucket, count in zip(*self._store.columns(_OTHERS, span), strict=True):
            staged.buckets[bucket] += count
        for bucket, agent, count, first, last in zip(*self._store.columns(_COUNTS), strict=True):
            staged.buckets[bucket] += count
            if bucket == "crawls":
                staged.agents[agent] += count
                staged.note_times(first, last)
        if staged.buckets["rejected"]:
            staged.rejected = self._rejected(chunk.read_bytes())
        staged.buckets = +staged.buckets
        return staged

    def _rejected(self, chunk: bytes) -> list[Rejected]:
        """The first rejected lines: the engine says which texts, and where they stand is looked up."""
        sql = (
            "SELECT DISTINCT rejected_line, reason FROM import_lines"
            " WHERE reason != '' AND rejected_line NOT IN ('', '\\r') LIMIT 10"
        )
        lines, reasons = self._store.columns(sql, as_bytes=True)
        reason_of = dict(zip(lines, (reason.decode() for reason in reasons), strict=True))
        whole_line = re.compile(rb"^(?:" + b"|".join(map(re.escape, reason_of)) + rb")$", re.MULTILINE)
        return [
            Rejected(chunk.count(b"\n", 0, found.start()) + 1, reason_of[found[0]], _shown(found[0]))
            for found in islice(whole_line.finditer(chunk), 10)
        ]

    def _distinct(self, sql: str) -> Sequence[bytes]:
        columns = self._store.columns(sql, as_bytes=True)
        return columns[0] if columns else []

    def _make(self, table: str, columns: Mapping[str, str]) -> None:
        definition = ", ".join(f"{name} {kind}" for name, kind in columns.items())
        self._store.command(f"CREATE TEMPORARY TABLE {table} ({definition}) ENGINE = Memory")

    def _insert(self, table: str, columns: Mapping[str, str], rows: Sequence[Sequence[object]]) -> None:
        if rows:
            self._store.insert_columns(table, list(columns), [list(c) for c in zip(*rows, strict=True)])

    def _drop(self, tables: Iterable[str]) -> None:
        for table in tables:
            self._store.command(f"DROP TABLE IF EXISTS {table}")


class _Known(msgspec.Struct):
    """What the tables of one thread hold: how many people and targets, and which agents."""

    people: int = 0
    targets: int = 0
    agents: set[bytes] = msgspec.field(default_factory=set)


# Each thread names its own, and mostly the same.
@lru_cache(maxsize=65_536)
def _agent(raw: bytes) -> Agent | None:
    return classify(_text(raw))


@lru_cache(maxsize=65_536)
def _page(raw: bytes) -> tuple[str, str]:
    """Canonical path and kind, both empty where a target names no page."""
    path = canonical_path(_text(raw))
    return ("", "") if path is None else (path, kind_of(path))


def _shown(line: bytes) -> str:
    return line[:120].decode("utf-8", "backslashreplace")


def _text(raw: bytes) -> str:
    r"""A logged value as it was sent: servers write odd bytes as ``\xHH``."""
    if b"\\x" in raw:
        raw = _ESCAPED.sub(lambda match: bytes.fromhex(match[1].decode()), raw)
    return raw.decode("utf-8", "surrogateescape")
