"""What the lines of a chunk come to: each goes into one bucket, and those of crawlers become records."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Final, get_args

import numpy as np
import pyarrow as pa

from crawlight.crawls import crawl
from crawlight.ids import DomainId
from crawlight.ingest.importers.format import NO_REQUEST
from crawlight.ingest.lines import Coded, Lines, Mask, Numbers, chains, words
from crawlight.ingest.measures import UNREADABLE
from crawlight.ingest.naming import Named, Names, asked_host, page, page_without
from crawlight.ingest.staged import BUCKETS, Staged, Target
from crawlight.kit.urls import format_of

_PLACE: Final = {bucket: place for place, bucket in enumerate(BUCKETS)}
_KINDS: Final = ("crawl", "robots", "library")
"""Kinds of the records that the first three buckets become."""
_IDENTITIES: Final = get_args(crawl.Identity)
_SPOOFED: Final = _IDENTITIES.index("spoofed")
_HOSTS_PER_CHUNK: Final = 20
_EMPTY: Final = (b"", b"\r")


class Rows:
    """Some lines of a chunk, and what is known of each. All columns are as long as the lines."""

    def __init__(self, lines: Lines, names: Names, target: Target) -> None:
        self._lines = lines
        self._names = names
        self._target = target
        # A missing user agent has place -1, which finds the last one.
        self._crawlers = [*map(names.crawler, lines.user_agents.values), None]
        self._hosts = self._asked_hosts()
        self._domains = self._domains_of(self._hosts)
        self._pages = self._named_pages()
        self._targets = self._told_apart()
        self._buckets = self._found_buckets()
        self._recorded = np.flatnonzero(self._buckets < len(_KINDS))
        self._places: Counter[tuple[str, str]] = Counter()
        self._identities = self._found_identities()

    def people(self) -> list[bytes]:
        """User agents of people, the most frequent first."""
        values, codes = self._lines.user_agents
        counts = np.bincount(codes[(codes >= 0) & ~self._is()], minlength=len(values))
        return [values[place] for place in np.argsort(-counts, kind="stable") if counts[place]]

    def own_hosts(self) -> list[bytes]:
        """Hosts of the target's domains."""
        hosts = self._lines.hosts
        return [raw for raw in hosts.values if self._names.domain(raw)] if hosts else []

    def count(self, staged: Staged) -> None:
        """Note what the lines come to."""
        numbers = np.bincount(self._buckets, minlength=len(BUCKETS)).tolist()
        staged.buckets.update(dict(zip(BUCKETS, numbers, strict=True)))
        crawls = self._recorded[self._buckets[self._recorded] == _PLACE["crawls"]]
        if len(crawls):
            self._count_crawls(staged, crawls)
            self._note_identities(staged)
            self._note_pages(staged)
        staged.kept.update(self._by_domain(self._recorded))
        for name, column in self._measures().items():
            staged.unread[name] += int(np.count_nonzero(column == UNREADABLE))
        staged.unread = +staged.unread
        staged.hosts.update(dict(self._strange_hosts().most_common(_HOSTS_PER_CHUNK)))

    def records(self) -> pa.Table:
        """The records, in the columns of the events store."""
        rows, lines = self._recorded, self._lines
        buckets, agents = self._buckets[rows], lines.user_agents.codes[rows]
        outcomes = np.where(buckets == _PLACE["crawls"], 1, 0)
        columns: dict[str, pa.Array] = {
            "domain_id": pa.array(self._domains[rows].astype(np.uint32)),
            "ts": pa.array(lines.ts[rows].astype(np.uint32)),
            "kind": words(_KINDS, buckets),
            "agent": words([one.agent.name if one else "" for one in self._crawlers], agents),
            "key": words([one.key if one else "" for one in self._crawlers], agents),
            "category": words([one.agent.category if one else "" for one in self._crawlers], agents),
            "identity": words(_IDENTITIES, self._identities),
            "outcome": words(("none", "passthrough"), outcomes),
            "status": pa.array(lines.status[rows]),
            "source": words(("import",), np.zeros(len(rows), np.int64)),
            "path": words([path for path, _ in self._pages], self._targets[rows]),
            "format": words([format_of(path) for path, _ in self._pages], self._targets[rows]),
        }
        if self._target.robots:
            columns["robots_version"] = pa.array(self._robots_versions(rows).astype(np.uint32))
        for name, column in self._measures().items():
            columns[name] = pa.array(np.maximum(column, 0).astype(np.uint32))
        return pa.table(columns)

    def _measures(self) -> dict[str, Numbers]:
        """Sizes and times of the records."""
        lines, nothing = self._lines, np.zeros(len(self._recorded), np.int64)
        told = {"bytes": lines.sizes, "milliseconds": lines.times}
        return {name: nothing if column is None else column[self._recorded] for name, column in told.items()}

    def _robots_versions(self, rows: Numbers) -> Numbers:
        """The version of its domain's robots.txt that was in force at each row."""
        found = np.zeros(len(rows), np.int64)
        for domain, known in self._target.robots.items():
            of_domain = np.flatnonzero(self._domains[rows] == domain)
            places = np.searchsorted(np.array(known.since), self._lines.ts[rows[of_domain]], side="right")
            found[of_domain] = np.array([0, *known.numbers])[places]
        return found

    def rejected(self) -> Iterator[tuple[bytes, bytes]]:
        """The rejected lines, and why."""
        reasons, codes = self._lines.reasons
        if (texts := self._lines.texts) is not None:
            for place in np.flatnonzero(self._buckets == _PLACE["rejected"]).tolist():
                yield texts[place].as_py(), reasons[codes[place]]

    def _is(self, what: Callable[[Named], bool] = lambda _: True) -> Mask:
        """Which lines are those of such a crawler."""
        answers = np.array([one is not None and what(one) for one in self._crawlers], np.bool_)
        return answers[self._lines.user_agents.codes]

    def _asked_hosts(self) -> Coded:
        """The host that each line names: in its target, else in its own field; -1 where there is none."""
        targets, hosts = self._lines.targets, self._lines.hosts
        values = list(hosts.values) if hosts else []
        codes = hosts.codes if hosts else np.full(len(self._lines.ts), -1)
        asked = {place: host for place, raw in enumerate(targets.values) if (host := asked_host(raw))}
        if not asked:
            return Coded(values, codes)
        of_target = np.full(len(targets.values) + 1, -1)
        of_target[list(asked)] = np.arange(len(asked)) + len(values)
        told = of_target[targets.codes]
        return Coded([*values, *asked.values()], np.where(told >= 0, told, codes))

    def _domains_of(self, hosts: Coded) -> Numbers:
        # A line without any is of the last one, which stands for lines without hosts.
        none = self._target.hostless if self._lines.hosts is None else 0
        return np.array([*map(self._names.domain, hosts.values), none], np.int64)[hosts.codes]

    def _named_pages(self) -> list[tuple[str, str]]:
        """Path and kind of each target that a crawler wanted of a domain; both empty for all others."""
        wanted = self._is() & self._lines.fetched & (self._domains > 0)
        pages = [("", "")] * len(self._lines.targets.values)
        for place in np.unique(self._lines.targets.codes[wanted]):
            pages[place] = page(self._lines.targets.values[place])
        return pages

    def _told_apart(self) -> Numbers:
        """The place of each line's page: one of its own where the domain ignores some parameters of a query."""
        places = self._lines.targets.codes.copy()
        for domain, ignored in self._target.ignored.items():
            rows = np.flatnonzero((self._domains == domain) & (places >= 0))
            others = np.arange(len(self._pages))
            for place in np.unique(places[rows]).tolist():
                if "?" in self._pages[place][0]:
                    others[place] = len(self._pages)
                    self._pages.append(page_without(ignored, self._pages[place]))
            places[rows] = others[places[rows]]
        return places

    def _found_buckets(self) -> Numbers:
        """The place of each line's bucket. People come first: known ones' lines are not looked at any further."""
        lines, target = self._lines, self._target
        nobody, crawler, ours = lines.user_agents.codes < 0, self._is(), self._domains > 0
        kinds = np.array([kind for _, kind in self._pages] or [""])[self._targets]
        since, until, oldest, newest = (
            int(moment.timestamp()) for moment in (target.since, target.until, target.oldest, target.newest)
        )
        found = {
            "people": ~nobody & ~crawler & ours,
            **self._unread(nobody),
            "other_hosts": ~ours,
            "outside": (lines.ts < since) | (lines.ts >= until),
            "too_old": lines.ts < oldest,
            "future": lines.ts > newest,
            "no_user_agent": nobody,
            "other_methods": ~lines.fetched,
            "no_page": kinds == "",
            "assets": kinds == "asset",
            "libraries": self._is(lambda one: one.agent.category == "library"),
            "robots": kinds == "robots",
        }
        return np.select(list(found.values()), [_PLACE[name] for name in found], _PLACE["crawls"])

    def _unread(self, nobody: Mask) -> dict[str, Mask]:
        """The lines that are no requests, by bucket."""
        values, codes = self._lines.reasons
        reasons = np.array([raw.decode() for raw in values] or [""])[codes]
        texts = self._lines.texts
        if texts is None:
            return {}
        empty = np.isin(texts.to_numpy(zero_copy_only=False), _EMPTY)
        return {
            "empty": (reasons != "") & nobody & empty,
            "no_request": reasons == NO_REQUEST,
            "rejected": reasons != "",
        }

    def _found_identities(self) -> Numbers:
        """The place of each record's identity. A pair of crawler and address is judged once.

        A list never refutes a crawl older than itself, so the first crawl of a pair stands for all of them.
        """
        rows, codes = self._recorded, self._lines.user_agents.codes
        usual = np.array([_IDENTITIES.index(one.identity if one else "none") for one in self._crawlers])
        identities = usual[codes[rows]]
        listed = np.flatnonzero(self._is(lambda one: one.listed)[rows])
        if len(listed):
            identities[listed] = self._judged(rows[listed])
        return identities

    def _judged(self, rows: Numbers) -> Numbers:
        codes = self._lines.user_agents.codes[rows]
        visitors = self._visitors(rows)
        pairs, of_row = np.unique(codes * len(visitors.values) + visitors.codes, return_inverse=True)
        first = np.full(len(pairs), np.iinfo(np.int64).max)
        np.minimum.at(first, of_row, self._lines.ts[rows])
        crawls = np.bincount(of_row[self._buckets[rows] == _PLACE["crawls"]], minlength=len(pairs))
        verdicts = []
        for pair, when, number in zip(pairs.tolist(), first.tolist(), crawls.tolist(), strict=True):
            place, visitor = divmod(pair, len(visitors.values))
            crawler, address = self._crawlers[place], visitors.values[visitor].decode()
            identity = self._names.identity_of(crawler, address, when)
            verdicts.append(_IDENTITIES.index(identity))
            if crawler and number and identity != "verified":
                self._places[crawler.agent.name, address] += number
        return np.array(verdicts)[of_row]

    def _visitors(self, rows: Numbers) -> Coded:
        """The visitor's address of each row, as `Names.visitor` says."""
        told = chains(self._lines, rows)
        places: dict[bytes, int] = {}
        place_of = [places.setdefault(self._names.visitor(raw), len(places)) for raw in told.values]
        return Coded(list(places), np.array(place_of, np.int64)[told.codes])

    def _strange_hosts(self) -> Counter[str]:
        """How often hosts were asked for that are none of the domains."""
        values, codes = self._hosts
        told = Counter[str]()
        for place, number in _counted(codes[self._buckets == _PLACE["other_hosts"]]):
            told[values[place].decode("utf-8", "replace") if place >= 0 else ""] += number
        return told

    def _by_domain(self, rows: Numbers) -> dict[DomainId, int]:
        """How many of the rows each domain has; the column holds numbers of the target's domains."""
        return {DomainId(number): count for number, count in _counted(self._domains[rows])}

    def _count_crawls(self, staged: Staged, crawls: Numbers) -> None:
        for place, number in _counted(self._lines.user_agents.codes[crawls]):
            if crawler := self._crawlers[place]:
                staged.agents[crawler.agent.name] += number
        staged.domains.update(self._by_domain(crawls))
        moments = self._lines.ts[crawls]
        staged.note_times(_moment(moments.min()), _moment(moments.max()))

    def _note_identities(self, staged: Staged) -> None:
        staged.places.update(self._places)
        crawls = self._buckets[self._recorded] == _PLACE["crawls"]
        agents = self._lines.user_agents.codes[self._recorded][crawls]
        for pair, number in _counted(agents * len(_IDENTITIES) + self._identities[crawls]):
            place, identity = divmod(pair, len(_IDENTITIES))
            if crawler := self._crawlers[place]:
                staged.identities[crawler.agent.name, _IDENTITIES[identity]] += number

    def _note_pages(self, staged: Staged) -> None:
        """A page is known once a crawler got it: scanners that only meet errors do not fill the inventory."""
        rows, status = self._recorded, self._lines.status[self._recorded]
        got = rows[
            (self._buckets[rows] == _PLACE["crawls"])
            & (self._identities != _SPOOFED)
            & (((status >= 200) & (status < 300)) | (status == 304))
        ]
        for domain in np.unique(self._domains[got]).tolist():
            places = np.unique(self._targets[got[self._domains[got] == domain]])
            staged.pages.setdefault(domain, set()).update(self._pages[place][0] for place in places)


def _counted(places: Numbers) -> list[tuple[int, int]]:
    """Each place and how often it is there."""
    values, numbers = np.unique(places, return_counts=True)
    return list(zip(values.tolist(), numbers.tolist(), strict=True))


def _moment(seconds: np.int64) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC).replace(tzinfo=None)
