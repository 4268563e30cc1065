"""``/domains/HOST/settings/sharing``: who else sees a domain. Only its owner changes that; anybody else may leave."""

from typing import Final

from fastapi import APIRouter, Request, Response

from crawlight.accounts.scope import ScopedDomain
from crawlight.dashboard.forms import form
from crawlight.dashboard.visits import SignedIn, Visit
from crawlight.domains import sharing
from crawlight.errors import UserError
from crawlight.kit.mail import MailError

routes = APIRouter()
_PATH: Final = "/domains/{host}/settings/sharing"

_MAIL = """{by} lets you {verb} the crawls of {host} on Crawlight:

{url}
{end}"""


@routes.get(_PATH)
async def show(visit: SignedIn, host: str) -> Response:
    """The page."""
    return await _page(visit, visit.domain(host))


@routes.post(_PATH)
async def invite(request: Request, visit: SignedIn, host: str) -> Response:
    """Share with an account at once, or make an invitation link."""
    domain, fields = visit.domain(host, "owner"), await form(request)
    email = fields.get("email", "") if fields.get("who") != "link" else ""
    try:
        if fields.get("who") != "link" and not email.strip():
            raise UserError("say whom to invite, or make a link")
        role = _role(fields)
        invited = await sharing.invite(visit.dashboard.database, domain, visit.account.id, email, role)
    except UserError as error:
        return await _page(visit, domain, error=error, email=email)
    url = visit.dashboard.absolute(
        request, f"/join/{invited.token}" if invited.token else f"/domains/{domain.host}"
    )
    refused = ""
    try:
        sent = await _mail(visit, domain, invited, role, url)
    except MailError as error:
        sent = False
        refused = _told(error, invited.email or "")
    if invited.token is None:
        return await visit.go(_path(domain), f"{invited.email} is {role} now. {refused}".strip())
    if sent:
        return await visit.go(_path(domain), f"An invitation is on its way to {invited.email}.")
    return await _page(visit, domain, made=url, invited=invited.email or "", refused=refused)


def _told(error: MailError, email: str) -> str:
    if not error.permanent:
        return ""
    return f"The mail server refuses mail to {email}." if error.recipient else "Mail can't be sent right now."


@routes.post(_PATH + "/role")
async def change(request: Request, visit: SignedIn, host: str) -> Response:
    """Make a viewer a manager, or the other way."""
    domain, fields = visit.domain(host, "owner"), await form(request)
    try:
        await sharing.set_role(visit.dashboard.database, domain, _account(fields), _role(fields))
    except UserError as error:
        return await _page(visit, domain, error=error)
    return await visit.go(_path(domain), "The role is changed.")


@routes.post(_PATH + "/remove")
async def remove(request: Request, visit: SignedIn, host: str) -> Response:
    """Take the domain from a member."""
    domain, fields = visit.domain(host, "owner"), await form(request)
    try:
        await sharing.remove_member(visit.dashboard.database, domain, _account(fields))
    except UserError as error:
        return await _page(visit, domain, error=error)
    return await visit.go(_path(domain), "They no longer see this domain.")


@routes.post(_PATH + "/withdraw")
async def withdraw(request: Request, visit: SignedIn, host: str) -> Response:
    """Make an invitation unusable."""
    domain, fields = visit.domain(host, "owner"), await form(request)
    await sharing.withdraw(visit.dashboard.database, domain, fields.get("invitation", ""))
    return await visit.go(_path(domain), "The invitation no longer works.")


@routes.post(_PATH + "/leave")
async def leave(visit: SignedIn, host: str) -> Response:
    """Give up one's own role."""
    domain = visit.domain(host)
    try:
        await sharing.remove_member(visit.dashboard.database, domain, visit.account.id)
    except UserError as error:
        return await _page(visit, domain, error=error)
    return await visit.go("/", f"You left {domain.host}.")


def _path(domain: ScopedDomain) -> str:
    return _PATH.format(host=domain.host)


def _role(fields: dict[str, str]) -> sharing.SharedRole:
    match fields.get("role"):
        case "manager":
            return "manager"
        case "viewer":
            return "viewer"
    raise UserError("a role is manager or viewer")


def _account(fields: dict[str, str]) -> int:
    given = fields.get("account", "")
    if not (given.isascii() and given.isdigit() and len(given) < 10):
        raise UserError("this account is no member of the domain any more")
    return int(given)


async def _mail(
    visit: Visit, domain: ScopedDomain, invited: sharing.Invited, role: sharing.SharedRole, url: str
) -> bool:
    """Whether a mail went out; without a mail server or an address, the link is shown instead. Raises MailError."""
    if invited.email is None or not visit.dashboard.mailer.works:
        return False
    verb = "manage" if role == "manager" else "see"
    end = "\nThe link works once, for a week.\n" if invited.token else ""
    text = _MAIL.format(by=visit.account.email, verb=verb, host=domain.host, url=url, end=end)
    await visit.dashboard.mailer.send(invited.email, f"{domain.host} on Crawlight", text)
    return True


async def _page(
    visit: Visit,
    domain: ScopedDomain,
    *,
    error: UserError | None = None,
    email: str = "",
    made: str = "",
    invited: str = "",
    refused: str = "",
) -> Response:
    database, owns = visit.dashboard.database, domain.role == "owner"
    members = await sharing.members_of(database, domain)
    if domain.role == "viewer":
        # A viewer may be one client among many: who else is there is not theirs to know.
        members = [one for one in members if one.role == "owner" or one.account_id == visit.account.id]
    values = {
        "title": f"Sharing of {domain.host}",
        "domain": domain,
        "tab": "settings",
        "section": "sharing",
        "members": members,
        "invitations": await sharing.invitations_of(database, domain) if owns else [],
        "owns": owns,
        "email": email,
        "made": made,
        "invited": invited,
        "refused": refused,
        "error": error,
    }
    return await visit.page("sharing.html", values)
