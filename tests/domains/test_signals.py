import pytest

from crawlight.audit.robots_groups import groups
from crawlight.domains.robots_signals import in_robots_txt, stated_in
from crawlight.domains.signals import UNSAID, Signals, checked
from crawlight.domains.uses import contradictions, operators
from crawlight.errors import UserError

CHOSEN = Signals(search="yes", ai_train="no")
STATED = "Content-Signal: search=yes, ai-train=no\nContent-Usage: train-ai=n, search=y\n"


def test_headers_say_what_was_chosen_and_nothing_else() -> None:
    assert CHOSEN.headers == {
        "content-signal": "search=yes, ai-train=no",
        "content-usage": "train-ai=n, search=y",
    }
    assert Signals(ai_input="yes").headers == {"content-signal": "ai-input=yes"}
    assert UNSAID.headers == {}


@pytest.mark.parametrize(
    "given", [{"train": "no"}, {"search": "maybe"}, {"ai_train": "no"}, {"search": "YES"}]
)
def test_refuses(given: dict[str, str]) -> None:
    with pytest.raises(UserError, match=r"is no signal|yes, no or unsaid"):
        checked(given)
    assert checked({"ai-train": "no", "search": ""}) == Signals(ai_train="no")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", f"User-agent: *\n{STATED}Allow: /\n"),
        ("User-agent: *\nDisallow: /a\n", f"User-agent: *\n{STATED}Disallow: /a\n"),
        (
            "User-agent: GPTBot\nUser-agent: CCBot\nDisallow: /\n\nSitemap: https://example.com/s.xml\n",
            f"User-agent: GPTBot\nUser-agent: CCBot\n{STATED}Disallow: /\n\nSitemap: https://example.com/s.xml\n"
            f"\nUser-agent: *\n{STATED}Allow: /\n",
        ),
        (
            "User-agent: *\ncontent-signal : ai-train=yes\nAllow: /\nContent-Usage: train-ai=y\n",
            f"User-agent: *\n{STATED}Allow: /\n",
        ),
        ("User-agent: *", f"User-agent: *\n{STATED}"),
    ],
)
def test_every_group_of_robots_txt_says_it_once(before: str, after: str) -> None:
    assert in_robots_txt(before, CHOSEN) == after
    assert in_robots_txt(after, CHOSEN) == after
    assert all(("content-signal", "search=yes, ai-train=no") in group.fields for group in groups(after))


def test_line_ends_stay_and_who_says_nothing_changes_nothing() -> None:
    text = "User-agent: *\r\nContent-Signal: search=yes\r\nDisallow: /a\r\n"
    assert in_robots_txt(text, UNSAID) == text
    assert in_robots_txt(text, Signals(ai_train="no")).split("\r\n") == [
        "User-agent: *",
        "Content-Signal: ai-train=no",
        "Content-Usage: train-ai=n",
        "Disallow: /a",
        "",
    ]


def test_what_robots_txt_itself_states() -> None:
    text = "User-agent: *\nContent-Signal: search=yes , AI-train=no, x=y\n"
    text += "\nUser-agent: a\nContent-Signal: ai-train=yes\n"
    assert stated_in(text) == {"search": {"yes"}, "ai-input": set(), "ai-train": {"yes", "no"}}


@pytest.mark.parametrize(
    ("signals", "robots_txt", "told"),
    [
        (Signals(search="yes"), "", ""),
        (Signals(search="yes"), "User-agent: Googlebot\nDisallow: /", "blocks Googlebot"),
        (Signals(search="no"), "User-agent: Googlebot\nDisallow: /", ""),
        (Signals(ai_train="yes"), "User-agent: *\nDisallow: /", " more, and what can't be fetched"),
        (Signals(ai_train="no"), "User-agent: GPTBot\nAllow: /", "allows GPTBot by name"),
        (Signals(ai_train="no"), "User-agent: *\nAllow: /", ""),
        (Signals(ai_input="yes"), "User-agent: *\nContent-Signal: ai-input=no", "itself says ai-input=no"),
        (UNSAID, "User-agent: *\nDisallow: /", ""),
    ],
)
def test_contradictions(signals: Signals, robots_txt: str, told: str) -> None:
    found = contradictions(signals, robots_txt)
    assert len(found) == bool(told)
    assert told in "".join(found)


def test_contradictions_stop_where_there_are_too_many_rules() -> None:
    text = "User-agent: *\nContent-Signal: ai-train=yes\nDisallow: /a\nDisallow: /b\n"
    found = contradictions(Signals(search="yes", ai_train="no"), text, most_work=1)
    assert found == [
        "This file has too many rules to compare all of them with the signals.",
        "ai-train is no here, but robots.txt itself says ai-train=yes.",
    ]


def test_what_operators_say_comes_from_the_catalogue() -> None:
    training = {one.operator: one for one in operators("ai-train")}
    assert "GPTBot" in training["OpenAI"].obeying
    assert all(one.obeying or one.silent for name in ("search", "ai-input") for one in operators(name))
