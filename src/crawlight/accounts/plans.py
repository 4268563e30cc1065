"""What an account may use: its plan's limits, or its own where the operator gave it some."""

from collections.abc import Mapping
from typing import Protocol

import msgspec

from crawlight.database.tables import Account
from crawlight.errors import UserError


class Plan(Protocol):
    """One plan as the settings hold it."""

    @property
    def api_keys(self) -> int:
        """Keys that may be valid at a time."""

    @property
    def calls_per_month(self) -> int:
        """Answered API calls in a UTC calendar month."""

    @property
    def calls_per_minute(self) -> int:
        """API calls in 60 seconds."""

    @property
    def export_api(self) -> bool:
        """Whether the export may be called with a key."""

    @property
    def routing_rules(self) -> int | None:
        """Routing rules that a domain may have; None for no limit."""


Plans = Mapping[str, Plan]
"""The plans of the settings by name. The first one is given to an account for which none is named."""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What one account may use; ``plan`` is the plan's name, the others are as in `Plan`."""

    plan: str
    api_keys: int
    calls_per_month: int
    calls_per_minute: int
    export_api: bool


def plan_named(name: str, plans: Plans) -> Plan:
    """The plan of that name. Raises UserError that lists the known ones."""
    if name not in plans:
        raise UserError(f"unknown plan {name}; the settings have {', '.join(plans)}")
    return plans[name]


def limits_of(account: Account, plans: Plans) -> Limits:
    """The limits of an account. Raises UserError where the settings no longer have its plan."""
    plan = plan_named(account.plan, plans)
    return Limits(
        plan=account.plan,
        api_keys=_own(account.api_keys, plan.api_keys),
        calls_per_month=_own(account.calls_per_month, plan.calls_per_month),
        calls_per_minute=_own(account.calls_per_minute, plan.calls_per_minute),
        export_api=plan.export_api,
    )


def _own(own: int | None, of_plan: int) -> int:
    return of_plan if own is None else own
