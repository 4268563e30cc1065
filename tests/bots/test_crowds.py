"""When crawls come from where no crawler is."""

from collections import Counter

import pytest

from crawlight.bots.addresses import Address
from crawlight.bots.crowds import Crowd, crowd_of, doubtful
from crawlight.bots.visitors import is_global

THREE = ("Googlebot", "bingbot", "GPTBot")


def crowd(places: dict[tuple[str, str], int], verified: dict[str, int] | None = None) -> Crowd | None:
    totals = Counter(verified or {})
    for (agent, _), number in places.items():
        totals[agent] += number
    return crowd_of(places, totals, private)


def private(address: Address) -> bool:
    return not is_global(address)


def test_all_from_one_proxy() -> None:
    found = crowd({(bot, "10.0.0.2"): 400 for bot in THREE} | {("Applebot", "10.0.0.2"): 4})
    assert found == Crowd(("10.0.0.2",), 1204, 1204, True)
    assert str(found) == "all 1,204 crawls come from 10.0.0.2, the address of a proxy"


def test_nearly_all_from_several_of_an_unknown_network() -> None:
    found = crowd({(bot, f"93.184.216.{n + 1}"): 10 for bot in THREE for n in range(5)}, {"Googlebot": 5})
    assert found == Crowd(tuple(f"93.184.216.{n + 1}" for n in range(5)), 150, 155, False)
    assert str(found) == (
        "150 of 155 crawls come from 93.184.216.1, 93.184.216.2, 93.184.216.3 and 2 more, which look like proxies"
    )


@pytest.mark.parametrize(
    ("places", "verified"),
    [
        ({}, {}),
        ({(bot, "10.0.0.2"): 3 for bot in THREE}, {}),
        ({(bot, "10.0.0.2"): 100 for bot in THREE[:2]}, {}),
        ({(bot, "10.0.0.2"): 100 for bot in ("Googlebot", "AdsBot-Google", "Google-Agent")}, {}),
        ({(bot, f"9.9.{number}.9"): 100 for number, bot in enumerate(THREE)}, {}),
        ({(bot, "10.0.0.2"): 8 for bot in THREE}, dict.fromkeys(THREE, 2)),
        ({(bot, "9.9.9.9"): 20 for bot in ("Applebot", "Amazonbot", "GPTBot")}, {"Googlebot": 100}),
        ({(bot, ""): 100 for bot in THREE}, {}),
        ({(bot, "203.0.113.7"): 100 for bot in THREE}, {}),
        ({(bot, "8.8.8.0"): 100 for bot in THREE}, {}),
    ],
    ids=[
        "nothing",
        "too few crawls",
        "two operators",
        "three bots of one operator",
        "an address of its own each",
        "crawls that are verified beside them",
        "one impostor with many names among others",
        "no addresses at all",
        "an example's address",
        "addresses without their ends",
    ],
)
def test_no_crowd(places: dict[tuple[str, str], int], verified: dict[str, int]) -> None:
    assert crowd(places, verified) is None


def test_a_bot_is_doubtful_where_more_than_half_would_be_impostors() -> None:
    assert doubtful({("Googlebot", "spoofed"): 11, ("Googlebot", "verified"): 10}) == [("Googlebot", 11, 21)]
    assert doubtful({("Googlebot", "spoofed"): 10, ("Googlebot", "verified"): 10}) == []
    assert doubtful({("Googlebot", "spoofed"): 9}) == []
