"""What an account may use: its plan's limits, or its own where the operator gave it some."""

from collections.abc import Mapping
from typing import Protocol

import msgspec

from crawlight.database.tables import Account
from crawlight.errors import UserError


class PlanValues(Protocol):
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


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What accounts of one plan may use, or one account. The members mean what those of `PlanValues` mean."""

    name: str
    api_keys: int
    calls_per_month: int
    calls_per_minute: int
    export_api: bool


Plans = Mapping[str, Plan]
"""Plans by name. The first one is given to an account for which none is named."""


def plans_of(values: Mapping[str, PlanValues]) -> Plans:
    """The plans of the settings."""
    return {
        name: Plan(
            name=name,
            api_keys=plan.api_keys,
            calls_per_month=plan.calls_per_month,
            calls_per_minute=plan.calls_per_minute,
            export_api=plan.export_api,
        )
        for name, plan in values.items()
    }


def plan_named(name: str, plans: Plans) -> Plan:
    """The plan of that name. Raises UserError that lists the known ones."""
    if name not in plans:
        raise UserError(f"unknown plan {name}; the settings have {', '.join(plans)}")
    return plans[name]


def plan_of(account: Account, plans: Plans) -> Plan:
    """The plan of an account, with the account's own limits in it.

    Raises UserError where the settings no longer have the plan.
    """
    own = {name: getattr(account, name) for name in ("api_keys", "calls_per_month", "calls_per_minute")}
    changes = {name: value for name, value in own.items() if value is not None}
    return msgspec.structs.replace(plan_named(account.plan, plans), **changes)
