"""A log whose addresses are a proxy's is not taken before somebody has looked at it."""

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawlight.bots.catalogue import by_name
from crawlight.bots.identity import Identity
from crawlight.bots.lists import AddressList, Ranges
from crawlight.errors import UserError
from crawlight.ingest.importing import Imported
from tests.ingest.conftest import Place
from tests.ingest.test_identity import NOW, line

pytestmark = pytest.mark.anyio

BOTS = {
    "Googlebot": ("google-common-crawlers", "66.249.66.0/24", "Mozilla/5.0 (compatible; Googlebot/2.1)"),
    "bingbot": ("bingbot", "40.77.167.0/24", "Mozilla/5.0 (compatible; bingbot/2.0)"),
    "GPTBot": ("openai-gptbot", "20.171.206.0/24", "GPTBot/1.3"),
    "ClaudeBot": ("anthropic", "216.73.216.0/24", "ClaudeBot/1.0"),
}
LISTS = [
    AddressList(name, bot, True, "made for this test", "", NOW, NOW, (prefix,))
    for bot, (name, prefix, _) in BOTS.items()
]
AGENTS = {bot: agent for bot in BOTS if (agent := by_name(bot))}
IDENTITY = Identity(Ranges(LISTS), clock=(NOW + timedelta(days=1)).timestamp)


def own(bot: str, last: int = 7) -> str:
    return BOTS[bot][1].replace("0/24", str(last))


def crawls(*some: tuple[str, str, int]) -> str:
    """Lines of bots from addresses, so many of each."""
    return "".join(
        line(address, BOTS[bot][2], NOW + timedelta(seconds=place), f"/{place}")
        for bot, address, number in some
        for place in range(number)
    )


async def taken(place: Place, path: Path, text: str, **options: object) -> Imported:
    place.identity = IDENTITY
    path.write_text(text)
    return await place.import_file(path, **options)


async def test_all_from_a_proxy_stops_before_anything_is_written(place: Place, tmp_path: Path) -> None:
    path = tmp_path / "access.log"
    before = await place.traces()
    text = crawls(*((bot, "10.0.0.2", 301) for bot in BOTS))
    with pytest.raises(UserError) as stopped:
        await taken(place, path, text)
    told = str(stopped.value)
    assert (
        "all 1,204 crawls come from 10.0.0.2, the address of a proxy, and the log does not name the visitors"
        in told
    )
    for help_ in (
        "nginx, Apache and Caddy",
        "CRAWLIGHT_TRUSTED_PROXIES",
        "--anyway",
        "Nothing of it was counted",
    ):
        assert help_ in told
    assert await place.traces() == before
    imported = await taken(place, path, text, anyway=True)
    assert imported.staged.identities == {(bot, "unchecked"): 301 for bot in BOTS}
    assert "10.0.0.2" in imported.notes[0]
    assert place.services.store.command("SELECT sum(crawls) FROM daily") == 1204


async def test_an_unknown_proxy_refutes_nobody_where_it_is_taken_anyway(place: Place, tmp_path: Path) -> None:
    path = tmp_path / "access.log"
    mixed = [(bot, "93.184.216.34", 30) for bot in BOTS]
    text = crawls(*mixed, ("GPTBot", own("GPTBot"), 2), ("GPTBot", "9.9.9.9", 1))
    before = await place.traces()
    with pytest.raises(UserError, match=r"come from 93\.184\.216\.34, which looks like a proxy"):
        await taken(place, path, text)
    assert await place.traces() == before
    imported = await taken(place, path, text, anyway=True)
    assert imported.staged.identities["Googlebot", "unchecked"] == 30
    assert imported.staged.identities["GPTBot", "verified"] == 2
    assert imported.staged.identities.total() == 123
    assert place.services.store.command("SELECT countIf(identity = 'spoofed') FROM records") == 1
    again = await taken(place, path, text)
    assert (again.staged.lines, again.already) == (0, 123)


async def test_a_bot_of_which_most_would_be_spoofed(place: Place, tmp_path: Path) -> None:
    path = tmp_path / "access.log"
    text = crawls(
        *(("Googlebot", f"9.9.9.{n + 1}", 1) for n in range(20)), ("Googlebot", own("Googlebot"), 9)
    )
    with pytest.raises(UserError, match="20 of 29 crawls of Googlebot come from addresses that are not"):
        await taken(place, path, text)
    dry = await taken(place, path, text, anyway=True)
    assert dry.staged.identities == {("Googlebot", "unchecked"): 20, ("Googlebot", "verified"): 9}


async def test_impostors_among_crawlers_are_told_apart(place: Place, tmp_path: Path) -> None:
    """A thousand crawls: from crawlers, behind a proxy, without their ends, of some impostors."""
    text = crawls(
        *((bot, own(bot), 200) for bot in BOTS),
        *((bot, "10.0.0.2", 20) for bot in BOTS),
        *((bot, own(bot, 0), 10) for bot in BOTS),
        *((bot, "9.9.9.0", 10) for bot in BOTS),
        *((bot, "9.9.9.9", 10) for bot in BOTS),
    )
    imported = await taken(place, tmp_path / "access.log", text)
    assert imported.notes == []
    for bot in BOTS:
        found = {said: imported.staged.identities[bot, said] for said in ("verified", "unchecked", "spoofed")}
        assert found == {"verified": 210, "unchecked": 30, "spoofed": 10}
    assert place.services.store.command("SELECT sum(crawls) FROM daily") == 960


PROXIES = st.sampled_from(["10.0.0.2", "127.0.0.1", "100.64.0.9", "192.168.7.7", "169.254.1.1"])
VISITS = st.lists(
    st.tuples(
        st.sampled_from(sorted(BOTS)),
        st.one_of(st.ip_addresses(v=4).map(str), st.sampled_from([own(bot) for bot in BOTS])),
        st.integers(1, 3),
    ),
    min_size=1,
    max_size=8,
)


@given(VISITS, PROXIES, st.booleans())
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_adding_a_proxy_in_front_never_lowers_the_crawls(
    visits: list[tuple[str, str, int]], proxy: str, passes: bool
) -> None:
    """What counts as a crawl is what is not spoofed; judged as the import judges distinct chains."""

    def counted(proxied: bool) -> int:
        number = 0
        for bot, address, times in visits:
            chain = (f"{address}, {proxy}" if passes else proxy) if proxied else address
            agent = AGENTS[bot]
            number += times * (
                IDENTITY.judge(agent, IDENTITY.visitor(chain), IDENTITY.clock()).identity != "spoofed"
            )
        return number

    assert counted(True) >= counted(False)
