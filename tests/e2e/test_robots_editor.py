"""The editor of robots.txt in a real browser: verdicts while one types, and all of it without scripts."""

import os

import pytest

from tests.e2e.conftest import Visit, faults, watched
from tests.processes import Server

PATH = "/domains/example.com/settings/robots"


def test_verdicts_come_while_one_types(visit: Visit) -> None:
    page = visit(PATH, "owner")
    text = page.locator("#f-text")
    text.fill("User-agent: GPTBot\nDisallow: /\n")
    openai = page.locator("#checked tr", has_text="OpenAI")
    openai.get_by_text("some allowed").first.wait_for()
    text.press_sequentially("Disalow: /a")
    page.get_by_text('Line 3: unknown directive "Disalow"; did you mean "Disallow"?').wait_for()
    page.locator("#f-path").fill("/shop")
    page.locator("#checked th code", has_text="/shop").wait_for()
    assert text.input_value().endswith("Disalow: /a")
    page.get_by_role("button", name="Save and serve").click()
    page.get_by_role("alert").filter(has_text="line 3").first.wait_for()
    page.locator("#f-text").fill("User-agent: GPTBot\nDisallow: /\n")
    page.get_by_role("button", name="Save and serve").click()
    page.get_by_text("Served by Crawlight since").wait_for()
    page.get_by_role("button", name="Serve my site's own again").click()
    page.get_by_text("Served by your site.").wait_for()


def test_it_works_without_scripts(visit: Visit) -> None:
    page = visit(PATH, "owner", java_script_enabled=False)
    page.locator("#f-text").fill("User-agent: *\nDisallow: /private\n")
    page.locator("#f-path").fill("/private/x")
    page.get_by_role("button", name="Check").click()
    page.locator("#checked th code", has_text="/private/x").wait_for()
    assert page.locator("#f-text").input_value() == "User-agent: *\nDisallow: /private\n"
    assert page.locator("#checked").get_by_text("blocked", exact=True).count() >= 25


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_and_is_accessible(server: Server, visit: Visit, width: int, scheme: str) -> None:
    page = visit(PATH, "owner", width, color_scheme=scheme)
    with watched(page, server):
        page.locator("#f-text").fill("User-agent: *\nDisallow: /private\n\nUser-agent: GPTBot\nDisallow: /\n")
        page.locator("#f-path").fill("/shop/a-long-path-that-somebody-types/with?parameters=and-more")
        page.locator("#checked th code", has_text="/shop").wait_for()
        if folder := os.environ.get("SHOTS"):
            page.screenshot(path=f"{folder}/robots-{width}-{scheme}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert faults(page) == []


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("section", ["headers", "sitemap", "llms"])
def test_the_pages_beside_it_fit_and_are_accessible(
    server: Server, visit: Visit, width: int, section: str
) -> None:
    page = visit(f"/domains/example.com/settings/{section}", "owner", width)
    with watched(page, server):
        if folder := os.environ.get("SHOTS"):
            page.screenshot(path=f"{folder}/{section}-{width}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert faults(page) == []
