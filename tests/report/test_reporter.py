"""The report's numbers are the export's; the PDF is made by a real browser and read back."""

import json
import re
import subprocess
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from crawlight.accounts.people import create_account, find_account
from crawlight.accounts.scope import Scope, scope_of
from crawlight.bots.keys import NAMED, OTHER, OTHER_SOCIAL
from crawlight.domains.pages import learn, record_audit
from crawlight.domains.registry import add_domain
from crawlight.kit.clock import now
from crawlight.report.content import Content, collect
from crawlight.report.printing import Printer, PrintError
from crawlight.report.reporter import html_of
from crawlight.runtime.services import Services, open_services
from crawlight.settings import load_settings
from tests.records import Record, insert

pytestmark = pytest.mark.anyio

MEGABYTE = 1_000_000


@pytest.fixture(scope="module")
async def services(tmp_path_factory: pytest.TempPathFactory, anyio_backend: str) -> AsyncIterator[Services]:
    """Two domains, one of them with crawls in this period and the one before."""
    async with open_services(load_settings(data_dir=tmp_path_factory.mktemp("report") / "data")) as opened:
        await create_account(opened.database, opened.settings.plans, "me@example.org")
        first = await add_domain(opened.database, "example.com", "me@example.org")
        await add_domain(opened.database, "quiet.example", "me@example.org")
        await learn(opened.database, first.id, ["/", "/<b>bold</b>", "/poor"])
        await record_audit(opened.database, first.id, "/poor", 12, 7)
        insert(opened.store, list(crawls(first.id, now())))
        yield opened


def crawls(domain_id: int, moment: datetime) -> list[Record]:
    today = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    crawl = Record(domain_id=domain_id, ts=today, outcome="hit", path="/")
    rows = [crawl] * 8 + [crawl._replace(outcome="miss")] * 2
    rows += [crawl._replace(agent="GPTBot", key="openaibot", category="ai_training", path="/<b>bold</b>")] * 3
    rows += [crawl._replace(agent="Slackbot", key="slackbot", category="social")] * 4
    rows += [crawl._replace(agent="YandexBot", key="yandexbot")] * 5
    rows += [crawl._replace(agent="AhrefsBot", key="", category="seo")] * 6
    rows += [crawl._replace(identity="spoofed")] * 9
    rows += [crawl._replace(ts=today - timedelta(days=30))] * 5
    rows += [crawl._replace(kind="referral", agent="ChatGPT", key="", outcome="none", identity="none")] * 2
    return rows


async def scope(services: Services) -> Scope:
    return await scope_of(services.database, (await find_account(services.database, "me@example.org")).id)


async def content(services: Services, period: str = "30d") -> Content:
    return await collect(services.exporter, await scope(services), period, now(), all_domains=True)


async def test_its_numbers_are_those_of_the_export(services: Services) -> None:
    for period in ("1d", "30d", "365d"):
        document = json.loads(await services.exporter.export(await scope(services), period, now()))
        found = await content(services, period)
        for domain, section in zip(document["domains"], found.sections, strict=True):
            assert section.domain.domain == domain["domain"]
            assert section.domain.summary.total_crawls == domain["summary"]["totalCrawls"]
            totals = domain["botTotals"]
            folded = [
                *([totals[key]] for key in NAMED),
                *([totals[key] for key in part] for part in (OTHER_SOCIAL, OTHER)),
            ]
            assert [group.crawls for group in section.groups] == [sum(part) for part in folded]
            whole = sum(group.crawls for group in section.groups) + section.unkeyed
            assert whole == domain["summary"]["totalCrawls"]


async def test_what_it_says_beside_the_export(services: Services) -> None:
    section, quiet = (await content(services)).sections
    assert (section.before.total_crawls, section.unkeyed, section.spoofed) == (5, 6, 9)
    assert [(one.agent, one.crawls, one.before) for one in section.ai] == [("GPTBot", 3, 0)]
    assert [(one.assistant, one.visits) for one in section.referrals] == [("ChatGPT", 2)]
    assert [(page.path, page.score) for page in section.worst] == [("/poor", 12)]
    assert (quiet.ai, quiet.referrals, quiet.worst, quiet.spoofed) == ([], [], [], 0)
    assert [group.crawls for group in (await content(services)).combined()] == [
        g.crawls for g in section.groups
    ]


async def test_it_is_text_and_says_what_there_is_not(services: Services) -> None:
    html = html_of(await content(services))
    assert "<b>bold" not in html
    assert "No crawler came in these days" in html
    whole = "".join(html.split())
    assert "<span>Cachehitrate</span><b>92.9%</b>" in whole
    assert "<span>Cachehitrate</span><b>–</b>" in whole
    assert "+460%" in html
    assert "9 further crawls came under a false name" in html
    assert "Crawls per day" in html
    assert "Crawls per week" in html_of(await content(services, "365d"))
    assert whole.count("92.9%") == 3, "the domain's row, all domains', and the domain's own page"
    assert not re.search(r"(?:src|href)=|@import|url\(", html)


async def test_the_pdf(services: Services, tmp_path: Path) -> None:
    pdf = await services.report("me@example.org", "30d", "www.example.com")
    assert len(pdf) < MEGABYTE
    file = tmp_path / "report.pdf"
    file.write_bytes(pdf)
    pages = subprocess.run(
        ["pdftotext", "-layout", str(file), "-"], check=True, capture_output=True, text=True
    ).stdout.split("\f")[:-1]
    for number, page in enumerate(pages, 1):
        assert f"Page {number} of {len(pages)}" in page
    text = "".join(pages)
    assert "quiet.example" not in text
    for told in (
        "example.com",
        "28 crawls",
        "+460%",
        "Other social",
        "Googlebot",
        "ChatGPT",
        "SEO health",
        "/poor",
    ):
        assert told in text


async def test_without_a_browser_it_says_what_to_do() -> None:
    with pytest.raises(PrintError, match="install chromium"):
        await Printer(path="/nowhere/chromium").pdf("<p>x</p>", "")
