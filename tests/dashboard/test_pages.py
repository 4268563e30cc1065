import re

import pytest

from tests.api.conftest import EXPORT, Site

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("path", ["/", "/docs"])
async def test_pages_come_from_us_alone_and_run_no_script(site: Site, path: str) -> None:
    answer = await site.client.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "<script" not in answer.text
    linked = re.findall(r'(?:src|href)="([^"]+)"', answer.text)
    assert all(link.startswith("/") for link in linked)
    for link in set(linked):
        assert (await site.client.get(link)).status_code == 200


async def test_the_start_page_shows_a_call_to_the_address_it_was_asked_under(site: Site) -> None:
    page = (await site.client.get("/", headers={"Host": "crawl.example:8443"})).text
    assert f"curl -X POST http://crawl.example:8443{EXPORT}" in page


async def test_a_hostile_host_header_is_only_text(site: Site) -> None:
    page = (await site.client.get("/", headers={"Host": '"><script>alert(1)</script>'})).text
    assert "<script" not in page


async def test_the_reference_has_every_operation_and_error(site: Site) -> None:
    page = (await site.client.get("/docs")).text
    for told in (EXPORT, "/functions/v1/purge-cache", "/readyz", "plan_upgrade_required", "social_other"):
        assert told in page


@pytest.mark.parametrize(
    "name", ["nothing.css", "..%2fsite.py", "site.py", "%2e%2e/site.py", "style.css%00", "a" * 300 + ".css"]
)
async def test_only_static_files_are_served(site: Site, name: str) -> None:
    answer = await site.client.get(f"/static/{name}")
    assert (answer.status_code, answer.json()) == (404, {"error": "not_found"})
