"""``/sign-in`` and ``/sign-out``."""

from contextlib import suppress

from fastapi import APIRouter, Request, Response

from crawlight.accounts.people import check_password, has_accounts, normal_email
from crawlight.accounts.sessions import LONGEST, begin_session, end_session
from crawlight.dashboard.forms import form
from crawlight.dashboard.frame import flash, local_path, page, redirect, set_cookie
from crawlight.dashboard.state import dashboard_of
from crawlight.dashboard.throttle import count_try, know_device
from crawlight.dashboard.visits import SESSION, MaybeSignedIn
from crawlight.database.tables import Account
from crawlight.errors import UserError

WRONG = "no account has this e-mail address and password"


routes = APIRouter()


@routes.get("/sign-in")
async def ask(request: Request, visit: MaybeSignedIn) -> Response:
    """The form."""
    target = local_path(request.query_params.get("next", "/"))
    if visit is not None:
        return redirect(request, target)
    if not await has_accounts(dashboard_of(request).database):
        return redirect(request, "/")
    return await _form(request, target)


@routes.post("/sign-in")
async def sign_in(request: Request) -> Response:
    """Begin a session."""
    fields = await form(request)
    target, given = local_path(fields.get("next", "/")), fields.get("email", "")
    account = await _account(request, given, fields.get("password", ""))
    if account is None:
        return await _form(request, target, given, UserError(WRONG))
    return await let_in(request, account, target)


@routes.post("/sign-out")
async def sign_out(request: Request, visit: MaybeSignedIn) -> Response:
    """End the session."""
    if visit is not None:
        await end_session(visit.dashboard.database, visit.account.id, visit.session)
    answer = redirect(request, "/sign-in")
    set_cookie(request, answer, SESSION, "")
    return await flash(request, answer, "You are signed out.")


async def let_in(request: Request, account: Account, path: str, text: str = "") -> Response:
    """Begin a session for an account whose person has proven to be it, and go to a path."""
    dashboard = dashboard_of(request)
    token = await begin_session(dashboard.database, account.id, request.headers.get("user-agent", ""))
    answer = redirect(request, path)
    set_cookie(request, answer, SESSION, await dashboard.sign(SESSION, token), int(LONGEST.total_seconds()))
    await know_device(request, answer, account.email)
    return await flash(request, answer, text) if text else answer


async def _account(request: Request, given: str, password: str) -> Account | None:
    email = given.strip().lower()
    with suppress(UserError):
        email = normal_email(given)
    await count_try(request, email)
    return await check_password(dashboard_of(request).database, given, password)


async def _form(request: Request, target: str, email: str = "", error: UserError | None = None) -> Response:
    values: dict[str, object] = {"title": "Sign in", "next": target, "email": email, "error": error}
    values["open_sign_up"] = dashboard_of(request).open_sign_up
    return await page(request, "sign_in.html", values)
