"""A real browser, and a running server with people on it."""

import asyncio
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from crawlight.accounts.people import create_account
from crawlight.database.engine import Database
from crawlight.domains.claims import claim
from crawlight.domains.registry import add_domain, share_domain
from crawlight.settings import load_settings
from tests.processes import Crawlight, Server

PASSWORD = "correct horse battery"
PEOPLE = ("owner", "viewer", "stranger")

Visit = Callable[..., Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # No longer than a module: while it is open, no other event loop can run in this thread.
    # Without one of Debian's, Playwright takes its own.
    path = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Owner and viewer of example.com, a stranger; the owner also waits for the proof of another domain."""
    data = tmp_path_factory.mktemp("e2e") / "data"
    with ThreadPoolExecutor(1) as thread:  # The browser's event loop may run in this one.
        thread.submit(asyncio.run, people(data)).result()
    with Crawlight(data).serve() as running:
        yield running


@pytest.fixture(scope="module")
def signed_in(server: Server, browser: Browser) -> Callable[[str], object]:
    """The cookies of somebody who is signed in: they sign in once, for tries are limited."""
    states: dict[str, object] = {}

    def state_of(who: str) -> object:
        if who not in states:
            with browser.new_context(base_url=server.url) as context:
                sign_in(context.new_page(), who)
                states[who] = context.storage_state()
        return states[who]

    return state_of


@pytest.fixture
def visit(server: Server, browser: Browser, signed_in: Callable[[str], object]) -> Iterator[Visit]:
    """Open a page of the server in a browser of its own, in which ``who`` is signed in."""
    contexts = []

    def opened(path: str = "/", who: str = "", width: int = 1280, **options: object) -> Page:
        state = signed_in(who) if who else None
        size = {"width": width, "height": 800}
        context = browser.new_context(base_url=server.url, viewport=size, storage_state=state, **options)
        contexts.append(context)
        page = context.new_page()
        page.goto(path)
        return page

    yield opened
    for context in contexts:
        context.close()


def sign_in(page: Page, who: str, address: str = "/sign-in") -> None:
    page.goto(address)
    page.get_by_label("E-mail address").fill(f"{who}@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("Account menu").wait_for()


@contextmanager
def watched(page: Page, server: Server) -> Iterator[list[str]]:
    """What a page must not do while it is looked at: complain, break its policy, ask another host."""
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: _check(request.url, server.url, complaints))
    yield complaints
    assert complaints == []


def _check(url: str, own: str, complaints: list[str]) -> None:
    if not url.startswith((own, "data:")):
        complaints.append(f"asks {url}")


def faults(page: Page) -> list[tuple[str, str]]:
    """What keeps people out of a page: serious violations of accessibility rules, each with its first element."""
    found = Axe().run(page).response["violations"]
    bad = [one for one in found if one["impact"] in ("serious", "critical")]
    return [(one["id"], one["nodes"][0]["html"]) for one in bad]


async def people(data: Path) -> None:
    settings = load_settings(data_dir=data)
    database = await Database.open(settings.database_url)
    for who in PEOPLE:
        account = await create_account(
            database, settings.plans, f"{who}@example.org", plan="agency", password=PASSWORD
        )
        if who == "owner":
            await claim(database, account.id, "shop.example.net")
    await add_domain(database, "example.com", "owner@example.org")
    await share_domain(database, "example.com", "viewer@example.org", "viewer")
    await database.close()
