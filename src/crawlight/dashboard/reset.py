"""``/reset``: a new password for who can read the account's mail, or got the link from the operator."""

from contextlib import suppress
from typing import Final

from fastapi import APIRouter, Request, Response

from crawlight.accounts import people
from crawlight.accounts.links import RESET_LASTS, find_link, make_link
from crawlight.dashboard.forms import form
from crawlight.dashboard.frame import page
from crawlight.dashboard.refusals import Refusal
from crawlight.dashboard.sign_in import let_in
from crawlight.dashboard.state import dashboard_of
from crawlight.dashboard.throttle import count_address, count_try
from crawlight.errors import UserError
from crawlight.kit.mail import MailError

routes = APIRouter()

_MAILS_OF_ONE: Final = 2
_MAILS: Final = 30
"""Mails that are sent a minute: to one account, and to all."""

_MAIL = """Somebody, probably you, asked for a new password for {email} on Crawlight.

Set it here within an hour:

{url}

If that was not you, do nothing: your password stays as it is.
"""


@routes.get("/reset")
async def ask(request: Request) -> Response:
    """The form, or whom to ask where the server sends no mail."""
    return await page(request, "reset_ask.html", _asking(request))


@routes.post("/reset")
async def send(request: Request) -> Response:
    """Mail a link, and say the same whether there is an account."""
    given = (await form(request)).get("email", "")
    try:
        email = people.normal_email(given)
    except UserError as error:
        values = {**_asking(request), "email": given, "error": error}
        return await page(request, "reset_ask.html", values, status=400)
    await count_try(request, f"reset/{email}")
    if dashboard_of(request).mailer.works:
        # Not awaited: how long a mail takes would tell who has an account.
        dashboard_of(request).later(_mail(request, email))
    return await page(request, "reset_ask.html", {**_asking(request), "sent": email})


@routes.get("/reset/{token}")
async def choose(request: Request, token: str) -> Response:
    """The form for the new password."""
    await count_address(request)
    if await find_link(dashboard_of(request).database, "reset", token) is None:
        text = "It has been used or has expired. Ask for a new one."
        raise Refusal("not_found", "This link no longer works", text)
    return await _form(request)


@routes.post("/reset/{token}")
async def change(request: Request, token: str) -> Response:
    """Set the new password, end all sessions, and begin one here."""
    await count_address(request)
    password = (await form(request)).get("password", "")
    try:
        account = await people.reset_password(dashboard_of(request).database, token, password)
    except UserError as error:
        return await _form(request, error)
    return await let_in(request, account, "/", "Your password is changed. All other browsers are signed out.")


async def _has_room(request: Request, account_id: int) -> bool:
    """Whether another mail may go out: they are tried again for half an hour, and must not pile up."""
    limiter = dashboard_of(request).limiter
    mine = await limiter.hit(f"reset-mail/{account_id}", _MAILS_OF_ONE)
    return mine.allowed and (await limiter.hit("reset-mail", _MAILS)).allowed


def _asking(request: Request) -> dict[str, object]:
    works = dashboard_of(request).mailer.works
    return {"title": "Forgot your password?", "email": "", "sent": "", "mail": works}


async def _form(request: Request, error: UserError | None = None) -> Response:
    values = {"title": "Choose a new password", "least": people.MIN_PASSWORD, "error": error}
    return await page(request, "reset.html", values)


async def _mail(request: Request, email: str) -> None:
    dashboard = dashboard_of(request)
    try:
        account = await people.find_account(dashboard.database, email)
    except UserError:
        return
    if not await _has_room(request, account.id):
        return
    token = await make_link(dashboard.database, "reset", RESET_LASTS, account_id=account.id)
    url = dashboard.absolute(request, f"/reset/{token}")
    with suppress(MailError):  # To say so would tell who has an account.
        await dashboard.mailer.keep_sending(
            email, "A new password for Crawlight", _MAIL.format(email=email, url=url)
        )
