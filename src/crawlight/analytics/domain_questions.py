"""All questions on one domain's crawls of some days: the page of its analytics, and the data beside it."""

from collections.abc import Mapping
from typing import Any, Final

from crawlight.analytics.agents import BOTS
from crawlight.analytics.answers import ANSWERS
from crawlight.analytics.crawled import PAGES
from crawlight.analytics.formats import FORMATS
from crawlight.analytics.measured import MEASURED
from crawlight.analytics.question import TableQuestion
from crawlight.analytics.referrals import REFERRALS, REFERRED_PAGES
from crawlight.analytics.timeline import TIMELINE
from crawlight.analytics.totals import TOTALS

QUESTIONS: Final[Mapping[str, TableQuestion[Any, Any]]] = {
    question.name: question
    for question in (
        TOTALS,
        TIMELINE,
        BOTS,
        MEASURED,
        FORMATS,
        ANSWERS,
        PAGES,
        REFERRALS,
        REFERRED_PAGES,
    )
}
"""By name, as their data is asked for."""
