"""Questions asked by pages: with the days, filters and scope of a visit, and their answers as JSON and CSV."""

from collections.abc import Mapping
from typing import Any, TypeVar

from fastapi import Response

from crawlight.accounts.scope import ScopedDomain
from crawlight.analytics.question import About, Question, Sources, TableQuestion
from crawlight.dashboard.tables import csv_of
from crawlight.dashboard.visits import Visit
from crawlight.kit.clock import now
from crawlight.kit.periods import window

T = TypeVar("T")


def sources_of(visit: Visit) -> Sources:
    """What the server's questions are put to."""
    return visit.dashboard.exporter.sources


async def about(visit: Visit, domain: ScopedDomain | None = None) -> About:
    """A domain in the period of the page, or all of the account's."""
    if domain is None:
        return About(visit.scope.domains, window(visit.period, now()))
    return About((domain,), await visit.window(domain))


async def ask(
    visit: Visit, question: Question[Any, T], of: About, query: Mapping[str, str] | None = None
) -> T:
    """The answer, with the parameters that the URL has, or those of ``query`` in their place."""
    given = question.parameters(visit.request.query_params if query is None else query)
    return await question.answer(sources_of(visit), of, given)


async def as_json(
    visit: Visit, question: TableQuestion[Any, Any], domain: ScopedDomain | None = None
) -> Response:
    """The answer as JSON."""
    return visit.data(await ask(visit, question, await about(visit, domain)))


async def as_csv(
    visit: Visit, question: TableQuestion[Any, Any], file: str, domain: ScopedDomain | None = None
) -> Response:
    """The answer as CSV, to be saved under the name ``file``."""
    found = await ask(visit, question, await about(visit, domain))
    return csv_of(visit, file, *question.table(found))
