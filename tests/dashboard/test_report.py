"""Who may have the report."""

import pytest

from tests.dashboard.conftest import House

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("who", ["owner", "viewer"])
async def test_a_domain_on_paper(house: House, who: str) -> None:
    answer = await house.get(who, "/domains/example.com/report.pdf?period=7d")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    assert answer.content.startswith(b"%PDF-")
    assert "example.com-7d-" in answer.headers["content-disposition"]


async def test_all_domains_on_paper(house: House) -> None:
    answer = await house.get("manager", "/report.pdf")
    assert answer.content.startswith(b"%PDF-")
    assert "all-domains-30d-" in answer.headers["content-disposition"]


async def test_others_get_none(house: House) -> None:
    assert (await house.get("stranger", "/domains/example.com/report.pdf")).status_code == 404
    for path in ("/report.pdf", "/domains/example.com/report.pdf"):
        assert (await house.get("nobody", path)).status_code == 303
