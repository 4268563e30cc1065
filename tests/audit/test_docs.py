from datetime import date
from urllib.parse import urlsplit

from crawlight.audit import CHECKS
from crawlight.audit.docs import PAGE, page
from crawlight.audit.guidance import COMPARED, WRITTEN


def test_the_docs_are_those_of_the_checks() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "write them anew: python -m crawlight.audit.docs"


def test_every_check_says_how_to_mend_it_and_why() -> None:
    for check in CHECKS:
        assert check.fix.endswith(".")
        assert 1 <= check.fix.count(". ") + 1 <= 2
        assert not check.title.endswith(".")
        assert urlsplit(check.guidance.url).scheme == "https"
        assert not check.guidance.compared or check.guidance.compared >= WRITTEN


def test_days_are_named_of_guidance_that_checks_are_based_on() -> None:
    assert set(COMPARED) <= {check.guidance.url for check in CHECKS}
    assert all(date.fromisoformat(day) <= date.today() for day in COMPARED.values())
