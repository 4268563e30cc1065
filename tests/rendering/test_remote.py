"""A browser that somebody else started, reached over its DevTools address."""

import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from crawlight.kit.origin import Origin
from crawlight.rendering.binaries import find_browser
from crawlight.rendering.process import sandboxed
from crawlight.rendering.renderer import Renderer, RenderError
from tests.rendering.conftest import request_for
from tests.rendering.site import CONTENT, Site
from tests.servers import ended

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The DevTools address of a browser."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    profile: Path = tmp_path_factory.mktemp("profile")
    flags = [f"--remote-debugging-port={port}", f"--user-data-dir={profile}", "--headless", "--disable-gpu"]
    command = [str(find_browser()), *flags, *([] if sandboxed() else ["--no-sandbox"])]
    with ended(command, stderr=subprocess.DEVNULL):
        end = time.monotonic() + 60
        while not _listens(port):
            assert time.monotonic() < end
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"


def _listens(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


async def test_it_renders_with_it_and_leaves_it_running(address: str, site: Site) -> None:
    url = site.page("/", CONTENT)
    for _ in range(2):
        renderer = Renderer(browser_url=address)
        assert CONTENT.encode() in (await renderer.render(request_for(url))).html
        assert await renderer.state() == ""
        await renderer.close()


async def test_it_reaches_no_private_address_either(address: str, site: Site) -> None:
    renderer = Renderer(browser_url=address)
    for url in (site.page("/", CONTENT), f"{address}/json/version"):
        with pytest.raises(RenderError) as refused:
            await renderer.render(request_for(url, allowed_networks=()))
        assert refused.value.reason == "blocked_address"
    assert site.asked == []
    await renderer.close()


async def test_one_that_is_not_there_is_told() -> None:
    renderer = Renderer(browser_url="http://127.0.0.1:1")
    with pytest.raises(RenderError, match=r"no browser answers at http://127.0.0.1:1") as failed:
        await renderer.render(request_for("http://127.0.0.1:1/"))
    assert failed.value.reason == "browser_down"
    assert "no browser answers" in await renderer.state()
    await renderer.close()


async def test_a_site_behind_its_own_address_is_at_its_public_name(address: str, site: Site) -> None:
    """The browser of others does not know our certificate, and takes it in the tabs of such a site."""
    site.page("/", f"{CONTENT}<script>document.title = location.href</script>")
    renderer = Renderer(browser_url=address)
    origin = Origin(frozenset({"shop.example"}), site.url)
    page = await renderer.render(request_for("https://shop.example/", origin=origin))
    assert b"<title>https://shop.example/</title>" in page.html
    await renderer.close()
