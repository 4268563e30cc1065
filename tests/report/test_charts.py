import re
from datetime import date, timedelta
from importlib.resources import files
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlight.bots.keys import NAMED
from crawlight.report.charts import COLOURS, nice, stacked

FIRST = date(2026, 1, 1)


def bars(svg: str) -> list[tuple[str, float, float]]:
    """Colour, left edge and height of each bar."""
    found = re.findall(r'<rect x="([\d.]+)" y="[\d.]+" width="[\d.]+" height="([\d.]+)" fill="(#\w+)"', svg)
    return [(colour, float(x), float(height)) for x, height, colour in found]


@given(st.integers(0, 10**12))
def test_an_axis_ends_at_or_above_the_highest(highest: int) -> None:
    assert max(highest, 4) <= nice(highest) <= 2.5 * max(highest, 4)


@pytest.mark.parametrize("days", [1, 7, 30, 90, 365])
def test_bars_hold_every_crawl(days: int) -> None:
    dates = [FIRST + timedelta(days=n) for n in range(days)]
    series = [[(n + place) % 5 for n in range(days)] for place in range(11)]
    svg = stacked(dates, series)
    ElementTree.fromstring(svg)
    drawn = bars(svg)
    whole = sum(height for _, _, height in drawn)
    for place, counts in enumerate(series):
        share = sum(height for colour, _, height in drawn if colour == COLOURS[place]) / whole
        assert share == pytest.approx(sum(counts) / sum(map(sum, series)), abs=0.002)
    columns = len({x for _, x, _ in drawn})
    assert columns <= 92


def test_no_crawl_is_no_bar() -> None:
    assert bars(stacked([FIRST], [[0]] * 11)) == []


def test_bots_have_the_colours_of_the_dashboard() -> None:
    static = files("crawlight.dashboard.static")
    light = static.joinpath("app.css").read_text(encoding="utf-8").partition("@media")[0]
    series = dict(re.findall(r"--series-(\d+): (#\w+);", light))
    named = dict(
        re.findall(
            r"\.s-(\w+) { background: var\(--series-(\d+)\)",
            static.joinpath("charts.css").read_text(encoding="utf-8"),
        )
    )
    assert list(COLOURS) == [series[named[name]] for name in (*NAMED, "other_social", "other", "no_key")]
