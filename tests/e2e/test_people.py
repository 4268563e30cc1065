"""What people do, in a real browser: by mouse, by keyboard alone, and without any script."""

import re
import time

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import PASSWORD, Visit, sign_in, watched
from tests.processes import Crawlight, Server

KEY = re.compile(r"hado_sk_[0-9a-f]{48}")


def test_the_first_account_is_made_by_the_printed_link(browser: Browser, tmp_path: object) -> None:
    with Crawlight(tmp_path / "data").serve() as server:
        page = browser.new_page()
        link = setup_link(server)
        page.goto(server.url)
        expect(page.get_by_role("heading", name="Welcome to Crawlight")).to_be_visible()
        page.goto(link)
        page.get_by_label("E-mail address").fill("me@example.org")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Create account").click()
        expect(page.get_by_text("Add your first domain")).to_be_visible()
        page.goto(link)
        expect(page.get_by_text("This link no longer works")).to_be_visible()
        page.close()


def setup_link(server: Server) -> str:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        if found := re.search(r"http://\S+/setup/\S+", "".join(server.told)):
            return found[0]
        time.sleep(0.05)
    raise AssertionError("no link was printed")


def test_a_key_is_shown_once_and_copied(server: Server, visit: Visit) -> None:
    page = visit("/account/keys", "owner", permissions=["clipboard-read", "clipboard-write"])
    with watched(page, server):
        page.get_by_label("Name").fill("edge worker 1")
        page.get_by_role("button", name="Make a key").click()
        shown = page.get_by_label("API key", exact=True)
        key = shown.input_value()
        assert KEY.fullmatch(key)
        page.wait_for_load_state()
        page.get_by_role("button", name="Copy").click()
        expect(page.get_by_role("button", name="Copied")).to_be_visible()
        assert page.evaluate("navigator.clipboard.readText()") == key
        page.reload()
        expect(page.get_by_role("row").filter(has_text="edge worker 1")).to_be_visible()
        assert not KEY.search(page.content())
    page.get_by_role("row").filter(has_text="edge worker 1").get_by_role("button", name="Revoke").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(page.get_by_text("edge worker 1 is revoked.")).to_be_visible()


def test_an_invited_client_comes_in(visit: Visit) -> None:
    owner = visit("/domains/example.com/settings/sharing", "owner")
    owner.get_by_label("E-mail address").fill("client@example.org")
    owner.get_by_role("button", name="Invite").click()
    link = owner.get_by_label("Invitation link").input_value()
    client = visit(link)
    expect(client.get_by_label("E-mail address")).to_have_value("client@example.org")
    client.get_by_label("Password").fill(PASSWORD)
    client.get_by_role("button", name="Create account").click()
    client.wait_for_url("**/domains/example.com")
    client.goto("/domains/example.com/settings/sharing")
    expect(client.get_by_text("client@example.org (you)")).to_be_visible()
    owner.reload()
    row = owner.get_by_role("row").filter(has_text="client@example.org")
    row.get_by_role("button", name="Remove").click()
    owner.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(owner.get_by_text("They no longer see this domain.")).to_be_visible()
    client.reload()
    expect(client.get_by_role("heading", name="Nothing here")).to_be_visible()


def test_everything_without_a_mouse(server: Server, visit: Visit) -> None:
    page = visit("/sign-in")
    with watched(page, server):
        # The browser gives the focus with the first frame that it paints, which may come after the load.
        expect(page.get_by_label("E-mail address")).to_be_focused()
        page.keyboard.type("owner@example.org")
        page.keyboard.press("Tab")
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(f"{server.url}/")
        page.keyboard.press("?")
        expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()
        page.keyboard.press("d")
        expect(page.locator(".switcher .sheet")).to_be_visible()
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        assert focused(page) == "example.com"
        page.keyboard.press("Escape")
        expect(page.locator(".switcher .sheet")).to_be_hidden()
        page.goto("/domains/example.com/settings/data")
        page.keyboard.press("Tab")
        assert focused(page) == "Skip to content"
        tab_to(page, "Remove example.com")
        page.keyboard.press("Enter")
        dialog = page.get_by_role("dialog", name="Remove example.com?")
        expect(dialog).to_be_visible()
        page.keyboard.type("example.co")
        page.keyboard.press("Enter")
        expect(dialog).to_be_visible()
        page.keyboard.press("Escape")
        expect(dialog).to_be_hidden()
        page.keyboard.press("g")
        page.keyboard.press("o")
        page.wait_for_url(f"{server.url}/")


def tab_to(page: Page, name: str) -> None:
    for _ in range(60):
        if focused(page) == name:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"no way to {name} by Tab")


def focused(page: Page) -> str:
    text: str = page.evaluate("document.activeElement.textContent.trim()")
    return text


def test_keys_do_nothing_where_one_types(visit: Visit) -> None:
    page = visit("/domains/new", "owner")
    page.get_by_label("Host name").press_sequentially("?d.example")
    expect(page.get_by_label("Host name")).to_have_value("?d.example")
    expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()


@pytest.mark.parametrize("who", ["owner"])
def test_pages_work_without_script(visit: Visit, who: str) -> None:
    page = visit("/account/keys", who, java_script_enabled=False)
    page.get_by_label("Name").fill("no script")
    page.get_by_role("button", name="Make a key").click()
    assert KEY.search(page.content())
    page.goto("/domains/example.com/settings")
    page.get_by_label("Language").fill("fr")
    page.get_by_role("button", name="Save settings").click()
    expect(page.get_by_text("Settings saved.")).to_be_visible()
    page.goto("/account/keys")
    row = page.get_by_role("row", name="no script")
    row.get_by_role("button", name="Revoke").click()
    expect(page.get_by_role("row", name="no script").get_by_role("button")).to_have_count(0)


def test_signing_out_everywhere(visit: Visit) -> None:
    one, other = visit("/sign-in"), visit("/sign-in")
    for page in (one, other):
        sign_in(page, "stranger")
        page.goto("/account")
    one.get_by_role("button", name="Sign out everywhere").click()
    one.get_by_role("dialog").get_by_role("button", name="Sign out everywhere").click()
    expect(one.get_by_text("You are signed out everywhere.")).to_be_visible()
    other.reload()
    expect(other.get_by_role("heading", name="Sign in")).to_be_visible()
    sign_in(other, "stranger")
