"""A question, declared once: its name, its parameters, what answers it, and the columns of the answer as a table.

Pages, their JSON and CSV, and reports read the declaration, so that all of them show the same.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import msgspec

from crawlight.accounts.scope import ScopedDomain
from crawlight.analytics.page_names import PageNames
from crawlight.database.engine import Database
from crawlight.events.store import EventsStore
from crawlight.ids import DomainId
from crawlight.kit.periods import Window

P = TypeVar("P")
T = TypeVar("T")

Table = tuple[Sequence[str], Iterable[Sequence[object]]]
"""The names of the columns, and the rows."""


class Sources:
    """What questions are put to; one for the life of the process."""

    def __init__(self, store: EventsStore, database: Database) -> None:
        self.store = store
        self.database = database
        self.names = PageNames(store)


@dataclass(frozen=True)
class About:
    """What a question is about: domains of one scope, and days."""

    domains: Sequence[ScopedDomain]
    window: Window

    @property
    def domain(self) -> ScopedDomain:
        """The one domain of a question on one."""
        (domain,) = self.domains
        return domain

    @property
    def ids(self) -> list[DomainId]:
        """The domains by number."""
        return [domain.id for domain in self.domains]


Answer = Callable[[Sources, About, P], Awaitable[T]]
"""Raises StoreError where the events store is away."""


@dataclass(frozen=True)
class Question(Generic[P, T]):
    """One question. ``name`` stands in addresses; ``parameters`` reads a URL's, and leaves out what it says wrongly."""

    name: str
    parameters: Callable[[Mapping[str, str]], P]
    answer: Answer[P, T]


@dataclass(frozen=True)
class TableQuestion(Question[P, T]):
    """One whose answer is a table, too."""

    table: Callable[[T], Table]


def no_parameters(_: Mapping[str, str]) -> None:
    """For questions without any."""


def of_domain(function: Callable[[EventsStore, ScopedDomain, Window, P], T]) -> Answer[P, T]:
    """An answer that the events store alone gives, about one domain."""

    async def answer(sources: Sources, about: About, given: P) -> T:
        return await sources.store.run(function, sources.store, about.domain, about.window, given)

    return answer


def of_scope(function: Callable[[EventsStore, Sequence[DomainId], Window], T]) -> Answer[None, T]:
    """An answer that the events store alone gives, about all domains of a scope together."""

    async def answer(sources: Sources, about: About, _: None) -> T:
        return await sources.store.run(function, sources.store, about.ids, about.window)

    return answer


def table_of(kind: type[msgspec.Struct]) -> Callable[[Iterable[Any]], Table]:
    """A table of structs whose members are the columns."""
    return lambda found: (kind.__struct_fields__, map(msgspec.structs.astuple, found))
