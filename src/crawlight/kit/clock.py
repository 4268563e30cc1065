"""The one place that asks for the time, always in UTC."""

from datetime import UTC, datetime


def now() -> datetime:
    """Now, with microseconds, in UTC."""
    return datetime.now(UTC)
