"""Numbers, days and times as people write them, in the language that their browser asks for."""

from collections.abc import Callable
from contextvars import ContextVar
from datetime import date, datetime
from functools import lru_cache
from typing import Final

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_timedelta
from babel.numbers import format_decimal, format_percent

from crawlight.kit.accept import languages
from crawlight.kit.clock import now

_ENGLISH: Final = Locale.parse("en")
_MOST_HEADER: Final = 200

_SIZES: Final = ((1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB"), (1, "bytes"))
_SECOND: Final = 1_000
_MINUTE: Final = 60 * _SECOND
_HOUR: Final = 60 * _MINUTE

LOCALE: ContextVar[Locale] = ContextVar("locale", default=_ENGLISH)
"""How the page that is being made writes numbers."""


@lru_cache(maxsize=1000)
def locale_of(accept_language: str) -> Locale:
    """The first known language of an ``Accept-Language`` header (RFC 9110, 12.5.4), else English."""
    for tag in languages(accept_language[:_MOST_HEADER]):
        try:
            return Locale.parse(tag, sep="-")
        except (UnknownLocaleError, ValueError):
            continue
    return _ENGLISH


def number(value: float) -> str:
    """``1,840``."""
    return _decimal(value, LOCALE.get())


@lru_cache(maxsize=4000)
def _decimal(value: float, locale: Locale) -> str:
    # A table of days has hundreds of small numbers, mostly the same.
    return format_decimal(value, locale=locale)


def percent(share: float, digits: int = 1) -> str:
    """A share, 0 to 1, as ``82.6%``."""
    return format_percent(share, f"#,##0.{'#' * digits}%", locale=LOCALE.get())


def change(share: float) -> str:
    """A change against before, as a share: ``+12%``."""
    # All but a few are not all: only where nothing is left it is −100%.
    shown = max(share, -0.99) if share > -1 else share
    pattern = "+#,##0%;−#,##0%" if round(shown, 2) else "#,##0%"
    return format_percent(shown, pattern, locale=LOCALE.get())


def size(octets: int | None) -> str:
    """``18.2 kB``; ``unknown`` where nobody measured."""
    if octets is None:
        return "unknown"
    scale, unit = next((n, name) for n, name in _SIZES if octets >= n or n == 1)
    return f"{format_decimal(octets / scale, '#,##0.#', locale=LOCALE.get())} {unit}"


def duration(milliseconds: int | None) -> str:
    """``87 ms``, ``1.2 s``, ``3 min``, ``5 h``; ``unknown`` where nobody measured."""
    if milliseconds is None:
        return "unknown"
    if milliseconds < _SECOND:
        return f"{number(milliseconds)} ms"
    if milliseconds >= 2 * _MINUTE:
        length, unit = (_HOUR, "h") if milliseconds >= 2 * _HOUR else (_MINUTE, "min")
        return f"{number(round(milliseconds / length))} {unit}"
    return f"{format_decimal(milliseconds / _SECOND, '#,##0.#', locale=LOCALE.get())} s"


def points(change: float) -> str:
    """A change of a percentage: ``+1.2 points``."""
    amount = format_decimal(abs(change), "#,##0.#", locale=LOCALE.get())
    return f"+{amount} points" if change > 0 else f"−{amount} points" if change < 0 else "unchanged"


def day(value: date) -> str:
    """``Nov 24, 2026``."""
    return format_date(value, "medium", locale=LOCALE.get())


def ago(moment: datetime | None) -> str:
    """How long ago, in English as the pages are; ``never`` where there is no moment."""
    if moment is None:
        return "never"
    past = now() - moment
    if past.total_seconds() < 60:
        return "just now"
    return format_timedelta(past, granularity="minute", threshold=1.2, locale=_ENGLISH) + " ago"


FILTERS: Final[dict[str, Callable[..., str]]] = {
    "number": number,
    "percent": percent,
    "size": size,
    "duration": duration,
    "change": change,
    "points": points,
    "day": day,
    "ago": ago,
}
"""What templates have of them, under these names."""


def _is_number(text: str) -> bool:
    return text.count(".") <= 1 and text != "."
