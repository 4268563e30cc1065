"""The one owner of the window rule: which days a period holds."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

PERIODS: Final[Mapping[str, int]] = {"1d": 1, "7d": 7, "30d": 30, "90d": 90, "365d": 365}
"""Every period that can be asked for, with its number of days."""


@dataclass(frozen=True, slots=True)
class Window:
    """The UTC calendar days from ``first`` to ``last``, both included.

    ``kept`` is the first day of which single crawls are kept, where that is not every day.
    """

    first: date
    last: date
    kept: date | None = None

    @property
    def days(self) -> int:
        """Number of days, at least 1."""
        return (self.last - self.first).days + 1

    @property
    def before(self) -> "Window":
        """The equal number of days just before this window."""
        return Window(self.first - timedelta(days=self.days), self.first - timedelta(days=1), self.kept)

    @property
    def singles(self) -> "Window":
        """Those of its days of which single crawls are kept."""
        return self if self.has_singles else Window(self.kept or self.first, self.last, self.kept)

    @property
    def has_singles(self) -> bool:
        """Whether single crawls of all its days are kept."""
        return self.kept is None or self.kept <= self.first

    @property
    def kept_days(self) -> int:
        """Days up to the last one of which single crawls are kept; 0 where that is every day."""
        return (self.last - self.kept).days + 1 if self.kept else 0

    def dates(self) -> list[date]:
        """Every day, oldest first."""
        return [self.first + timedelta(days=n) for n in range(self.days)]


def window(period: str, generated_at: datetime) -> Window:
    """Return the N UTC calendar days of ``Nd`` that end with the day of ``generated_at``, today included.

    ``generated_at`` may be in any zone, but must have one (ValueError); an unknown period is a KeyError.
    """
    if generated_at.tzinfo is None:
        raise ValueError("generated_at has no time zone")
    last = generated_at.astimezone(UTC).date()
    return Window(last - timedelta(days=PERIODS[period] - 1), last)
