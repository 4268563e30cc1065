"""``/join/TOKEN``: invitations, and ``/sign-up`` where the operator lets everybody in who has a mailbox."""

from fastapi import APIRouter, Request, Response

from crawlight.accounts import people
from crawlight.accounts.links import INVITATION_LASTS, make_link
from crawlight.dashboard.forms import form
from crawlight.dashboard.frame import page
from crawlight.dashboard.refusals import Refusal, not_found
from crawlight.dashboard.sign_in import let_in
from crawlight.dashboard.state import dashboard_of
from crawlight.dashboard.throttle import count_address, count_try
from crawlight.dashboard.visits import MaybeSignedIn, SignedIn
from crawlight.domains import sharing
from crawlight.errors import UserError
from crawlight.kit.mail import MailError

routes = APIRouter()

_MAIL = """Confirm that {email} is yours, and create your account on Crawlight:

{url}

The link works for a week. If you did not ask for it, ignore this mail.
"""


@routes.get("/join/{token}")
async def show(request: Request, visit: MaybeSignedIn, token: str) -> Response:
    """What the invitation offers, and how to take it."""
    await count_address(request)
    offer = await _offer(request, token)
    return await _page(request, visit, offer, token)


@routes.post("/join/{token}")
async def join(request: Request, visit: MaybeSignedIn, token: str) -> Response:
    """Make an account by invitation and sign in to it."""
    await count_address(request)
    offer, fields, dashboard = await _offer(request, token), await form(request), dashboard_of(request)
    email, password = offer.email or fields.get("email", ""), fields.get("password", "")
    try:
        account, host = await sharing.join(dashboard.database, dashboard.plans, token, email, password)
    except UserError as error:
        return await _page(request, visit, offer, token, email, error)
    return await let_in(request, account, f"/domains/{host}" if host else "/", "Welcome to Crawlight.")


@routes.post("/join/{token}/accept")
async def accept(visit: SignedIn, request: Request, token: str) -> Response:
    """Take what the invitation offers with the account that is signed in."""
    offer = await _offer(request, token)
    try:
        host = await sharing.accept(visit.dashboard.database, token, visit.account)
    except UserError as error:
        return await _page(request, visit, offer, token, error=error)
    return await visit.go(
        f"/domains/{host}" if host else "/", f"You are {offer.role} of {host} now." if host else ""
    )


@routes.get("/sign-up")
async def ask(request: Request) -> Response:
    """The form for an address."""
    return await _sign_up(request)


@routes.post("/sign-up")
async def sign_up(request: Request) -> Response:
    """Mail a link that makes the account; who has one already gets a link to sign in."""
    given, dashboard = (await form(request)).get("email", ""), dashboard_of(request)
    if not dashboard.open_sign_up:
        raise not_found()
    try:
        email = people.normal_email(given)
        await count_try(request, f"sign-up/{email}")
        await _mail(request, email)
    except UserError as error:
        return await _sign_up(request, given, error)
    return await _sign_up(request, email, sent=True)


async def _offer(request: Request, token: str) -> sharing.Joining:
    offer = await sharing.what_it_offers(dashboard_of(request).database, token)
    if offer is None:
        text = "It has been used, withdrawn, or has expired. Ask for a new one."
        raise Refusal("not_found", "This link no longer works", text)
    return offer


async def _page(
    request: Request,
    visit: object,
    offer: sharing.Joining,
    token: str,
    email: str = "",
    error: UserError | None = None,
) -> Response:
    values = {
        "title": f"See {offer.host}" if offer.host else "Create your account",
        "visit": visit,
        "offer": offer,
        "token": token,
        "email": offer.email or email,
        "least": people.MIN_PASSWORD,
        "error": error,
    }
    return await page(request, "join.html", values)


async def _sign_up(
    request: Request, email: str = "", error: UserError | None = None, *, sent: bool = False
) -> Response:
    if not dashboard_of(request).open_sign_up:
        raise not_found()
    values = {"title": "Sign up", "email": email, "error": error, "sent": sent}
    return await page(request, "sign_up.html", values)


async def _mail(request: Request, email: str) -> None:
    """Mail a link now, or as soon as the server takes it. Raises UserError where it never will."""
    dashboard = dashboard_of(request)
    token = await make_link(dashboard.database, "join", INVITATION_LASTS, email=email)
    url = dashboard.absolute(request, f"/join/{token}")
    mail = (email, "Your account on Crawlight", _MAIL.format(email=email, url=url))
    try:
        await dashboard.mailer.send(*mail)
    except MailError as error:
        if error.permanent and error.recipient:
            raise UserError(f"the mail server refuses mail to {email}; is the address right?") from None
        if error.permanent:
            raise UserError(
                "mail can't be sent right now; whoever runs this server can see why in its log"
            ) from None
        dashboard.later(dashboard.mailer.keep_sending(*mail))
