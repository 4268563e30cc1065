"""Dates in the formats that ``unavailable_after`` takes: RFC 822, RFC 850 and ISO 8601."""

import re
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_SPACED_OFFSET = re.compile(r"\s+(?=[+-]\d\d:?\d\d$|Z$)")


def parsed_date(text: str) -> datetime | None:
    """The moment that a text names, in UTC where it names no time zone; None where it is no date."""
    written = text.strip()[:100].upper()
    with suppress(ValueError, OverflowError):
        return _aware(datetime.fromisoformat(_SPACED_OFFSET.sub("", written)))
    for given in (written, f"{written} 00:00:00"):
        with suppress(ValueError, TypeError, IndexError, OverflowError):
            return _aware(parsedate_to_datetime(given))
    return None


def _aware(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
