"""Who a crawl in a log really was, by the operators' address lists."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crawlight.bots.identity import Identity
from crawlight.bots.lists import AddressList, Ranges
from crawlight.domains.pages import seo_counts
from tests.ingest.conftest import Place

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
GPTBOT = (
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko); compatible; GPTBot/1.3; +https://openai.com/gptbot"
)
SLACK = "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)"
LISTED, STRANGE = "20.171.206.7", "8.8.8.8"


def ranges(*, since: datetime, confirmed: datetime) -> Ranges:
    listing = AddressList(
        name="openai-gptbot",
        operator="OpenAI",
        exclusive=True,
        source="made for this test",
        licence="Apache-2.0",
        since=since,
        confirmed=confirmed,
        prefixes=("20.171.206.0/24",),
    )
    return Ranges([listing])


def judged_by(since: datetime, confirmed: datetime) -> Identity:
    return Identity(ranges(since=since, confirmed=confirmed), clock=NOW.timestamp)


FRESH = judged_by(NOW - timedelta(days=90), NOW - timedelta(days=1))


def line(address: str, agent: str = GPTBOT, moment: datetime = NOW, target: str = "/") -> str:
    return f'{address} - - [{moment:%d/%b/%Y:%H:%M:%S} +0000] "GET {target} HTTP/1.1" 200 5 "-" "{agent}"\n'


async def identities(place: Place, tmp_path: Path, *lines: str) -> list[str]:
    path = tmp_path / "access.log"
    path.write_text("".join(lines))
    await place.import_file(path)
    return list(place.services.store.columns("SELECT toString(identity) FROM records ORDER BY ts, path")[0])


@pytest.mark.parametrize(
    ("identity", "address", "agent", "verdict"),
    [
        (FRESH, LISTED, GPTBOT, "verified"),
        (FRESH, STRANGE, GPTBOT, "spoofed"),
        (FRESH, "-", GPTBOT, "unchecked"),
        (FRESH, "crawler.example", GPTBOT, "unchecked"),
        (FRESH, STRANGE, SLACK, "unverifiable"),
        (FRESH, STRANGE, "curl/8.0", "none"),
        (judged_by(NOW - timedelta(days=90), NOW - timedelta(days=15)), STRANGE, GPTBOT, "unchecked"),
        (judged_by(NOW - timedelta(days=90), NOW - timedelta(days=15)), LISTED, GPTBOT, "verified"),
        (judged_by(NOW + timedelta(days=1), NOW), STRANGE, GPTBOT, "unchecked"),
    ],
)
async def test_an_address_list_proves_and_while_it_is_fresh_refutes(
    place: Place, tmp_path: Path, identity: Identity, address: str, agent: str, verdict: str
) -> None:
    place.identity = identity
    assert await identities(place, tmp_path, line(address, agent)) == [verdict]


async def test_a_list_refutes_no_crawl_that_is_older_than_itself(place: Place, tmp_path: Path) -> None:
    place.identity = FRESH
    old, new = NOW - timedelta(days=91), NOW
    place.chunk_bytes = 200
    assert await identities(place, tmp_path, line(STRANGE, moment=old), line(STRANGE, moment=new)) == [
        "unchecked",
        "spoofed",
    ]


async def test_spoofed_crawls_are_kept_apart_from_the_export_and_seen_per_bot(
    place: Place, tmp_path: Path
) -> None:
    place.identity = FRESH
    lines = [line(LISTED), line(LISTED), line(STRANGE, target="/fake"), line(STRANGE, target="/robots.txt")]
    found = await identities(place, tmp_path, *lines)
    assert sorted(found) == ["spoofed", "spoofed", "verified", "verified"]
    store = place.services.store
    assert store.columns("SELECT sum(crawls), sum(openaibot) FROM daily") == [[2], [2]]
    assert store.command("SELECT sum(n) FROM pages_monthly") == 2
    assert (await seo_counts(place.services.database, [1]))[1].unknown == 1
    assert store.columns(
        "SELECT toString(kind), agent, toString(identity), sum(n) FROM daily_agents GROUP BY ALL ORDER BY ALL"
    ) == [
        ["crawl", "crawl", "robots"],
        ["GPTBot", "GPTBot", "GPTBot"],
        ["spoofed", "verified", "spoofed"],
        [1, 2, 1],
    ]


async def test_addresses_are_nowhere_after_an_import(place: Place, tmp_path: Path) -> None:
    await identities(place, tmp_path, line("20.171.206.77"), line("8.8.4.117"))
    (tmp_path / "access.log").unlink()
    for path in Path(place.services.settings.data_dir).rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert b"20.171.206.77" not in content
            assert b"8.8.4.117" not in content


def test_the_shipped_lists_are_readable() -> None:
    for path in (Path(__file__).parents[2] / "src/crawlight/bots/ranges").glob("*.json"):
        assert json.loads(path.read_bytes())["prefixes"]
