import re

import pytest
from sqlalchemy import delete

from crawlight.database.tables import Account, Membership
from tests.api.conftest import EXPORT
from tests.dashboard.conftest import House

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("path", ["/", "/docs", "/sign-in"])
@pytest.mark.parametrize("who", ["owner", "nobody"])
async def test_pages_come_from_us_alone_and_hold_no_script(house: House, who: str, path: str) -> None:
    answer = await house.get(who, path, follow_redirects=True)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert all(" src=" in script for script in re.findall(r"<script[^>]*>", answer.text))
    assert " style=" not in answer.text
    linked = re.findall(r'(?:src|href)="([^"]+)"', answer.text)
    assert all(link.startswith(("/", "#")) for link in linked)
    for link in {link for link in linked if link.startswith("/static/")}:
        file = await house.get(who, link)
        assert file.status_code == 200
        assert "immutable" in file.headers["cache-control"]


async def test_a_new_server_says_how_to_begin(house: House) -> None:
    async with house.services.database.write() as session:
        await session.execute(delete(Membership))
        await session.execute(delete(Account))
    page = await house.get("nobody", "/")
    assert "crawlight user add" in page.text


async def test_a_hostile_host_header_is_only_text(house: House) -> None:
    page = (await house.get("owner", "/", headers={"Host": '"><script>alert(1)</script>'})).text
    assert "<script>" not in page


async def test_the_reference_has_every_operation_and_error(house: House) -> None:
    page = (await house.get("nobody", "/docs")).text
    assert "`" not in page
    assert "<code>x-crawlight-redirects: manual</code>" in page
    for told in (EXPORT, "/functions/v1/purge-cache", "/readyz", "plan_upgrade_required", "social_other"):
        assert told in page


@pytest.mark.parametrize(
    "name",
    [
        "nothing.css",
        "..%2fsite.py",
        "site.py",
        "%2e%2e/site.py",
        "app.css%00",
        "a" * 300 + ".css",
        "vendor/README.md",
    ],
)
async def test_only_static_files_are_served(house: House, name: str) -> None:
    answer = await house.browsers["nobody"].get(f"/static/{name}", headers={"accept": "*/*"})
    assert (answer.status_code, answer.json()) == (404, {"error": "not_found"})


async def test_browsers_get_refusals_as_pages_and_programs_as_data(house: House) -> None:
    page = await house.get("owner", "/nowhere")
    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
    data = await house.get("owner", "/nowhere", headers={"accept": "*/*"})
    assert (data.status_code, data.json()) == (404, {"error": "not_found"})


async def test_the_language_of_the_browser_may_be_anything(house: House) -> None:
    for header in ("de-CH, en;q=0.5", "", "xx-YY", "*", "en;q=1.2.3", "é" * 50, "a" * 5000, "zh-Hant-TW"):
        answer = await house.get("owner", "/", headers={"accept-language": header.encode("latin-1")})
        assert answer.status_code == 200


@pytest.mark.parametrize("path", ["/", "/domains/example.com", "/domains/example.com/live/events", "/docs"])
async def test_head_answers_as_get_does(house: House, path: str) -> None:
    answer = await house.browsers["viewer"].head(path)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    stranger = await house.browsers["stranger"].head("/domains/example.com")
    assert stranger.status_code == 404
