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


PROXIES = {
    "nginx main": ("10.0.0.2", f'"{LISTED}, 10.1.1.1"', "verified"),
    "apache combined behind a balancer": ("10.0.0.2", f'"{LISTED}"', "verified"),
    "as the first words": (f"{LISTED}, 10.0.0.2", "", "verified"),
    "as the first words without spaces": (f"{LISTED},10.0.0.2", "", "verified"),
    "RFC 7239": ("10.0.0.2", f'"for={LISTED};proto=https"', "verified"),
    "with ports": ("10.0.0.2", f'"{LISTED}:4711"', "verified"),
    "a local socket": ("unix:", f'"{LISTED}"', "verified"),
    "an impostor": ("10.0.0.2", f'"{STRANGE}"', "spoofed"),
    "an impostor who claims another": ("10.0.0.2", f'"{LISTED}, {STRANGE}"', "spoofed"),
    "an impostor without a proxy": (STRANGE, f'"{LISTED}"', "spoofed"),
    "IPv6": ("10.0.0.2", '"2a03:2880::1"', "unverifiable"),
    "no list": ("10.0.0.2", '"-"', "unchecked"),
    "no list at all": ("10.0.0.2", "", "unchecked"),
    "hidden": ("10.0.0.2", '"unknown"', "unchecked"),
    "without its end": ("8.8.8.0", "", "unchecked"),
    "listed, without its end": ("20.171.206.0", "", "verified"),
    "loopback": ("::1", "", "unchecked"),
}


@pytest.mark.parametrize("way", ["quickly", "by the engine"])
async def test_behind_a_proxy_the_visitor_is_the_one_it_told(place: Place, tmp_path: Path, way: str) -> None:
    """Every case in one log; a byte that is no UTF-8 has the whole chunk read by the engine."""
    place.identity = FRESH
    bodies = [
        line(address, moment=NOW + timedelta(seconds=number)).removesuffix("\n") + f" {more}\n"
        for number, (address, more, _) in enumerate(PROXIES.values())
    ]
    path = tmp_path / "access.log"
    odd = b"" if way == "quickly" else line("9.9.9.9", "\xff").encode("latin-1")
    path.write_bytes("".join(bodies).encode() + odd)
    await place.import_file(path, log_format="combined")
    found = place.services.store.columns(
        "SELECT toString(identity) FROM records WHERE agent = 'GPTBot' ORDER BY ts"
    )
    assert dict(zip(PROXIES, found[0], strict=True)) == {name: said for name, (_, _, said) in PROXIES.items()}


@pytest.mark.parametrize(
    "behind",
    ['"-" "0.005" "{}"', '"{}" 0.005 "10.0.0.9:80"', '"{}" "example.com" sn="www" rt=0.1', '0.005 "{}"'],
)
async def test_the_list_may_stand_anywhere_behind_the_user_agent(
    place: Place, tmp_path: Path, behind: str
) -> None:
    place.identity = FRESH
    lines = [line("10.0.0.2", moment=NOW + timedelta(seconds=n)) for n in range(3)]
    told = (f"{LISTED}, 10.1.1.1", STRANGE, LISTED)
    shaped = (
        f"{one.removesuffix(chr(10))} {behind.format(list_)}\n"
        for one, list_ in zip(lines, told, strict=True)
    )
    assert await identities(place, tmp_path, *shaped) == ["verified", "spoofed", "verified"]


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
        listing = json.loads(path.read_bytes())
        assert listing["prefixes"] or listing["url"], path
