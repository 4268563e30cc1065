"""``/setup/TOKEN``: the first account, for who holds the link that the server printed when it started."""

from fastapi import APIRouter, Request, Response

from crawlight.accounts import people
from crawlight.accounts.links import find_link
from crawlight.dashboard.forms import form
from crawlight.dashboard.frame import page
from crawlight.dashboard.refusals import Refusal
from crawlight.dashboard.sign_in import let_in
from crawlight.dashboard.state import dashboard_of
from crawlight.dashboard.throttle import count_address
from crawlight.errors import UserError

routes = APIRouter()


@routes.get("/setup/{token}")
async def ask(request: Request, token: str) -> Response:
    """The form."""
    await count_address(request)
    await _check(request, token)
    return await _form(request)


@routes.post("/setup/{token}")
async def make(request: Request, token: str) -> Response:
    """Make the account and sign in to it."""
    await count_address(request)
    await _check(request, token)
    fields, dashboard = await form(request), dashboard_of(request)
    email, password = fields.get("email", ""), fields.get("password", "")
    try:
        account = await people.create_first_account(
            dashboard.database, dashboard.plans, token, email, password
        )
    except UserError as error:
        return await _form(request, email, error)
    return await let_in(request, account, "/", "Welcome. This is your Crawlight.")


async def _check(request: Request, token: str) -> None:
    database = dashboard_of(request).database
    if await find_link(database, "setup", token) is None or await people.has_accounts(database):
        text = "This link was used or has expired. The server prints a new one whenever it starts without accounts."
        raise Refusal("not_found", "This link no longer works", text)


async def _form(request: Request, email: str = "", error: UserError | None = None) -> Response:
    values = {
        "title": "Create the first account",
        "email": email,
        "error": error,
        "least": people.MIN_PASSWORD,
    }
    values["lead"] = "This account gets the largest plan."
    return await page(request, "new_account.html", {**values, "fixed": False})
