"""How many crawlers are named right, and how many people are left alone; written to reports/bots-accuracy.txt."""

import re
from collections.abc import Callable, Iterable

import pytest

from crawlight.bots import matcher, strangers
from crawlight.bots.catalogue import Agent, load
from crawlight.bots.matcher import recognise
from crawlight.bots.patterns import Finder
from tests.bots.corpus import PART, ROOT, Row, corpus, read

Score = dict[str, tuple[int, int]]
REPORT = ROOT / "reports/bots-accuracy.txt"


def is_right(agent: Agent | None, label: str) -> bool:
    if label == "human":
        return agent is None
    return agent is not None and agent.key == (None if label == "other_bot" else label)


def score(rows: Iterable[Row], change: Callable[[str], str] = str) -> Score:
    """Right and all, for crawlers with a key, other crawlers (recognised at all), and people (left alone)."""
    counts = {"keyed": [0, 0], "other": [0, 0], "people": [0, 0]}
    for row in rows:
        kind = {"human": "people", "other_bot": "other"}.get(row.label, "keyed")
        agent = recognise(change(row.user_agent))
        counts[kind][0] += agent is not None if kind == "other" else is_right(agent, row.label)
        counts[kind][1] += 1
    return {kind: (right, total) for kind, (right, total) in counts.items()}


def share(score: Score, kind: str) -> float:
    right, total = score[kind]
    return right / total


def worded(name: str, score: Score) -> str:
    parts = [f"{kind} {right}/{total} ({right / total:.2%})" for kind, (right, total) in score.items()]
    return f"{name:28} {'  '.join(parts)}\n"


VARIANTS: dict[str, Callable[[str], str]] = {
    "as found": str,
    "lower case": str.lower,
    "upper case": str.upper,
    "+ for spaces": lambda ua: ua.replace(" ", "+"),
    "%20 for spaces": lambda ua: ua.replace(" ", "%20"),
    "quoted": lambda ua: f'"{ua}"',
    "with a suffix": lambda ua: ua + " (abc)",
    "other versions": lambda ua: re.sub(r"(?<=/)\d+", "97", ua),
}


@pytest.fixture(scope="module")
def report() -> Iterable[list[str]]:
    lines: list[str] = []
    yield lines
    REPORT.parent.mkdir(exist_ok=True)
    misses = [f"{row.label:18} {row.user_agent}\n" for row in corpus() if not known(row)]
    text = [
        "Crawlers named, corpus of ",
        f"{len(corpus())} user agents\n\n",
        *lines,
        "\nNot right:\n",
        *misses,
    ]
    REPORT.write_text("".join(text), encoding="utf-8")


def known(row: Row) -> bool:
    agent = recognise(row.user_agent)
    return agent is not None if row.label == "other_bot" else is_right(agent, row.label)


@pytest.mark.parametrize("variant", VARIANTS)
def test_accuracy(variant: str, report: list[str]) -> None:
    found = score(corpus(), VARIANTS[variant])
    report.append(worded(variant, found))
    assert share(found, "keyed") >= 0.998
    assert share(found, "other") >= 0.98
    assert 1 - share(found, "people") <= 0.0002


def test_small_corpus_too(report: list[str]) -> None:
    found = score(read(PART))
    report.append(worded("part kept with the tests", found))
    assert share(found, "keyed") >= 0.998
    assert share(found, "other") >= 0.98
    assert share(found, "people") == 1


def test_rules_alone(report: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """With every crawler without a key struck from the catalogue, libraries aside, its words still give it away."""
    kept = tuple(agent for agent in load().agent if agent.key or agent.category == "library")
    finder = Finder(kept)
    monkeypatch.setattr(matcher, "finder", lambda: finder)
    monkeypatch.setattr(strangers, "finder", lambda: finder)
    found = score(corpus())
    report.append(worded("rules alone", found))
    assert share(found, "keyed") >= 0.998
    assert share(found, "other") >= 0.88
    assert 1 - share(found, "people") <= 0.0002
