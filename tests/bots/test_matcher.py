"""Whatever the string: an answer, soon, and always the same one."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawlight.bots.keys import BOT_KEYS, CATEGORIES
from crawlight.bots.matcher import LIMIT, classify, recognise

PIECES = [
    "Mozilla/5.0 (", "compatible; ", "bot", "Googlebot/2.1", "like ", "http://", "https://a.b/", "www.", "@", "a@b.cc",
    ");", "(", " ", "+", "/", ".", "-", "\ud800", "\x00", "İ", "\u202f", "spider", "android ", "msie ", "aaaaaaaa",
    "%20", "Facebot Twitterbot", "yandex", "curl/7", "cfnetwork/", "\t", '"', "🤖", "compatible;compatible;", "crawl",
]  # fmt: skip
HOSTILE = st.lists(st.sampled_from(PIECES), max_size=400).map("".join)


@given(st.one_of(st.text(max_size=400), HOSTILE))
@settings(max_examples=400, deadline=None)
def test_every_string_has_an_answer(user_agent: str) -> None:
    agent = recognise(user_agent)
    assert agent == classify(user_agent)
    if agent:
        assert agent.category in CATEGORIES
        assert agent.key is None or agent.key in BOT_KEYS
        assert 0 < len(agent.name) <= 60
        assert agent.name.isprintable()
        assert agent.name.isascii()


@given(st.integers(0, 0x10FFFF), st.text(max_size=5))
@settings(deadline=None)
def test_any_character_alone(code: int, rest: str) -> None:
    recognise(chr(code) + rest)


@given(st.sampled_from(PIECES), st.sampled_from(PIECES), st.integers(1, 64 * 1024))
@settings(max_examples=150, deadline=None)
def test_time_is_bounded(piece: str, other: str, length: int) -> None:
    """The bound: 20 ms and 1 µs per character, a hundred times what it takes, for slow machines."""
    hostile = ((piece + other) * (length // len(piece + other) + 1))[:length]
    begin = time.process_time()
    recognise(hostile)
    assert time.process_time() - begin < 0.02 + length * 1e-6


def quickest(user_agent: str) -> float:
    def once() -> float:
        begin = time.process_time()
        for _ in range(20):
            recognise(user_agent)
        return time.process_time() - begin

    return min(once() for _ in range(5))


@pytest.mark.parametrize(
    "piece", ["bot", "compatible; a", "http://a", "a@b.", "googlebot ", "(android bot ", "-a.com"]
)
def test_twice_the_length_takes_at_most_about_twice_the_time(piece: str) -> None:
    half, whole = (piece * LIMIT)[: LIMIT // 2], (piece * LIMIT)[:LIMIT]
    assert quickest(whole) < 3.5 * quickest(half) + 0.002


def test_only_the_start_of_a_long_string_counts() -> None:
    assert recognise("GPTBot " + "x" * 100_000)
    assert recognise("Mozilla/5.0 " + "x" * LIMIT + " GPTBot") is None


def test_invalid_text() -> None:
    broken = b"Mozilla/5.0 (compatible; \xff\xfe GPTBot/1.0)".decode("utf-8", "surrogateescape")
    agent = classify(broken)
    assert agent
    assert agent.name == "GPTBot"


def test_control_characters_stay_out_of_names() -> None:
    agent = classify("Evil\x1b[31m\tname\x07 (+http://x.example)")
    assert agent
    assert agent.name.isprintable()
