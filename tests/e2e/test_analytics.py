"""The pages with numbers in a real browser: chart, filters, live view, export."""

import json
import re
import urllib.request

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Visit, faults, watched
from tests.processes import Server

AGENTS = {"GPTBot/1.0": 3, "Googlebot/2.1": 2, "Slackbot 1.0": 1}


@pytest.fixture(scope="module")
def key() -> list[str]:
    """The key that the first test makes in the browser; kept for the others of the module."""
    return []


def report(server: Server, key: str, agent: str, path: str) -> None:
    body = json.dumps({"url": f"https://example.com{path}", "userAgent": agent, "status": 200}).encode()
    request = urllib.request.Request(f"{server.url}/v1/event/crawl", body, {"Authorization": f"Bearer {key}"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        assert json.load(answer) == {"accepted": 1, "ignored": 0}


@pytest.fixture
def crawled(server: Server, visit: Visit, key: list[str]) -> Server:
    """Six crawls of today on example.com, reported once for the module."""
    if not key:
        page = visit("/account/keys", "owner")
        page.get_by_label("Name").fill("analytics")
        page.get_by_role("button", name="Make a key").click()
        key.append(page.locator(".secret input").input_value())
        for agent, times in AGENTS.items():
            for number in range(times):
                report(server, key[0], agent, f"/{number}")
    return server


def loaded(page: Page, path: str) -> Page:
    """The page once the crawls are in the store: within two seconds, longer on a busy machine."""
    for _ in range(60):
        page.goto(path)
        if page.get_by_text("OpenAI").count():
            break
        page.wait_for_timeout(250)
    return page


def test_crawls_appear_live_while_one_looks(crawled: Server, visit: Visit, key: list[str]) -> None:
    page = loaded(visit("/", "viewer"), "/domains/example.com")
    page.goto("/domains/example.com/live")
    expect(page.locator("[data-live]")).to_have_text("live")
    expect(page.locator("#crawls")).to_contain_text("Slackbot")
    report(crawled, key[0], "ClaudeBot/1.0", "/just-now")
    expect(page.locator("#crawls tr").first).to_contain_text("/just-now", timeout=20_000)
    expect(page.locator("#crawls tr").first).to_contain_text("ClaudeBot")


def test_chart_and_tables_lead_to_one_bot(crawled: Server, visit: Visit) -> None:
    page = loaded(visit("/", "viewer"), "/domains/example.com?period=7d")
    expect(page.locator(".chart canvas")).to_be_visible()
    legend = page.locator(".legend:visible")
    expect(legend).to_contain_text(re.compile("Other social ?1"))
    page.get_by_role("button", name="Expand groups").click()
    expect(page.get_by_role("button", name="Collapse groups")).to_be_visible()
    expect(legend).to_contain_text("Slack 1")
    expect(legend).not_to_contain_text("Other social")
    page.locator(".as-table:visible", has_text="As a table").locator("summary").click()
    expect(page.get_by_role("columnheader", name="Slack")).to_be_visible()
    page.get_by_role("button", name="Collapse groups").click()
    expect(page.get_by_role("columnheader", name="Other social")).to_be_visible()
    legend.get_by_role("link", name="OpenAI").click()
    expect(page).to_have_url(re.compile(r"/domains/example\.com/bots/openaibot\?period=7d$"))
    expect(page.get_by_role("heading", level=1)).to_have_text("OpenAI")


@pytest.mark.parametrize(("days", "most"), [(1, 1), (7, 7), (30, 8), (365, 9)])
@pytest.mark.parametrize("width", [300, 700])
def test_the_chart_names_days_of_its_period_alone(
    crawled: Server, visit: Visit, days: int, most: int, width: int
) -> None:
    """Each label stands under a day, the last day has one, and there is room for all of them."""
    page = loaded(visit("/", "viewer"), f"/domains/example.com?period={days}d")
    expect(page.locator(".chart canvas")).to_be_visible()
    ask = "([count, width]) => labelled([...Array(count).keys()].map((n) => 86400 * (20000 + n)), width)"
    labels = page.evaluate(ask, [days, width])
    assert labels[-1] == 86_400 * (20_000 + days - 1)
    assert len(set(labels)) == len(labels) <= min(most, width // 76)
    assert {(label - labels[0]) % 86_400 for label in labels} == {0}
    assert page.evaluate("dayName", 86_400 * 20_000) == "Oct 4"


def test_filters_live_in_the_url_and_can_be_removed(crawled: Server, visit: Visit) -> None:
    page = loaded(visit("/", "viewer"), "/domains/example.com")
    page.locator("summary", has_text="Filter").click()
    page.get_by_label("Category").select_option("ai")
    page.get_by_role("button", name="Show").click()
    expect(page).to_have_url(re.compile("category=ai"))
    expect(page.locator(".legend")).not_to_contain_text("Googlebot")
    page.get_by_role("link", name=re.compile("Remove the filter category")).click()
    expect(page.locator(".legend")).to_contain_text("Googlebot")


def test_the_export_button_gives_the_document_of_the_api(
    crawled: Server, visit: Visit, key: list[str]
) -> None:
    page = loaded(visit("/", "owner"), "/domains/example.com")
    page.goto("/?period=7d")
    with page.expect_download() as download:
        page.get_by_role("link", name="Export all (JSON)").click()
    shown = json.loads(download.value.path().read_text())
    status, answered = crawled.post("/functions/v1/export-user-analytics", key[0], b'{"period": "7d"}')
    assert (status, shown["period"]) == (200, "7d")
    assert shown | {"generatedAt": ""} == answered | {"generatedAt": ""}


PATHS = ["/", "/domains/example.com", "/domains/example.com/bots/openaibot", "/domains/example.com/live"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_fit_a_phone_and_break_no_rule(crawled: Server, visit: Visit, path: str, scheme: str) -> None:
    page = loaded(visit("/", "viewer", 360, color_scheme=scheme), "/domains/example.com")
    with watched(page, crawled):
        page.goto(path)
        page.wait_for_load_state("load")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        assert faults(page) == []
