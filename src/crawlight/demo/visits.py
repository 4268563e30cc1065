"""Visits that AI assistants sent to the demo's domain: made, as its second log is."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from crawlight.crawls.crawl import Record, referral
from crawlight.demo.logs import DAYS, REAL_LOG, top_pages
from crawlight.ids import DomainId

_PER_DAY: Final = {"ChatGPT": 3.0, "Perplexity": 1.2, "Claude": 0.8, "Gemini": 0.7, "Copilot": 0.4}
"""Visits a day at the end, by assistant; half as many at the beginning."""


def made_visits(domain_id: DomainId, now: datetime, seed: int = 1) -> Iterator[Record]:
    """Yield records of visits over the days of the made log, none after ``now``. Same moment and seed, same visits."""
    draw = random.Random(seed)  # noqa: S311 - a demo, no secret
    pages = top_pages(REAL_LOG)
    for ago in reversed(range(DAYS)):
        for assistant, per_day in _PER_DAY.items():
            for _ in range(int(per_day * (1 - ago / DAYS / 2) + draw.random())):
                moment = now - timedelta(days=ago, seconds=draw.randrange(86_400))
                yield referral(domain_id, assistant, draw.choice(pages), int(moment.timestamp()))
