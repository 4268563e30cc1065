"""``/account/plan``: what the account may use, and how much of it is used."""

from fastapi import APIRouter, Response

from crawlight.accounts import keys, quotas
from crawlight.accounts.plans import limits_of
from crawlight.dashboard.visits import SignedIn
from crawlight.kit.clock import now

routes = APIRouter()


@routes.get("/account/plan")
async def show(visit: SignedIn) -> Response:
    """The page."""
    database, limits = visit.dashboard.database, limits_of(visit.account, visit.dashboard.plans)
    listed = await keys.list_keys(database, visit.account.email)
    valid = sum(key.revoked_at is None for key in listed)
    used = await quotas.usage(database, visit.account.id)
    values = {
        "title": "Plan and usage",
        "tab": "plan",
        "limits": limits,
        "month": f"{now():%B}",
        "bars": [
            ("API calls this month", used, limits.calls_per_month),
            ("API keys", valid, limits.api_keys),
        ],
    }
    return await visit.page("plan.html", values)
