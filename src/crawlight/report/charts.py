"""Charts of the report as SVG: nothing but shapes and text, so that they stay sharp on paper."""

from collections.abc import Sequence
from datetime import date
from html import escape
from typing import Final

COLOURS: Final = (
    "#3b5bdb",
    "#1c8ed9",
    "#12a594",
    "#0d7f5f",
    "#e5720b",
    "#a13ec7",
    "#8d5b3c",
    "#d6336c",
    "#7a8f00",
    "#b58900",
    "#8792a6",
    "#c5cbd6",
)
"""One for each of the nine named keys, *Other social*, *Other*, and crawls without a key; as in the dashboard."""

_WIDTH: Final = 680
_HEIGHT: Final = 190
_LEFT: Final = 46
_BOTTOM: Final = 22
_TOP: Final = 8
_MOST_BARS: Final = 92
_WEEK: Final = 7


def stacked(days: Sequence[date], series: Sequence[Sequence[int]]) -> str:
    """Stacked bars, one per day, or one per seven days where there are many; colours in the order of the series."""
    step = bar_days(len(days))
    # From the end, so that the last bar is whole.
    starts = sorted({max(0, end - step) for end in range(len(days), 0, -step)})
    ends = [*starts[1:], len(days)]
    bars = [[sum(one[a:b]) for one in series] for a, b in zip(starts, ends, strict=True)]
    top = nice(max((sum(bar) for bar in bars), default=0))
    parts = [*_grid(top), *_bars(bars, top), *_dates([days[a] for a in starts])]
    label = f"Crawls per {'day' if step == 1 else 'week'}, by bot"
    return f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{label}" class="chart">{"".join(parts)}</svg>'


def bar_days(days: int) -> int:
    """Days that one bar stands for."""
    return 1 if days <= _MOST_BARS else _WEEK


def share_bar(parts: Sequence[tuple[int, str]]) -> str:
    """Shares of a whole as one bar; each with its colour."""
    whole, at, drawn = sum(count for count, _ in parts) or 1, 0.0, []
    for count, colour in parts:
        width = 680 * count / whole
        drawn.append(f'<rect x="{at:.1f}" width="{width:.1f}" height="10" fill="{colour}"/>')
        at += width
    frame = 'viewBox="0 0 680 10" preserveAspectRatio="none" class="share" aria-hidden="true"'
    return f"<svg {frame}>{''.join(drawn)}</svg>"


def nice(highest: int) -> int:
    """The end of an axis: 1, 2, 4, 5 or 8 times a power of ten, at least 4."""
    power = 1
    while True:
        for factor in (1, 2, 4, 5, 8):
            if factor * power >= max(highest, 4):
                return factor * power
        power *= 10


def _grid(top: int) -> list[str]:
    lines = []
    for quarter in range(5):
        value = top * quarter / 4
        y = _y(value, top)
        text = f"{value:,.0f}" if value == int(value) else ""
        lines.append(f'<line x1="{_LEFT}" x2="{_WIDTH}" y1="{y:.1f}" y2="{y:.1f}" class="grid"/>')
        lines.append(f'<text x="{_LEFT - 6}" y="{y + 3:.1f}" text-anchor="end">{text}</text>')
    return lines


def _bars(bars: Sequence[Sequence[int]], top: int) -> list[str]:
    slot = (_WIDTH - _LEFT) / max(1, len(bars))
    width = min(slot * 0.78, 44)
    drawn = []
    for number, bar in enumerate(bars):
        x, below = _LEFT + number * slot + (slot - width) / 2, 0
        for colour, count in zip(COLOURS, bar, strict=False):
            if count:
                y, foot = _y(below + count, top), _y(below, top)
                shape = f'x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{foot - y:.2f}"'
                drawn.append(f'<rect {shape} fill="{colour}"/>')
                below += count
    return drawn


def _dates(days: Sequence[date]) -> list[str]:
    slot = (_WIDTH - _LEFT) / max(1, len(days))
    every = max(1, -(-len(days) // 9))
    return [
        f'<text x="{_LEFT + (number + 0.5) * slot:.1f}" y="{_HEIGHT - 6}" text-anchor="middle">'
        f"{escape(f'{day:%-d %b}')}</text>"
        for number, day in enumerate(days)
        if number % every == every // 2
    ]


def _y(value: float, top: int) -> float:
    return _HEIGHT - _BOTTOM - (_HEIGHT - _BOTTOM - _TOP) * value / top
