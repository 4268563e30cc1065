"""How people get in who have no password yet, or no longer: the first account, new passwords, invitations."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import delete

from crawlight.accounts import links
from crawlight.accounts.first import first_account
from crawlight.accounts.people import find_account
from crawlight.accounts.scope import Scope, scope_of
from crawlight.database.tables import Account, Domain, Membership
from crawlight.domains import sharing
from crawlight.errors import UserError
from tests.dashboard.conftest import PASSWORD, House, email_of
from tests.mails import Mailbox, mailbox

pytestmark = pytest.mark.anyio

OWNER, NEW = email_of("owner"), "another long password"


@pytest.fixture
async def box(anyio_backend: str) -> AsyncIterator[Mailbox]:
    async with mailbox() as running:
        yield running


@pytest.fixture
def changes(box: Mailbox) -> dict[str, object]:
    return {
        "smtp_url": box.url,
        "mail_from": "crawlight@example.org",
        "public_url": "http://test",
        "sign_up": "open",
    }


async def path_in(box: Mailbox, to: str) -> str:
    mail = await box.next()
    assert mail["To"] == to
    (link,) = re.findall(r"http://test(\S+)", mail.get_content())
    return link


async def empty(house: House) -> None:
    async with house.services.database.write() as session:
        for table in (Membership, Domain, Account):
            await session.execute(delete(table))


async def first(house: House, email: str = "", password: str = "") -> str | None:
    return await first_account(house.services.database, house.services.settings.plans, email, password)


async def test_the_first_account_is_made_once_by_who_has_the_link(house: House) -> None:
    await empty(house)
    assert "crawlight serve" in (await house.get("nobody", "/")).text
    path = await first(house)
    assert path is not None
    assert (await house.get("nobody", path)).status_code == 200
    weak = await house.post("nobody", path, email="me@example.org", password="short")
    assert (weak.status_code, "12 to 1024" in weak.text) == (400, True)
    made = await house.post("nobody", path, email="me@example.org", password=PASSWORD)
    assert made.headers["location"] == "/"
    assert "me@example.org" in (await house.get("nobody", "/")).text
    assert (await find_account(house.services.database, "me@example.org")).plan == "agency"
    assert (await house.post("stranger", path, email="you@example.org", password=PASSWORD)).status_code == 404
    assert await first(house) is None


async def test_a_newer_link_replaces_the_older_and_none_works_beside_an_account(house: House) -> None:
    older = await first(house)
    assert older is None
    await empty(house)
    older, newer = await first(house), await first(house)
    assert (await house.get("nobody", str(older))).status_code == 404
    assert (await house.get("nobody", str(newer))).status_code == 200
    assert await first(house, "boss@example.org", PASSWORD) is None
    assert (await house.get("nobody", str(newer))).status_code == 404
    signed_in = await house.post("nobody", "/sign-in", email="boss@example.org", password=PASSWORD)
    assert signed_in.status_code == 303


async def test_a_new_password_by_mail(house: House, box: Mailbox) -> None:
    asked = await house.post("nobody", "/reset", email=" Owner@example.org")
    path = await path_in(box, OWNER)
    assert (await house.get("nobody", path)).status_code == 200
    assert (await house.post("nobody", path, password="short")).status_code == 400
    changed = await house.post("nobody", path, password=NEW)
    assert changed.headers["location"] == "/"
    assert (await house.get("nobody", "/account")).status_code == 200
    assert (await house.get("owner", "/account")).status_code == 303
    assert (await house.post("stranger", path, password=PASSWORD)).status_code == 400
    unknown = await house.post("nobody", "/reset", email="who@example.org")
    assert (asked.status_code, asked.text.replace(OWNER, "who@example.org")) == (200, unknown.text)
    assert box.empty


async def test_links_get_old(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    account = await find_account(house.services.database, OWNER)
    database, lasts = house.services.database, timedelta(hours=1)
    token = await links.make_link(database, "reset", lasts, account_id=account.id)
    later = links.now() + lasts + timedelta(seconds=1)
    monkeypatch.setattr(links, "now", lambda: later)
    assert (await house.get("nobody", f"/reset/{token}")).status_code == 404
    assert (await house.post("nobody", f"/reset/{token}", password=NEW)).status_code == 400


async def test_a_link_is_for_one_purpose(house: House) -> None:
    account = await find_account(house.services.database, OWNER)
    token = await links.make_link(house.services.database, "reset", timedelta(hours=1), account_id=account.id)
    for path in (f"/join/{token}", f"/setup/{token}", "/reset/x", "/join/%00", "/join/" + "é" * 300):
        assert (await house.get("nobody", path)).status_code == 404


async def test_mails_are_bounded(house: House, box: Mailbox) -> None:
    statuses = [(await house.post("nobody", "/reset", email=OWNER)).status_code for _ in range(12)]
    assert statuses == [200] * 10 + [429] * 2
    await asyncio.gather(*house.dashboard._tasks)
    assert len({await path_in(box, OWNER) for _ in range(2)}) == 2
    assert box.empty


async def test_signing_up_needs_a_mailbox(house: House, box: Mailbox) -> None:
    assert "/sign-up" in (await house.get("nobody", "/sign-in")).text
    assert (await house.post("nobody", "/sign-up", email="no address")).status_code == 400
    assert (await house.post("nobody", "/sign-up", email="new@example.org")).status_code == 200
    path = await path_in(box, "new@example.org")
    made = await house.post("nobody", path, email="other@example.org", password=PASSWORD)
    assert made.headers["location"] == "/"
    assert "new@example.org" in (await house.get("nobody", "/account")).text


async def test_an_address_that_the_mail_server_refuses_is_told(house: House, box: Mailbox) -> None:
    box.refusals = [b"550 no such user"]
    refused = await house.post("nobody", "/sign-up", email="tpyo@example.org")
    assert (refused.status_code, "refuses mail to tpyo@example.org" in refused.text) == (400, True)
    assert box.empty
    box.refusals = [b"550 no such user"]
    fields = {"email": "tpyo@example.org", "role": "viewer", "who": "address"}
    shown = await house.post("owner", "/domains/example.com/settings/sharing", **fields)
    assert "refuses mail to tpyo@example.org. Give this link to them" in shown.text
    box.refusals = [b"451 later"]
    shown = await house.post("owner", "/domains/example.com/settings/sharing", **fields)
    assert "refuses" not in shown.text
    assert "Give this link to them" in shown.text
    box.refuses_sender = True
    shown = await house.post("owner", "/domains/example.com/settings/sharing", **fields)
    assert "refuses mail" not in shown.text
    assert "Mail can&#39;t be sent right now. Give this link to them" in shown.text


async def test_who_has_an_account_is_led_to_it(house: House, box: Mailbox) -> None:
    await house.post("nobody", "/sign-up", email=OWNER)
    path = await path_in(box, OWNER)
    assert "Sign in to accept." in (await house.get("nobody", path)).text
    taken = await house.post("nobody", path, password=NEW)
    assert (taken.status_code, "already an account" in taken.text) == (409, True)


async def invitation(house: House, email: str, role: sharing.SharedRole = "viewer") -> str:
    scope = await scope_of_owner(house)
    domain = scope.find("example.com")
    assert domain is not None
    invited = await sharing.invite(house.services.database, domain, scope.account_id, email, role)
    return f"/join/{invited.token}"


async def scope_of_owner(house: House) -> Scope:
    account = await find_account(house.services.database, OWNER)
    return await scope_of(house.services.database, account.id)


async def test_an_invitation_makes_an_account_that_sees_the_domain(house: House) -> None:
    path = await invitation(house, "new@example.org", "manager")
    offered = (await house.get("nobody", path)).text
    assert "manager" in offered
    assert "example.com" in offered
    made = await house.post("nobody", path, email="other@example.org", password=PASSWORD)
    assert made.headers["location"] == "/domains/example.com"
    page = (await house.get("nobody", "/")).text
    assert "new@example.org" in page
    assert "example.com" in page
    assert (await house.get("stranger", path)).status_code == 404


async def test_an_open_invitation_is_for_whoever_comes_first(house: House) -> None:
    path = await invitation(house, "")
    assert "Accept as stranger@example.org" in (await house.get("stranger", path)).text
    accepted = await house.post("stranger", f"{path}/accept")
    assert accepted.headers["location"] == "/domains/example.com"
    assert "example.com" in (await house.get("stranger", "/")).text
    assert (await house.get("nobody", path)).status_code == 404


async def test_an_invitation_for_another_is_not_accepted(house: House) -> None:
    path = await invitation(house, "new@example.org")
    assert "Accept as" not in (await house.get("stranger", path)).text
    refused = await house.post("stranger", f"{path}/accept")
    assert (refused.status_code, "for new@example.org" in refused.text) == (400, True)
    assert "example.com" not in (await house.get("stranger", "/")).text
    assert (await house.get("nobody", path)).status_code == 200


async def test_a_member_never_gets_less_by_accepting(house: House) -> None:
    for who in ("manager", "owner"):
        path = await invitation(house, "")
        refused = await house.post(who, f"{path}/accept")
        assert (refused.status_code, f"You are {who} of example.com already." in refused.text) == (409, True)
        assert (await house.get("nobody", path)).status_code == 200, "it can still be used"
    await house.post("viewer", f"{await invitation(house, '', 'manager')}/accept")
    scope = await scope_of_owner(house)
    members = await sharing.members_of(house.services.database, scope.domains[0])
    assert [member.role for member in members] == ["owner", "manager", "manager"]


async def test_accepting_needs_an_account(house: House) -> None:
    path = await invitation(house, "")
    answer = await house.post("nobody", f"{path}/accept")
    assert answer.headers["location"] == "/sign-in"


async def test_the_address_of_the_settings_must_be_one(house: House) -> None:
    await empty(house)
    with pytest.raises(UserError, match="is no e-mail address"):
        await first(house, "boss", PASSWORD)
    with pytest.raises(UserError, match="12 to 1024"):
        await first(house, "boss@example.org", "short")
