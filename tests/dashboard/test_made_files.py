"""Sitemap and llms.txt in the settings: who answers for them, what would be in them, and why the rest is not."""

import html

import pytest

from crawlight.audit import PageInputs, audit
from crawlight.domains import audits, pages
from crawlight.domains.hosting import hosted
from crawlight.rendering.snapshots import NewSnapshot
from tests.dashboard.conftest import House

pytestmark = pytest.mark.anyio

SITEMAP = "/domains/example.com/settings/sitemap"
LLMS = "/domains/example.com/settings/llms"
TEXT = "<urlset><url><loc>https://example.com/x</loc></url></urlset>"


async def domain_id(house: House) -> int:
    return (await house.scope("owner")).domains[0].id


async def mode(house: House, name: str) -> str | None:
    file = await hosted(house.services.database, await domain_id(house), name)
    return file.mode if file else None


async def with_page(house: House) -> None:
    domain, database = await domain_id(house), house.services.database
    body = b"<html lang=en><title>An oak chair</title><main><h1>Chair</h1><p>Made of oak.</p></main></html>"
    await pages.learn(database, domain, ["/chair", "/<new>"])
    new = NewSnapshot(status=200, html=body, raw_html=b"")
    await house.services.edge.snapshots.put(domain, "/chair", new)
    inputs = PageInputs(url="https://example.com/chair", status=200, html=body.decode())
    await audits.record(database, domain, "/chair", audit(inputs))


@pytest.mark.parametrize("who", ["owner", "manager"])
async def test_a_sitemap_is_made_hosted_as_a_text_and_left_to_the_site(house: House, who: str) -> None:
    await with_page(house)
    page = html.unescape((await house.get(who, SITEMAP)).text)
    assert "https://example.com/chair" in page
    assert "It has not been rendered yet" in page
    assert "<new>" not in (await house.get(who, SITEMAP)).text
    assert (await house.get("viewer", f"{SITEMAP}.json")).json() == {
        "domain": "example.com",
        "name": "sitemap.xml",
        "mode": "site",
        "files": 1,
        "pages": 1,
        "leftOut": [{"reason": "It has not been rendered yet", "pages": 1, "examples": ["/<new>"]}],
    }
    for chosen, told in (("made", "made"), ("text", "text"), ("site", None)):
        answer = await house.post(who, SITEMAP, mode=chosen, text=TEXT)
        assert (answer.status_code, await mode(house, "sitemap.xml")) == (303, told)


async def test_an_llms_txt_shows_titles(house: House) -> None:
    await with_page(house)
    assert "[An oak chair](https://example.com/chair)" in html.unescape(
        (await house.get("viewer", LLMS)).text
    )
    assert (await house.post("owner", LLMS, mode="made")).status_code == 303
    assert await mode(house, "llms.txt") == "made"


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"mode": "made"}, "No page of example.com is known"),
        ({"mode": "text", "text": "<urlset><url>"}, "value="),
        ({"mode": "text", "text": "https://example.com/"}, "not XML"),
        ({"mode": "else"}, "Choose who serves"),
        ({}, "Choose who serves"),
    ],
)
async def test_what_is_wrong_changes_nothing(house: House, fields: dict[str, str], reason: str) -> None:
    answer = await house.post("owner", SITEMAP, **fields)
    assert (answer.status_code in (400, 409), reason in html.unescape(answer.text)) == (True, True)
    assert await mode(house, "sitemap.xml") is None


@pytest.mark.parametrize(("who", "change"), [("viewer", 403), ("stranger", 404), ("nobody", 303)])
async def test_others_change_nothing(house: House, who: str, change: int) -> None:
    await with_page(house)
    for path in (SITEMAP, LLMS):
        assert (await house.post(who, path, mode="made")).status_code == change
    assert (await mode(house, "sitemap.xml"), await mode(house, "llms.txt")) == (None, None)
