import re

import pytest

from crawlight.accounts.people import find_account
from crawlight.domains.sharing import members_of
from tests.dashboard.conftest import House, email_of

pytestmark = pytest.mark.anyio

PATH = "/domains/example.com/settings/sharing"


async def roles(house: House) -> dict[str, str]:
    visit = await house.scope("owner")
    members = await members_of(house.services.database, visit.domains[0])
    return {member.email.split("@")[0]: member.role for member in members}


async def id_of(house: House, who: str) -> str:
    return str((await find_account(house.services.database, email_of(who))).id)


async def test_everybody_sees_what_their_role_lets_them(house: House) -> None:
    owner, manager, viewer = [(await house.get(who, PATH)).text for who in ("owner", "manager", "viewer")]
    assert all(email_of(who) in owner for who in ("owner", "manager", "viewer"))
    assert all(email_of(who) in manager for who in ("owner", "manager", "viewer"))
    assert email_of("manager") not in viewer
    assert "Invite" in owner
    for page in (manager, viewer):
        assert "Make a link" not in page
        assert "Leave example.com?" in page
    assert "Leave example.com?" not in owner
    assert (await house.get("stranger", PATH)).status_code == 404
    assert (await house.get("nobody", PATH)).status_code == 303


@pytest.mark.parametrize(
    ("who", "status"), [("manager", 403), ("viewer", 403), ("stranger", 404), ("nobody", 303)]
)
async def test_only_the_owner_shares(house: House, who: str, status: int) -> None:
    before = await roles(house)
    manager = await id_of(house, "manager")
    for path, fields in (
        ("", {"email": email_of("stranger"), "role": "viewer"}),
        ("", {"who": "link", "role": "manager"}),
        ("/role", {"account": manager, "role": "viewer"}),
        ("/remove", {"account": manager}),
        ("/withdraw", {"invitation": "00"}),
    ):
        answer = await house.post(who, PATH + path, **fields)
        assert answer.status_code == status, path
    assert await roles(house) == before


async def test_sharing_with_an_account_is_at_once(house: House) -> None:
    answer = await house.post("owner", PATH, email="Stranger@example.org", role="manager", who="address")
    assert answer.status_code == 303
    assert (await roles(house))["stranger"] == "manager"
    assert "stranger@example.org is manager now." in (await house.get("owner", PATH)).text
    again = await house.post("owner", PATH, email="stranger@example.org", role="viewer", who="address")
    assert (again.status_code, "is manager of example.com already" in again.text) == (409, True)


async def test_a_role_is_changed_and_taken(house: House) -> None:
    viewer = await id_of(house, "viewer")
    assert (await house.post("owner", f"{PATH}/role", account=viewer, role="manager")).status_code == 303
    assert (await roles(house))["viewer"] == "manager"
    assert (await house.post("owner", f"{PATH}/remove", account=viewer)).status_code == 303
    assert "viewer" not in await roles(house)
    assert (await house.get("viewer", PATH)).status_code == 404
    gone = await house.post("owner", f"{PATH}/remove", account=viewer)
    assert (gone.status_code, "no member of the domain any more" in gone.text) == (400, True)


async def test_the_owner_stays_the_owner(house: House) -> None:
    owner = await id_of(house, "owner")
    for path, fields in (
        ("/role", {"account": owner, "role": "viewer"}),
        ("/remove", {"account": owner}),
        ("/leave", {}),
    ):
        answer = await house.post("owner", PATH + path, **fields)
        assert (answer.status_code, "owner of a domain cannot be changed" in answer.text) == (400, True)
    assert (await roles(house))["owner"] == "owner"


async def test_a_member_leaves(house: House) -> None:
    for who in ("manager", "viewer"):
        answer = await house.post(who, f"{PATH}/leave")
        assert answer.headers["location"] == "/"
        assert (await house.get(who, PATH)).status_code == 404
    assert await roles(house) == {"owner": "owner"}
    assert (await house.post("stranger", f"{PATH}/leave")).status_code == 404


async def test_a_link_is_shown_once_and_can_be_withdrawn(house: House) -> None:
    made = await house.post("owner", PATH, role="viewer", who="link", email="ignored@example.org")
    (link,) = re.findall(r'value="http://test(/join/[\w-]{32})"', made.text)
    page = (await house.get("owner", PATH)).text
    assert link not in page
    assert "Whoever has the link" in page
    assert (await house.get("stranger", link)).status_code == 200
    (invitation,) = re.findall(r'name="invitation" value="([0-9a-f]{64})"', page)
    assert (await house.post("owner", f"{PATH}/withdraw", invitation=invitation)).status_code == 303
    assert (await house.get("stranger", link)).status_code == 404


async def test_without_mail_an_invited_address_gets_a_link_to_hand_over(house: House) -> None:
    made = await house.post("owner", PATH, role="viewer", who="address", email="new@example.org")
    assert "Invitation for new@example.org" in made.text
    again = await house.post("owner", PATH, role="manager", who="address", email="new@example.org")
    links = [re.findall(r"/join/[\w-]{32}", page.text)[0] for page in (made, again)]
    assert (await house.get("stranger", links[0])).status_code == 404
    assert (await house.get("stranger", links[1])).status_code == 200


@pytest.mark.parametrize(
    "fields",
    [
        {"email": "", "role": "viewer"},
        {"email": "no address", "role": "viewer"},
        {"email": "a@example.org", "role": "owner"},
        {"email": "a@example.org"},
        {"who": "link", "role": "admin"},
    ],
)
async def test_invitations_that_make_no_sense(house: House, fields: dict[str, str]) -> None:
    assert (await house.post("owner", PATH, **fields)).status_code == 400


@pytest.mark.parametrize("account", ["", "x", "-1", "99999999999999999999", "٣"])
async def test_made_up_members(house: House, account: str) -> None:
    for path in ("/remove", "/role"):
        assert (await house.post("owner", PATH + path, account=account, role="viewer")).status_code == 400


async def test_an_owner_changes_only_members_of_the_domain(house: House) -> None:
    await house.post(
        "stranger", "/domains/stranger.example/settings/sharing", email=email_of("viewer"), role="viewer"
    )
    viewer = await id_of(house, "viewer")
    await house.post("stranger", "/domains/stranger.example/settings/sharing/remove", account=viewer)
    assert (await roles(house))["viewer"] == "viewer"
