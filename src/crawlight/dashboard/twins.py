"""The tables and charts of a domain's analytics as JSON and CSV, with the filters and the period of the page."""

from typing import Any

from fastapi import APIRouter, Response

from crawlight.analytics.domain_questions import QUESTIONS
from crawlight.analytics.question import TableQuestion
from crawlight.dashboard.questions import as_csv, as_json
from crawlight.dashboard.refusals import not_found
from crawlight.dashboard.visits import SignedIn

routes = APIRouter()


@routes.get("/domains/{host}/analytics/{name}.json")
async def show_json(visit: SignedIn, host: str, name: str) -> Response:
    """One answer as JSON."""
    domain = visit.domain(host)
    return await as_json(visit, _question(name), domain)


@routes.get("/domains/{host}/analytics/{name}.csv")
async def show_csv(visit: SignedIn, host: str, name: str) -> Response:
    """One table as CSV."""
    domain = visit.domain(host)
    return await as_csv(visit, _question(name), f"{domain.host}-{name}-{visit.period}", domain)


def _question(name: str) -> TableQuestion[Any, Any]:
    if (question := QUESTIONS.get(name)) is None:
        raise not_found()
    return question
