"""HTML that no parser can bear is left out, with an issue: as little of it as will do."""

import asyncio

from crawlight.audit import Audit, PageInputs
from crawlight.audit.sparing import audit_confined
from tests.audit.pages import URL, html
from tests.kit.test_confined import DEEP, MANY_COPIES


def spared(document: str, raw: str | None = None, **inputs: object) -> Audit:
    given = {"url": URL, "status": 200, "html": document, "raw_html": raw, **inputs}
    return asyncio.run(audit_confined(PageInputs(**given)))  # type: ignore[arg-type]


def test_a_page_of_which_nothing_can_be_read_is_poor_and_says_why() -> None:
    result = spared(MANY_COPIES)
    (issue,) = result.issues
    assert (issue.check, issue.severity) == ("document-structure", "error")
    assert issue.found == "The HTML takes too much time or memory to read; nothing of it is judged."
    assert (result.score, result.indexable) == (49, True)


def test_what_can_be_said_without_html_is_said() -> None:
    result = spared(DEEP, MANY_COPIES, status=404, headers={"X-Robots-Tag": "noindex"})
    assert [issue.check for issue in result.issues] == ["http-status", "robots-header", "document-structure"]
    assert not result.indexable


def test_a_page_whose_raw_html_alone_is_too_much_is_judged_by_what_a_browser_made_of_it() -> None:
    result = spared(html(), DEEP, robots_txt="User-agent: *\nAllow: /")
    (issue,) = result.issues
    assert issue.check == "document-structure"
    assert issue.found.startswith("The HTML that the site ships takes too much")
    assert result.score == 100 - issue.weight
    assert result.facts.title.startswith("Blue kettles")
