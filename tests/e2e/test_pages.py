"""Every page in a real browser: nothing from elsewhere, nothing refused by the policy, open to everybody, and light."""

import pytest

from tests.e2e.conftest import Visit, faults, watched
from tests.processes import Server

SIGNED_OUT = ("/sign-in", "/reset", "/docs", "/join/none", "/nowhere")
SIGNED_IN = (
    "/",
    "/?period=7d",
    "/docs",
    "/domains/example.com?period=90d",
    "/domains/new",
    "/domains/shop.example.net/start",
    "/domains/shop.example.net/verify",
    "/domains/example.com/start?way=server",
    "/domains/example.com/settings",
    "/domains/example.com/settings/sharing",
    "/domains/example.com/settings/data",
    "/domains/example.com/settings/front",
    "/account",
    "/account/keys",
    "/account/plan",
    "/nowhere",
)
MOST_BYTES = 150_000


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (360, "dark")])
@pytest.mark.parametrize(
    ("who", "paths"), [("", SIGNED_OUT), ("owner", SIGNED_IN), ("viewer", SIGNED_IN[8:12])]
)
def test_pages_look_after_themselves(
    server: Server, visit: Visit, who: str, paths: tuple[str, ...], width: int, scheme: str
) -> None:
    page = visit("/sign-in", who, width, color_scheme=scheme)
    for path in paths:
        with watched(page, server) as complaints:
            page.goto(path)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
            assert faults(page) == [], path
            # A page that is not there says so by its status, and the browser repeats that.
            complaints[:] = [text for text in complaints if "status of 404" not in text]


@pytest.mark.parametrize(("who", "path"), [("", "/sign-in"), ("owner", "/")])
def test_the_first_page_is_light(visit: Visit, who: str, path: str) -> None:
    page = visit("/sign-in", who)
    received: list[int] = []
    page.on("requestfinished", lambda request: received.append(sum_of(request.sizes())))
    client = page.context.new_cdp_session(page)
    client.send("Network.enable")
    client.send("Network.setCacheDisabled", {"cacheDisabled": True})
    page.goto(path, wait_until="networkidle")
    assert 0 < sum(received) < MOST_BYTES


def sum_of(sizes: dict[str, int]) -> int:
    return sizes["responseBodySize"] + sizes["responseHeadersSize"]
