from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlight.kit.periods import PERIODS, Window, window


def test_the_periods_in_order() -> None:
    assert list(PERIODS.items()) == [("1d", 1), ("7d", 7), ("30d", 30), ("90d", 90), ("365d", 365)]


@pytest.mark.parametrize(
    ("period", "generated_at", "first", "last"),
    [
        # The first and the last moment of a UTC day have the same window.
        ("1d", "2026-06-29T00:00:00+00:00", "2026-06-29", "2026-06-29"),
        ("1d", "2026-06-29T23:59:59.999999+00:00", "2026-06-29", "2026-06-29"),
        ("1d", "2026-06-30T00:00:00+00:00", "2026-06-30", "2026-06-30"),
        ("30d", "2026-06-29T12:00:00+00:00", "2026-05-31", "2026-06-29"),
        # Turn of month and year.
        ("7d", "2026-03-01T08:00:00+00:00", "2026-02-23", "2026-03-01"),
        ("30d", "2027-01-01T00:00:00+00:00", "2026-12-03", "2027-01-01"),
        # Leap days.
        ("7d", "2028-03-01T08:00:00+00:00", "2028-02-24", "2028-03-01"),
        ("1d", "2028-02-29T08:00:00+00:00", "2028-02-29", "2028-02-29"),
        ("365d", "2028-02-29T08:00:00+00:00", "2027-03-02", "2028-02-29"),
        ("365d", "2026-12-31T08:00:00+00:00", "2026-01-01", "2026-12-31"),
        ("365d", "2028-12-31T08:00:00+00:00", "2028-01-02", "2028-12-31"),
        # The day is the one of UTC, wherever the clock stands.
        ("1d", "2026-06-30T01:30:00+02:00", "2026-06-29", "2026-06-29"),
        ("1d", "2026-06-28T20:00:00-05:00", "2026-06-29", "2026-06-29"),
    ],
)
def test_windows(period: str, generated_at: str, first: str, last: str) -> None:
    expected = Window(date.fromisoformat(first), date.fromisoformat(last))
    assert window(period, datetime.fromisoformat(generated_at)) == expected


@given(
    st.sampled_from(sorted(PERIODS)),
    st.datetimes(datetime(2001, 1, 1), datetime(2200, 1, 1)),
    st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes))),
)
def test_any_window(period: str, moment: datetime, zone: timezone) -> None:
    generated_at = moment.replace(tzinfo=zone)
    found = window(period, generated_at)
    dates = found.dates()
    assert len(dates) == found.days == PERIODS[period]
    assert dates == sorted(set(dates))
    assert (dates[0], dates[-1]) == (found.first, found.last)
    assert found.last == generated_at.astimezone(UTC).date()


def test_daylight_saving_makes_no_difference() -> None:
    before = datetime(2026, 3, 29, 0, 30, tzinfo=UTC).astimezone(ZoneInfo("Europe/Berlin"))
    after = datetime(2026, 3, 29, 1, 30, tzinfo=UTC).astimezone(ZoneInfo("Europe/Berlin"))
    assert before.utcoffset() != after.utcoffset()
    assert window("7d", before) == window("7d", after)
    assert window("7d", after).days == 7


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        window("1d", datetime(2026, 6, 29))


@pytest.mark.parametrize("period", ["", "30D", "2d", "30"])
def test_an_unknown_period_is_refused(period: str) -> None:
    with pytest.raises(KeyError):
        window(period, datetime(2026, 6, 29, tzinfo=UTC))


def test_the_window_before_is_as_long_and_ends_the_day_before() -> None:
    days = Window(date(2026, 2, 27), date(2026, 3, 2))
    assert days.before == Window(date(2026, 2, 23), date(2026, 2, 26))
    assert days.before.days == days.days
