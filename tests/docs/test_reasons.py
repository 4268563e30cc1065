"""Why a crawler got what it got: each word of the code is in the docs, and each word of the docs in the code."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import crawlight
from crawlight.crawls.crawl import Outcome
from crawlight.domains.failures import FAILURES
from crawlight.errors import STATUS_OF_CODE
from tests.docs.pages import rows, text, words

_SOURCE = Path(crawlight.__file__).parent
_FILES = (*(_SOURCE / "edge").rglob("*.py"), _SOURCE / "rendering" / "service.py")
# The calls that make a decision, and which of their arguments is the reason; elsewhere it is given by name.
_REASON_OF = {"Nothing": 0, "nothing": 0, "_nothing": 0}
_REASON_OF |= dict.fromkeys(("File", "Redirect", "Snapshot"), 1) | {"Served": 2}


def documented(page: str, head: str) -> set[str]:
    found = [word for row in rows(text(page), head) for word in words(row[0])]
    assert len(found) == len(set(found)), f"{page} explains a word twice"
    return set(found)


def decided() -> set[str]:
    """The reasons that stand in the code as literals."""
    calls = (node for file in _FILES for node in ast.walk(ast.parse(file.read_text())))
    return {word for call in calls if isinstance(call, ast.Call) for word in reasons(call)}


def reasons(call: ast.Call) -> Iterator[str]:
    place = _REASON_OF.get(getattr(call.func, "id", getattr(call.func, "attr", "")), len(call.args))
    given = [*call.args[place : place + 1], *(one.value for one in call.keywords if one.arg == "reason")]
    for value in given:
        branches = (value.body, value.orelse) if isinstance(value, ast.IfExp) else (value,)
        yield from (str(one.value) for one in branches if isinstance(one, ast.Constant) and one.value)


def test_every_reason_of_an_answer_is_explained() -> None:
    beside = {"not_recorded"}  # added behind another
    told = documented("docs/integrations.md", "`x-crawlight-reason`")
    assert told == decided() | beside


def test_every_outcome_is_explained() -> None:
    assert documented("docs/integrations.md", "`x-crawlight-outcome`") == set(get_args(Outcome))


def test_every_reason_why_a_page_is_not_rendered_is_explained() -> None:
    assert documented("docs/rendering.md", "reason") == set(FAILURES)


def test_refusals_are_no_reasons_of_decisions() -> None:
    assert not (decided() - {"unavailable", "internal_error"}) & set(STATUS_OF_CODE)
