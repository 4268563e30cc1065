import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from crawlight.analytics.document import BotDay, BotTotals, TopPage, hit_rate, ranked, timestamp
from crawlight.bots.keys import BOT_KEYS, NAMED, OTHER, OTHER_SOCIAL

ORDER = """
googlebot googleextendedbot bingbot openaibot anthropicbot perplexitybot twitterbot facebookbot linkedinbot
slackbot discordbot whatsappbot telegrambot pinterestbot snapchatbot redditbot metabot quorabot social_other
applebot amazonbot baidubot yandexbot duckduckbot bytespiderbot
""".split()  # noqa: SIM905 - as the contract writes it


def test_the_25_keys_stand_in_the_order_of_the_contract() -> None:
    assert list(BOT_KEYS) == ORDER
    assert (len(NAMED), len(OTHER_SOCIAL), len(OTHER)) == (9, 10, 6)
    assert list(json.loads(msgspec.json.encode(BotTotals(*range(25))))) == ORDER
    assert list(json.loads(msgspec.json.encode(BotDay("2026-01-01", *range(25))))) == ["date", *ORDER]


def test_the_hit_rate_of_the_documented_example() -> None:
    assert hit_rate(1520, 320) == 82.6


def test_the_hit_rate_is_a_number_where_there_was_no_answer() -> None:
    assert msgspec.json.encode(hit_rate(0, 0)) == b"0"


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_the_hit_rate_is_rounded_half_up(hits: int, misses: int) -> None:
    exact = Decimal(100 * hits) / (hits + misses) if hits + misses else Decimal(0)
    assert Decimal(str(hit_rate(hits, misses))) == exact.quantize(Decimal("0.1"), ROUND_HALF_UP)


def test_half_a_tenth_goes_up() -> None:
    assert hit_rate(1, 1999) == 0.1
    assert hit_rate(1, 7) == 12.5
    assert hit_rate(5, 11) == 31.3


def test_pages_stand_by_crawls_and_then_by_url() -> None:
    pages = [TopPage(url, None, 0, crawls) for url, crawls in [("b", 1), ("c", 2), ("a", 1)]]
    assert [page.url for page in ranked(pages)] == ["c", "a", "b"]


def test_timestamps_are_utc_with_milliseconds() -> None:
    assert timestamp(datetime(2026, 6, 29, 12, tzinfo=UTC)) == "2026-06-29T12:00:00.000Z"
    east = timezone(timedelta(hours=5, minutes=30))
    assert timestamp(datetime(2026, 6, 29, 1, 2, 3, 456_789, tzinfo=east)) == "2026-06-28T19:32:03.456Z"
