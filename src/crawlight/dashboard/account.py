"""``/account``: password, sessions, and the end of an account."""

from fastapi import APIRouter, Request, Response

from crawlight.accounts import people, sessions
from crawlight.dashboard.browsers import described
from crawlight.dashboard.forms import form
from crawlight.dashboard.frame import flash, redirect, set_cookie
from crawlight.dashboard.throttle import count_try
from crawlight.dashboard.visits import SESSION, SignedIn, Visit
from crawlight.errors import UserError

routes = APIRouter()


@routes.get("/account")
async def account(visit: SignedIn) -> Response:
    """The page."""
    return await _page(visit)


@routes.post("/account/password")
async def change_password(request: Request, visit: SignedIn) -> Response:
    """A new password, for who knows the old one; other browsers are signed out."""
    fields, database = await form(request), visit.dashboard.database
    email = visit.account.email
    await count_try(request, email)
    if await people.check_password(database, email, fields.get("current", "")) is None:
        return await _page(visit, UserError("this is not your current password"))
    try:
        await people.set_password(database, email, fields.get("new", ""))
    except UserError as error:
        return await _page(visit, error)
    await sessions.end_sessions(database, visit.account.id, but=visit.session)
    return await visit.go("/account", "Your password is changed. Other browsers are signed out.")


@routes.post("/account/sessions/end")
async def end_session(request: Request, visit: SignedIn) -> Response:
    """Sign out one browser."""
    named = (await form(request)).get("session", "")
    for session in await sessions.list_sessions(visit.dashboard.database, visit.account.id):
        if session.digest.hex() == named:
            await sessions.end_session(visit.dashboard.database, visit.account.id, session.digest)
    return await visit.go("/account", "That browser is signed out.")


@routes.post("/account/sessions/end-all")
async def end_all(request: Request, visit: SignedIn) -> Response:
    """Sign out every browser."""
    await sessions.end_sessions(visit.dashboard.database, visit.account.id)
    answer = redirect(request, "/sign-in")
    set_cookie(request, answer, SESSION, "")
    return await flash(request, answer, "You are signed out everywhere.")


@routes.post("/account/remove")
async def remove(request: Request, visit: SignedIn) -> Response:
    """Remove the account, once its address was typed."""
    typed = (await form(request)).get("typed", "").strip().lower()
    if typed != visit.account.email:
        return await _page(visit, UserError(f"nothing was removed: type {visit.account.email} to go on"))
    try:
        await people.remove_account(visit.dashboard.database, visit.account.email)
    except UserError as error:
        return await _page(visit, error)
    answer = redirect(request, "/sign-in")
    set_cookie(request, answer, SESSION, "")
    return await flash(request, answer, "Your account is removed.")


async def _page(visit: Visit, error: UserError | None = None) -> Response:
    listed = await sessions.list_sessions(visit.dashboard.database, visit.account.id)
    values = {
        "title": "Account",
        "tab": "account",
        "sessions": [(one, described(one.user_agent), one.digest == visit.session) for one in listed],
        "owned": [domain.host for domain in visit.scope.domains if domain.role == "owner"],
        "least": people.MIN_PASSWORD,
        "most": people.MAX_PASSWORD,
        "error": error,
    }
    return await visit.page("account.html", values)
