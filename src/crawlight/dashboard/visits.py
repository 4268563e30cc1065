"""Who looks at a page: the session's account and its scope. Every page but those of signing in takes a `SignedIn`.

A page is a module with ``routes``, a template that extends ``layout.html``, and a test as owner, manager,
viewer, stranger and signed out::

    @routes.get("/domains/{host}/answers")
    async def show(visit: SignedIn, host: str) -> Response:
        domain = visit.domain(host)                        # 404 unless it is in the account's scope
        rows = await ask(visit, ANSWERS, await about(visit, domain))
        values = {"title": "Answers", "domain": domain, "tab": "pages", "period": visit.period, "rows": rows}
        return await visit.page("answers.html", values)

    @routes.get("/domains/{host}/answers.json")
    async def answers_json(visit: SignedIn, host: str) -> Response:
        return await as_json(visit, ANSWERS, visit.domain(host))

Its routes go into `dashboard.routes`, which refuses forms of other sites for all of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Annotated, Any, Final

import msgspec
from fastapi import Depends, Request, Response

from crawlight.accounts.scope import Scope, ScopedDomain, scope_of
from crawlight.accounts.sessions import find_session
from crawlight.dashboard import frame
from crawlight.dashboard.frame import cookie_name
from crawlight.dashboard.refusals import NotInScope, Refusal, SignInNeeded
from crawlight.dashboard.state import Dashboard, dashboard_of
from crawlight.database.tables import Account, Role
from crawlight.domains.retention import kept_days
from crawlight.kit.clock import now
from crawlight.kit.periods import PERIODS, Window, window

DEFAULT_PERIOD: Final = "30d"
SESSION: Final = "session"
_RANK: Final[Mapping[Role, int]] = {"viewer": 1, "manager": 2, "owner": 3}


@dataclass(frozen=True)
class Visit:
    """One request of somebody who is signed in. ``session`` is the digest that names their session."""

    request: Request
    dashboard: Dashboard
    account: Account
    scope: Scope
    session: bytes

    @property
    def period(self) -> str:
        """The period of the URL, 30 days where it has none or an unknown one."""
        given = self.request.query_params.get("period", "")
        return given if given in PERIODS else DEFAULT_PERIOD

    def domain(self, host: str, needs: Role = "viewer") -> ScopedDomain:
        """The domain of a page. 404 where the account may not see it, 403 where its role is too low.

        A browser that asks for one that the account has not proven yet is sent to the proof instead.
        """
        domain = self.scope.find(host)
        if domain is None:
            raise NotInScope(self.account.id, host)
        if _RANK[domain.role] < _RANK[needs]:
            text = f"You are {domain.role} of {domain.host}. This needs its {needs}."
            raise Refusal("not_allowed", "Not for your role", text)
        return domain

    async def window(self, domain: ScopedDomain) -> Window:
        """The days of the page's period, which know from when on the domain's single crawls are kept."""
        days = window(self.period, now())
        kept = await kept_days(self.dashboard.database, domain.id, self.dashboard.keeps[0])
        return replace(days, kept=days.last - timedelta(days=kept - 1))

    async def page(self, template: str, values: Mapping[str, Any], *, status: int = 200) -> Response:
        """A page in the frame, see `frame.page`; ``visit`` is this visit."""
        return await frame.page(self.request, template, {"visit": self, **values}, status=status)

    def data(self, content: object) -> Response:
        """The JSON twin of a page: msgspec structs, mappings, lists."""
        return frame.respond(self.request, msgspec.json.encode(content), "application/json")

    async def go(self, path: str, text: str = "") -> Response:
        """To another page after a form, with a text to show there."""
        answer = frame.redirect(self.request, path)
        return await frame.flash(self.request, answer, text) if text else answer


async def visitor(request: Request) -> Visit | None:
    """The visit of whoever is signed in, else None."""
    dashboard = dashboard_of(request)
    token = await dashboard.unsign(SESSION, request.cookies.get(cookie_name(request, SESSION), ""))
    found = await find_session(dashboard.database, token) if token else None
    if found is None:
        return None
    session, account = found
    return Visit(request, dashboard, account, await scope_of(dashboard.database, account.id), session.digest)


async def signed_in(request: Request) -> Visit:
    """The visit of a page that needs an account: a browser is sent to sign in, others get a 401."""
    visit = await visitor(request)
    if visit is None:
        raise SignInNeeded
    return visit


SignedIn = Annotated[Visit, Depends(signed_in)]
MaybeSignedIn = Annotated[Visit | None, Depends(visitor)]
