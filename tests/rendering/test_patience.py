"""Patience with origins that ask for a pause: how long it is, and what ends it."""

import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from crawlight.rendering.patience import Patience, seconds_of


def test_a_pause_doubles_as_long_as_the_origin_keeps_asking() -> None:
    patience = Patience()
    assert [patience.note(1, 503, "") for _ in range(3)] == [15, 30, 60]
    assert patience.note(2, 429, "") == 15
    assert patience.note(3, 500, "") == 0
    assert patience.slowed() == [1, 2]


def test_no_pause_is_longer_than_an_hour() -> None:
    patience = Patience()
    assert patience.note(1, 429, "86400") == 3_600
    assert max(patience.note(2, 503, "") for _ in range(12)) == 3_600


def test_an_answer_ends_the_pause_unless_its_render_began_before() -> None:
    patience, before = Patience(), time.monotonic()
    patience.note(1, 429, "60")
    patience.forget(1, before - 1)
    assert patience.slowed() == [1]
    patience.forget(1, time.monotonic())
    assert patience.slowed() == []
    assert patience.note(1, 429, "") == 15


@pytest.mark.parametrize(
    ("text", "seconds"), [("120", 120), (" 7 ", 7), ("", 0), ("soon", 0), ("-5", 0), ("1e3", 0)]
)
def test_retry_after_in_seconds(text: str, seconds: float) -> None:
    assert seconds_of(text) == seconds


def test_retry_after_as_a_date() -> None:
    later = datetime.now(UTC) + timedelta(seconds=90)
    assert 85 < seconds_of(format_datetime(later, usegmt=True)) <= 90
    assert seconds_of("Thu, 01 Jan 1998 00:00:00 GMT") == 0
