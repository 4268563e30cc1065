"""One chunk of a log into records: parsed and joined in the engine, distinct values named once in Python."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from tempfile import NamedTemporaryFile
from typing import Final

import msgspec

from crawlight.bots.matcher import classify
from crawlight.events.store import EventsStore
from crawlight.ingest.importers.format import Format
from crawlight.kit.urls import canonical_path, kind_of

BUCKETS: Final = (
    "crawls",
    "robots",
    "libraries",
    "people",
    "assets",
    "other_methods",
    "no_page",
    "no_user_agent",
    "too_old",
    "future",
    "rejected",
)
"""Where the lines of a log go, each line into one: the first three become records."""

_ESCAPED = re.compile(rb"\\x([0-9A-Fa-f]{2})")

# Temporary tables live in memory and are seen by one thread's client only: chunks are staged side by side.
_TABLES: Final = ("import_lines", "import_agents", "import_targets", "import_seen")

_SEEN = """
CREATE TEMPORARY TABLE import_seen ENGINE = Memory AS
SELECT ts, status, agents.agent AS agent, agents.key AS key, agents.category AS category,
    agents.identity AS identity, targets.path AS path,
    multiIf(
        reason != '', 'rejected',
        ts < {oldest:DateTime('UTC')}, 'too_old',
        ts > {newest:DateTime('UTC')}, 'future',
        user_agent IS NULL, 'no_user_agent',
        agents.agent = '', 'people',
        method NOT IN ('GET', 'HEAD'), 'other_methods',
        targets.kind = '', 'no_page',
        targets.kind = 'asset', 'assets',
        agents.category = 'library', 'libraries',
        targets.kind = 'robots', 'robots',
        'crawls') AS bucket
FROM import_lines AS lines
LEFT ANY JOIN import_agents AS agents USING (user_agent)
LEFT ANY JOIN import_targets AS targets USING (target)
"""

_RECORDS = """
SELECT {domain:UInt32} AS domain_id, assumeNotNull(ts) AS ts,
    transform(bucket, ['crawls', 'robots', 'libraries'], ['crawl', 'robots', 'library']) AS kind,
    agent, key, category, identity,
    if(bucket = 'crawls', 'passthrough', 'none') AS outcome, status, 'import' AS source, path
FROM import_seen WHERE bucket IN ('crawls', 'robots', 'libraries')
"""

# A page is known once a crawler got it: scanners that only meet errors do not fill the inventory.
_PAGES = """
SELECT DISTINCT path FROM import_seen
WHERE bucket = 'crawls' AND (status BETWEEN 200 AND 299 OR status = 304)
"""


class Target(msgspec.Struct, frozen=True):
    """Where records go, and which moments they may have."""

    domain_id: int
    oldest: datetime
    newest: datetime


class Rejected(msgspec.Struct, frozen=True):
    """A line that could not be read: its number in the file, from 1, why, and how it starts."""

    line: int
    reason: str
    text: str


class Staged(msgspec.Struct):
    """What one chunk, or many added up, came to."""

    buckets: Counter[str] = msgspec.field(default_factory=Counter)
    lines: int = 0
    agents: Counter[str] = msgspec.field(default_factory=Counter)
    """Crawls by agent."""
    first: datetime | None = None
    last: datetime | None = None
    """Time of the first and the last crawl."""
    pages: set[str] = msgspec.field(default_factory=set)
    """Canonical paths that a crawler got."""
    rejected: list[Rejected] = msgspec.field(default_factory=list)
    """The first few rejected lines."""

    def records(self) -> int:
        """How many records the lines became."""
        return sum(self.buckets[name] for name in BUCKETS[:3])

    def add(self, other: "Staged", shown: int) -> None:
        """Add the next chunk; keep at most ``shown`` rejected lines."""
        self.buckets += other.buckets
        self.agents += other.agents
        self.pages |= other.pages
        for line in other.rejected[: max(0, shown - len(self.rejected))]:
            self.rejected.append(msgspec.structs.replace(line, line=line.line + self.lines))
        self.lines += other.lines
        self.first = min(filter(None, (self.first, other.first)), default=None)
        self.last = max(filter(None, (self.last, other.last)), default=None)


class Staging:
    """Turns chunks of one format into records for one target."""

    def __init__(self, store: EventsStore, log_format: Format, target: Target) -> None:
        self._store = store
        self._format = log_format
        self._target = target

    def stage(self, chunk: bytes) -> tuple[Staged, bytes]:
        """Read a chunk; answer what it came to, and its records in Native format (empty if none)."""
        self._drop()
        self._parse(chunk)
        self._name_agents()
        self._name_targets()
        self._store.command(_SEEN, {"oldest": self._target.oldest, "newest": self._target.newest})
        staged = self._count(chunk)
        domain = {"domain": self._target.domain_id}
        block = self._store.native(_RECORDS, domain) if staged.records() else b""
        self._drop()
        return staged, block

    def _parse(self, chunk: bytes) -> None:
        table = "CREATE TEMPORARY TABLE import_lines ENGINE = Memory AS "
        with NamedTemporaryFile(prefix="crawlight-", suffix=".log") as file:
            file.write(chunk)
            file.flush()
            self._store.command(table + self._format.parse, {"chunk": file.name})

    def _name_agents(self) -> None:
        """Classify each distinct user agent once; people stay out of the table."""
        texts = self._distinct("SELECT DISTINCT user_agent FROM import_lines WHERE user_agent IS NOT NULL")
        found = ((raw, classify(_text(raw))) for raw in texts)
        rows = [
            (raw, agent.name, agent.key or "", agent.category, _identity(agent.category))
            for raw, agent in found
            if agent is not None
        ]
        self._fill("import_agents", ("user_agent", "agent", "key", "category", "identity"), rows)

    def _name_targets(self) -> None:
        """Find the canonical page of each distinct target that a recognised agent asked for."""
        texts = self._distinct(
            "SELECT DISTINCT target FROM import_lines"
            " WHERE user_agent IN (SELECT user_agent FROM import_agents) AND method IN ('GET', 'HEAD')"
        )
        found = ((raw, canonical_path(_text(raw))) for raw in texts)
        rows = [(raw, path, kind_of(path)) for raw, path in found if path is not None]
        self._fill("import_targets", ("target", "path", "kind"), rows)

    def _count(self, chunk: bytes) -> Staged:
        buckets = self._counter("SELECT bucket, count() FROM import_seen GROUP BY bucket")
        agents = self._counter(
            "SELECT agent, count() FROM import_seen WHERE bucket = 'crawls' GROUP BY agent"
        )
        times = self._store.columns("SELECT min(ts), max(ts) FROM import_seen WHERE bucket = 'crawls'")
        first, last = (times[0][0], times[1][0]) if agents else (None, None)
        pages = {path.decode() for path in self._distinct(_PAGES)}
        rejected = self._rejected(chunk) if buckets["rejected"] else []
        lines = chunk.count(b"\n") + (not chunk.endswith(b"\n"))
        return Staged(buckets, lines, agents, first, last, pages, rejected)

    def _rejected(self, chunk: bytes) -> list[Rejected]:
        sql = "SELECT rejected_line, reason FROM import_lines WHERE reason != '' LIMIT 10"
        lines, reasons = self._store.columns(sql, as_bytes=True)
        found = [
            (chunk.find(line), line, reason.decode()) for line, reason in zip(lines, reasons, strict=True)
        ]
        return [
            Rejected(chunk.count(b"\n", 0, at) + 1, reason, line[:120].decode("utf-8", "backslashreplace"))
            for at, line, reason in sorted(found)
        ]

    def _distinct(self, sql: str) -> Sequence[bytes]:
        columns = self._store.columns(sql, as_bytes=True)
        return columns[0] if columns else []

    def _counter(self, sql: str) -> Counter[str]:
        columns = self._store.columns(sql)
        return Counter(dict(zip(*columns, strict=True))) if columns else Counter()

    def _fill(self, table: str, names: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        columns = ", ".join(f"{name} String" for name in names)
        self._store.command(f"CREATE TEMPORARY TABLE {table} ({columns}) ENGINE = Memory")
        if values := [list(column) for column in zip(*rows, strict=True)]:
            self._store.insert_columns(table, names, values)

    def _drop(self) -> None:
        for table in _TABLES:
            self._store.command(f"DROP TABLE IF EXISTS {table}")


def _text(raw: bytes) -> str:
    r"""A logged value as it was sent: servers write odd bytes as ``\xHH``."""
    if b"\\x" in raw:
        raw = _ESCAPED.sub(lambda match: bytes.fromhex(match[1].decode()), raw)
    return raw.decode("utf-8", "surrogateescape")


def _identity(category: str) -> str:
    return "none" if category == "library" else "unchecked"
