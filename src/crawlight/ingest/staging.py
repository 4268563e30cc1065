"""One chunk of a log into records: parsed and joined in the engine, distinct values named once in Python."""

import re
import secrets
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any, Final

import msgspec

from crawlight.bots.catalogue import Agent
from crawlight.bots.identity import Identity
from crawlight.bots.matcher import classify
from crawlight.events.store import EventsStore
from crawlight.ingest import staging_sql as sql
from crawlight.ingest.importers.format import Format
from crawlight.ingest.staged import Rejected, Staged, Target
from crawlight.kit.urls import bare_host, canonical_path, kind_of

_PORT = re.compile(r":[0-9]*$")
# Bounds of what is remembered. A thousand user agents are most people's; a target is a page's address.
_MOST_PEOPLE = 1_000
_MOST_AGENTS = 20_000
_MOST_TARGETS = 200_000

_UNDECIDED: Final = "unchecked"
_NO_HOST = ("", "-", "_")
_ESCAPED = re.compile(rb"\\x([0-9A-Fa-f]{2})")


class Staging:
    """Turns chunks of one format into records for one target."""

    def __init__(self, store: EventsStore, log_format: Format, target: Target, identity: Identity) -> None:
        """``identity`` judges by address lists alone; reverse DNS is not asked for a log's many addresses."""
        self._store = store
        self._identity = identity
        self._format = log_format
        self._target = target
        self._words = sql.WITH_HOSTS if log_format.hosts else sql.WITHOUT_HOSTS
        self._people: list[bytes] = []
        self._key = secrets.randbits(64)
        self._threads = threading.local()

    def stage(self, chunk: Path, lines: int) -> tuple[Staged, bytes]:
        """Read a file of so many lines; answer what it came to, and its records in Native format, if any."""
        known = self._known()
        self._drop(sql.OF_A_CHUNK)
        self._tell_people(known)
        self._store.command(
            sql.LINES % self._format.parse, {"chunk": str(chunk), "k": self._key, "l": self._key ^ 1}
        )
        self._name_hosts()
        self._name_agents(known)
        self._name_targets(known)
        self._judge()
        given = self._given()
        self._store.command(sql.SEEN % self._words, given)
        staged = self._count(chunk, lines, given)
        block = self._store.native(sql.RECORDS) if staged.records() else b""
        self._drop(sql.OF_A_CHUNK)
        return staged, block

    def _known(self) -> "_Known":
        """What this thread's tables hold already; made empty by the first chunk of an import."""
        known: _Known | None = getattr(self._threads, "known", None)
        if known is None:
            known = self._threads.known = _Known()
            self._drop(sql.KNOWN)
            for table in sql.KNOWN:
                self._make(table, sql.KNOWN[table])
        return known

    def _given(self) -> Mapping[str, object]:
        """The parameters of queries that the target decides."""
        target = self._target
        times = {name: getattr(target, name) for name in ("oldest", "newest", "since", "until")}
        return times | {"domain": target.hostless}

    def _name_hosts(self) -> None:
        """Find the domain of each host that is new; hosts of none stay unknown, and are looked at again."""
        if self._format.hosts:
            found = (
                (raw, self._domain_of(raw.decode("utf-8", "replace")))
                for raw in self._distinct(sql.NEW_HOSTS)
            )
            self._insert("import_hosts", sql.KNOWN["import_hosts"], [row for row in found if row[1]])

    def _domain_of(self, host: str) -> int:
        """The number of a logged host's domain, 0 for none. The port is the server's: it names no other site."""
        name = _PORT.sub("", host)
        if name in _NO_HOST:
            return self._target.hostless
        return self._target.domains.get(bare_host(name) or "", 0)

    def _tell_people(self, known: "_Known") -> None:
        new = self._people[known.people :]
        self._insert("import_people", sql.KNOWN["import_people"], [(raw,) for raw in new])
        known.people += len(new)

    def _name_agents(self, known: "_Known") -> None:
        """Classify each distinct user agent once; people are remembered for the next chunks."""
        if len(known.agents) > _MOST_AGENTS:
            self._drop(("import_agents",))
            self._make("import_agents", sql.KNOWN["import_agents"])
            known.agents.clear()
        found = [(raw, _agent(raw)) for raw in self._distinct(sql.USER_AGENTS) if raw not in known.agents]
        people: list[bytes] = [raw for raw, agent in found if agent is None]
        self._people.extend(people[: max(0, _MOST_PEOPLE - len(self._people))])
        rows = [self._named(raw, agent) for raw, agent in found if agent is not None]
        self._insert("import_agents", sql.KNOWN["import_agents"], rows)
        known.agents.update(raw for raw, agent in found if agent is not None)

    def _named(self, raw: bytes, agent: Agent) -> tuple[object, ...]:
        """A row of the table of agents, with the identity of a crawl that no address list decides."""
        library = agent.category == "library"
        identity = "none" if library else self._identity.judge(agent, "", 0).identity
        listed = "yes" if agent.ranges and not library else ""
        return raw, agent.name, agent.key or "", agent.category, identity, listed

    def _judge(self) -> None:
        """Judge each pair of user agent and address once; the addresses are gone with the chunk."""
        self._make("import_identities", sql.IDENTITIES)
        rows = []
        for pair, raw, address, when in zip(
            *self._store.columns(sql.PAIRS % self._words, as_bytes=True), strict=True
        ):
            if agent := _agent(raw):
                identity = self._identity.judge(agent, address.decode("ascii", "replace"), when).identity
                if identity != _UNDECIDED:
                    rows.append((pair, identity))
        self._insert("import_identities", sql.IDENTITIES, rows)

    def _name_targets(self, known: "_Known") -> None:
        """Find the canonical page of each target that is new, and that a recognised agent asked for."""
        if known.targets > _MOST_TARGETS:
            self._drop(("import_targets",))
            self._make("import_targets", sql.KNOWN["import_targets"])
            known.targets = 0
        rows = [(raw, *_page(raw)) for raw in self._distinct(sql.NEW_TARGETS % self._words)]
        self._insert("import_targets", sql.KNOWN["import_targets"], rows)
        known.targets += len(rows)

    def _count(self, chunk: Path, lines: int, given: Mapping[str, object]) -> Staged:
        staged = Staged(lines=lines)
        staged.buckets["people"] = lines - int(self._store.command("SELECT count() FROM import_lines"))
        for bucket, count in self._rows(sql.OTHERS % self._words, given):
            staged.buckets[bucket] += count
        for bucket, domain, agent, count, first, last in self._rows(sql.COUNTS):
            staged.buckets[bucket] += count
            if bucket == "crawls":
                staged.agents[agent] += count
                staged.domains[domain] += count
                staged.note_times(first, last)
        staged.pages = {domain: set(paths) for domain, paths in self._rows(sql.PAGES)}
        if staged.buckets["other_hosts"]:
            staged.hosts.update(dict(self._rows(sql.STRANGE_HOSTS)))
        if staged.buckets["rejected"]:
            staged.rejected = self._rejected(chunk.read_bytes())
        staged.buckets = +staged.buckets
        return staged

    def _rejected(self, chunk: bytes) -> list[Rejected]:
        """The first rejected lines: the engine says which texts, and where they stand is looked up."""
        sql = (
            "SELECT DISTINCT rejected_line, reason FROM import_lines"
            " WHERE reason NOT IN ('', 'no request') AND rejected_line NOT IN ('', '\\r') LIMIT 10"
        )
        lines, reasons = self._store.columns(sql, as_bytes=True)
        reason_of = dict(zip(lines, (reason.decode() for reason in reasons), strict=True))
        whole_line = re.compile(rb"^(?:" + b"|".join(map(re.escape, reason_of)) + rb")$", re.MULTILINE)
        return [
            Rejected(chunk.count(b"\n", 0, found.start()) + 1, reason_of[found[0]], _shown(found[0]))
            for found in islice(whole_line.finditer(chunk), 10)
        ]

    def _rows(self, sql: str, parameters: Mapping[str, object] | None = None) -> Iterator[Any]:
        return zip(*self._store.columns(sql, parameters), strict=True)

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
