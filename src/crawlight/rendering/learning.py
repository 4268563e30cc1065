"""How long renders of a domain's pages wait after quiet, and what each of them teaches."""

import itertools
from typing import Final

import msgspec

from crawlight.database.engine import Database
from crawlight.domains import late_content, wanted
from crawlight.domains.late_content import LateContent
from crawlight.domains.wanted import Claim
from crawlight.rendering.contract import Rendered
from crawlight.rendering.late import LOOK_SECONDS

_SAMPLE: Final = 25
"""Of so many pages of which enough is known, one is looked at nevertheless: sites change."""


class Plan(msgspec.Struct, frozen=True):
    """Take a page ``wait`` seconds after quiet, or ``look``; ``later``: look at it again once it was answered.

    ``settled`` says that enough is known of pages like it.
    """

    wait: float
    look: float
    later: bool
    settled: bool


class Learning:
    """Plans the renders of one worker."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._count = itertools.count(1)

    async def plan(self, claimed: Claim) -> Plan:
        """A crawler that waits gets the page when it is quiet, or as late as others like it were complete."""
        known = await late_content.of_path(self._database, claimed.domain_id, claimed.path)
        look = not known.settled or (not known.fixed and next(self._count) % _SAMPLE == 0)
        return _plan(known, look, crawler_waits=claimed.reason == "miss")

    async def note(self, claimed: Claim, plan: Plan, rendered: Rendered) -> None:
        """Learn from a page that was looked at; have one looked at later for which there was no room."""
        late = rendered.late
        if late is None:
            return
        if late.milliseconds or (late.whole and (plan.later or plan.look)):
            await late_content.note(
                self._database, claimed.domain_id, claimed.path, late.milliseconds, late.what
            )
        if not late.whole and not plan.settled:
            await wanted.want(self._database, claimed.domain_id, [claimed.path], "warm")


def _plan(known: LateContent, look: bool, *, crawler_waits: bool) -> Plan:
    learned = known.wait / 1000
    if crawler_waits:
        return Plan(learned, 0.0, look, known.settled)
    return Plan(learned, LOOK_SECONDS if look else 0.0, False, known.settled)
