from datetime import date
from urllib.parse import urlsplit

from crawlight.audit import CHECKS
from crawlight.audit.docs import PAGE, page


def test_the_docs_are_those_of_the_checks() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "write them anew: python -m crawlight.audit.docs"


def test_every_check_says_how_to_mend_it_and_why() -> None:
    for check in CHECKS:
        assert check.fix.endswith(".")
        assert 1 <= check.fix.count(". ") + 1 <= 2
        assert not check.title.endswith(".")
        assert urlsplit(check.guidance.url).scheme == "https"
        assert date.fromisoformat(check.guidance.read) <= date(2026, 11, 24)
