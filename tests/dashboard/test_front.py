import html

import dns.asyncresolver
import pytest

from crawlight.domains.fronting import set_origin
from crawlight.domains.pointing import OwnFront
from crawlight.domains.proof import Outside
from crawlight.domains.settings import read_settings
from tests.bots.nameserver import running
from tests.dashboard.conftest import House

pytestmark = pytest.mark.anyio

PATH = "/domains/example.com/settings/front"


async def fronted(house: House) -> bool:
    domain = (await house.scope("owner")).domains[0]
    return (await read_settings(house.services.database, domain.id)).front


async def give_origin(house: House, origin: str = "https://app.example.net") -> None:
    await set_origin(house.services.database, (await house.scope("owner")).domains[0].id, origin)


@pytest.mark.parametrize("who", ["owner", "manager"])
async def test_a_domain_comes_to_the_front_and_leaves_it(house: House, who: str) -> None:
    assert "crawlight domain set example.com --front on" in (await house.get(who, PATH)).text
    await give_origin(house)
    assert (await house.post(who, PATH, front="on")).headers["location"] == PATH
    page = html.unescape((await house.get(who, PATH)).text)
    assert await fronted(house)
    assert "example.com is on the front." in page
    assert "https://app.example.net" in page
    assert "checked" in page
    await house.post(who, PATH)
    assert not await fronted(house)


@pytest.mark.parametrize(
    ("who", "read", "change"), [("viewer", 200, 403), ("stranger", 404, 404), ("nobody", 303, 303)]
)
async def test_others_change_nothing(house: House, who: str, read: int, change: int) -> None:
    await give_origin(house)
    assert (await house.get(who, PATH)).status_code == read
    assert (await house.post(who, PATH, front="on")).status_code == change
    assert not await fronted(house)


@pytest.mark.parametrize("origin", [None, "https://www.example.com", "http://example.com:8080"])
async def test_a_front_before_itself_is_refused(house: House, origin: str | None) -> None:
    if origin:
        await give_origin(house, origin)
    answer = await house.post("owner", PATH, front="on")
    assert answer.status_code == 400
    assert ("is example.com itself" if origin else "has no origin") in html.unescape(answer.text)
    assert not await fronted(house)


async def test_what_dns_lacks_is_told_on_the_page_and_on_that_of_the_domain(house: House) -> None:
    await give_origin(house)
    await house.post("owner", PATH, front="on")
    assert "Not checked yet" in (await house.get("viewer", PATH)).text
    async with running() as names:
        resolver = dns.asyncresolver.Resolver(configure=False)
        resolver.nameservers, resolver.port = ["127.0.0.1"], names.port
        house.dashboard.outside = Outside(resolver)
        house.dashboard.front = OwnFront(True, "acme", "", ("203.0.113.7", "2001:db8::7"))
        assert (await house.post("manager", f"{PATH}/check")).headers["location"] == PATH
    checked = (await house.get("manager", PATH)).text
    assert "Checked just now: example.com has no A or AAAA record." in checked
    page = (await house.get("viewer", PATH)).text
    assert "example.com has no A or AAAA record" in page
    assert 'value="203.0.113.7"' in page
    assert 'value="2001:db8::7"' in page
    told = (await house.get("viewer", "/domains/example.com")).text
    assert "example.com has no A or AAAA record" in told
    assert f'href="{PATH}"' in told
    await house.post("owner", PATH)
    assert "has no A or AAAA record" not in (await house.get("viewer", "/domains/example.com")).text


async def test_without_a_known_address_the_page_says_where_to_find_it(house: House) -> None:
    await give_origin(house)
    await house.post("owner", PATH, front="on")
    house.dashboard.front = OwnFront(True, "acme", "", ())
    page = (await house.get("viewer", PATH)).text
    assert "use the address that your hosting provider shows for it" in page
    assert "CRAWLIGHT_FRONT_ADDRESSES" in page
    house.dashboard.front = OwnFront(True, "acme", "", ("203.0.113.7",))
    assert "CRAWLIGHT_FRONT_ADDRESSES" not in (await house.get("viewer", PATH)).text
