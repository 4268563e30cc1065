"""Of a domain's certificates, with and without ``www.``, the worse one is told."""

from datetime import UTC, datetime

from crawlight.domains.front_states import _worst
from crawlight.domains.pointing import Certificate

SOON = Certificate(datetime(2026, 12, 1, tzinfo=UTC))
LATE = Certificate(datetime(2027, 3, 1, tzinfo=UTC))
BROKEN = Certificate(problem="it is for another name")


def test_the_one_that_ends_first() -> None:
    assert _worst([SOON, LATE]) == _worst([LATE, SOON]) == SOON


def test_one_with_a_problem_before_any_that_is_valid() -> None:
    assert _worst([SOON, BROKEN]) == _worst([BROKEN, LATE]) == BROKEN


def test_none_where_nothing_points_here() -> None:
    assert _worst([]) == Certificate()
