"""Why a crawler got what it got: each word of the code is in the docs, and each word of the docs in the code."""

import ast
from pathlib import Path
from typing import get_args

import crawlight
from crawlight.crawls.crawl import Outcome
from crawlight.errors import STATUS_OF_CODE
from crawlight.rendering.result import FAILURES
from tests.docs.pages import rows, text, words

_SOURCE = Path(crawlight.__file__).parent
_FILES = (*(_SOURCE / "edge").rglob("*.py"), _SOURCE / "rendering" / "service.py")
# The call that makes a decision, and which of its arguments is the reason.
_REASON_OF = {"Nothing": 0, "nothing": 0, "Served": 2, "Snapshot": 1, "Redirect": 1, "File": 1}


def documented(page: str, head: str) -> set[str]:
    found = [word for row in rows(text(page), head) for word in words(row[0])]
    assert len(found) == len(set(found)), f"{page} explains a word twice"
    return set(found)


def decided() -> set[str]:
    """The reasons that stand in the code as literals."""
    calls = (node for file in _FILES for node in ast.walk(ast.parse(file.read_text())))
    found = set[str]()
    for call in calls:
        if not isinstance(call, ast.Call):
            continue
        name = getattr(call.func, "id", getattr(call.func, "attr", ""))
        place = _REASON_OF.get(name, len(call.args))
        if place < len(call.args) and isinstance(call.args[place], ast.Constant):
            found.add(call.args[place].value)
    return found


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
