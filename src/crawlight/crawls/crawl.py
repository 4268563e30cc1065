"""The record: one row for everything seen, as the spool carries it and the events store keeps it."""

from typing import Final, Literal

Kind = Literal["crawl", "render", "robots", "library", "referral"]
Identity = Literal["none", "verified", "unverifiable", "unchecked", "spoofed"]
Outcome = Literal["none", "hit", "miss", "passthrough", "redirect", "blocked"]
Source = Literal["render", "proxy", "event", "import"]

RECORD_COLUMNS: Final = (
    "domain_id",
    "ts",
    "kind",
    "agent",
    "key",
    "category",
    "identity",
    "outcome",
    "status",
    "source",
    "path",
)
"""Members of a record, in the order in which segments hold them."""
