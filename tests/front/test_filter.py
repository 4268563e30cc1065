"""Who is asked about: no crawler that has a key passes by, whatever else it says; hardly any person is asked about."""

from crawlight.front.filter import words
from tests.bots.corpus import corpus


def has_word(user_agent: str) -> bool:
    return any(word in user_agent for word in words())


def test_no_crawler_with_a_key_passes_by() -> None:
    keyed = [row for row in corpus() if row.label not in ("human", "other_bot")]
    assert len(keyed) > 100
    assert [row.user_agent for row in keyed if not has_word(row.user_agent)] == []


def test_of_other_crawlers_few_do() -> None:
    """They do if they also say ``Sec-Fetch-Mode``, as only those do that drive a browser."""
    others = [row.user_agent for row in corpus() if row.label == "other_bot"]
    assert sum(map(has_word, others)) > 0.8 * len(others)


def test_hardly_a_browser_of_today_has_a_word() -> None:
    people = [row.user_agent for row in corpus() if row.label == "human"]
    # The sample in the repository holds those that are hardest to tell.
    assert sum(map(has_word, people)) < 0.1 * len(people)


def test_caddy_has_few_words_to_look_for() -> None:
    assert len(words()) < 120
