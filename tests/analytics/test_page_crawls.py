from collections import Counter
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawlight.accounts.scope import ScopedDomain
from crawlight.analytics import page_crawls
from crawlight.analytics.assistants import ai_agents, assistants, spoofed
from crawlight.bots.keys import BOT_KEYS, CATEGORIES
from crawlight.bots.labels import LABELS
from crawlight.events.store import EventsStore
from crawlight.kit.periods import Window
from tests.analytics.conftest import empty
from tests.records import Record, insert

pytestmark = pytest.mark.anyio

DOMAIN = ScopedDomain(1, UUID(int=1), "example.com", "owner", "example.com")
DAYS = Window(date(2026, 6, 10), date(2026, 6, 15))
ODD = ("/", "/it's", "/a\\b?x=\\n", "/%7Bpath:String%7D", "/{path:String}", "/😀", "/a?b=[1,'2']")

records = st.builds(
    lambda **told: Record(**told),
    domain_id=st.integers(1, 2),
    ts=st.datetimes(datetime(2026, 6, 3), datetime(2026, 6, 17), timezones=st.just(UTC)).map(
        lambda moment: moment.replace(microsecond=0)
    ),
    kind=st.sampled_from(["crawl", "crawl", "crawl", "render", "robots", "library", "referral"]),
    agent=st.sampled_from(["Googlebot", "GPTBot", "AhrefsBot"]),
    key=st.sampled_from(["googlebot", ""]),
    category=st.sampled_from(CATEGORIES),
    identity=st.sampled_from(["verified", "unverifiable", "unchecked", "spoofed"]),
    outcome=st.sampled_from(["hit", "miss", "passthrough"]),
    status=st.sampled_from([0, 200, 404]),
    source=st.just("import"),
    path=st.sampled_from(ODD),
)


def inside(record: Record, days: Window = DAYS) -> bool:
    return days.first <= record.ts.date() <= days.last


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(records, max_size=80))
async def test_crawls_of_pages_are_those_of_a_naive_count(opened: EventsStore, rows: list[Record]) -> None:
    empty(opened)
    insert(opened, rows)
    ours = [r for r in rows if r.domain_id == 1 and r.kind == "crawl" and inside(r)]
    honest = [r for r in ours if r.identity != "spoofed"]
    every = page_crawls.visits(opened, DOMAIN, DAYS, ())
    assert {path: visits.crawls for path, visits in every.items()} == Counter(r.path for r in honest)
    for path, visits in every.items():
        for kind in page_crawls.KINDS:
            times = [r.ts for r in honest if r.path == path and page_crawls.kind_of(r.category) == kind]
            assert visits.last.get(kind) == max(times, default=None)
    some = page_crawls.visits(opened, DOMAIN, DAYS, ODD[:3])
    assert some == {path: visits for path, visits in every.items() if path in ODD[:3]}
    for path in ODD:
        of_page = [r for r in ours if r.path == path]
        by_agent = page_crawls.agents(opened, DOMAIN, DAYS, path)
        assert {(one.agent, one.identity): one.crawls for one in by_agent} == Counter(
            (r.agent, r.identity) for r in of_page
        )
        latest = page_crawls.latest(opened, DOMAIN, DAYS, path)
        assert [one.at for one in latest] == sorted((r.ts for r in of_page), reverse=True)[:50]


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(records, max_size=80))
def test_what_ai_does_is_that_of_a_naive_count(opened: EventsStore, rows: list[Record]) -> None:
    empty(opened)
    opened.command("TRUNCATE TABLE referrals_daily")
    insert(opened, rows)
    agents, sent, false = (ask(opened, [1, 2], DAYS) for ask in (ai_agents, assistants, spoofed))
    for domain_id in (1, 2):
        ours = [r for r in rows if r.domain_id == domain_id]
        for days, column in ((DAYS, "now"), (DAYS.before, "before")):
            ai = Counter(
                (r.agent, r.category)
                for r in ours
                if r.kind == "crawl"
                and r.category.startswith("ai_")
                and r.identity != "spoofed"
                and inside(r, days)
            )
            found = {
                (one.agent, one.category): one.crawls if column == "now" else one.before
                for one in agents.get(domain_id, [])
            }
            assert {pair: count for pair, count in found.items() if count} == ai
            visits = Counter(r.agent for r in ours if r.kind == "referral" and inside(r, days))
            counted = {
                one.assistant: one.visits if column == "now" else one.before
                for one in sent.get(domain_id, [])
            }
            assert {name: count for name, count in counted.items() if count} == visits
        liars = [r for r in ours if r.kind == "crawl" and r.identity == "spoofed" and inside(r)]
        assert false.get(domain_id, 0) == len(liars)


def test_every_key_has_a_label() -> None:
    assert tuple(LABELS) == BOT_KEYS
