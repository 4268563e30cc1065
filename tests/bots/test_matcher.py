"""Whatever the string: an answer, soon, and always the same one."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawlight.bots.catalogue import load
from crawlight.bots.keys import BOT_KEYS, CATEGORIES
from crawlight.bots.matcher import LIMIT, classify, plain, recognise, weighed
from tests.bots.corpus import corpus

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


FOUND = st.sampled_from([row.user_agent for row in corpus()])
CHANGED = st.builds(
    lambda agent, at, piece, other: agent[:at] + piece + other,
    FOUND,
    st.integers(0, 200),
    st.sampled_from(["", *PIECES]),
    st.one_of(st.just(""), FOUND),
)


def test_short_cuts_lead_to_the_same_answer() -> None:
    for row in corpus():
        assert recognise(row.user_agent) == weighed(plain(row.user_agent)), row.user_agent


@given(st.one_of(CHANGED, HOSTILE))
@settings(max_examples=1000, deadline=None)
def test_short_cuts_lead_to_the_same_answer_for_changed_strings(user_agent: str) -> None:
    text = plain(user_agent)
    assert recognise(text) == weighed(text)


@given(st.integers(0, 0x10FFFF), st.text(max_size=5))
@settings(deadline=None)
def test_any_character_alone(code: int, rest: str) -> None:
    recognise(chr(code) + rest)


SHELLS = [
    "{}", "{}/1.0 (+http://zorg.example)", "{} zorg", "zorg {}", "zorg/{}.", "{}.zorg", "{}zorg", "{} cfnetwork/1",
    "Mozilla/5.0 ({}", "Mozilla/5.0 (compatible; {}; +http://zorg.example)", "Mozilla/5.0 (compatible; {}.zorg",
    "Mozilla/5.0 (compatible; zorg; {}) Electron/1", "Mozilla/5.0 (compatible; {}) Electron/1", "like {}",
]  # fmt: skip


@pytest.mark.parametrize("shell", SHELLS)
def test_short_cuts_lead_to_the_same_answer_for_every_token(shell: str) -> None:
    for token in (token.strip("^*").removeprefix("/") for agent in load().agent for token in agent.tokens):
        text = plain(shell.format(token))
        assert recognise(text) == weighed(text), text


@given(st.sampled_from(PIECES), st.sampled_from(PIECES), st.integers(1, 64 * 1024))
@settings(max_examples=150, deadline=None)
def test_time_is_bounded(piece: str, other: str, length: int) -> None:
    """The bound: 20 ms and 1 µs per character, a hundred times what it takes, for slow machines."""
    hostile = ((piece + other) * (length // len(piece + other) + 1))[:length]
    assert quickest(hostile, rounds=2, calls=1) < 0.02 + length * 1e-6


def quickest(user_agent: str, rounds: int = 5, calls: int = 20) -> float:
    def once() -> float:
        begin = time.thread_time()
        for _ in range(calls):
            recognise(user_agent)
        return time.thread_time() - begin

    return min(once() for _ in range(rounds))


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
