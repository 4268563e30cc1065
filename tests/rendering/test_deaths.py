"""Browsers that die, freeze, crash or are left behind."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import psutil
import pytest
from aiohttp import web

from crawlight.rendering.process import PREFIX, BrowserProcess, reap_stale
from crawlight.rendering.renderer import Renderer, RenderError
from tests.rendering.conftest import request_for
from tests.rendering.site import CONTENT, Site

pytestmark = pytest.mark.anyio


@pytest.fixture
async def own(anyio_backend: str) -> AsyncIterator[Renderer]:
    """A renderer with a browser of the test's own."""
    opened = Renderer(concurrency=2)
    yield opened
    await opened.close()


def process_of(renderer: Renderer) -> BrowserProcess:
    browser = renderer.supervisor.current
    assert browser is not None
    assert browser.process is not None
    return browser.process


def group(pid: int) -> list[psutil.Process]:
    """Every process that a browser has, wherever it was moved to."""
    leader = psutil.Process(pid)
    return [leader, *leader.children(recursive=True)]


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not condition():
            await asyncio.sleep(0.02)


def is_gone(process: psutil.Process) -> bool:
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def gated(site: Site) -> asyncio.Event:
    """Put a page at / whose content comes when the event is set."""
    gate = asyncio.Event()

    async def api(_: web.Request) -> web.Response:
        await gate.wait()
        return web.json_response({})

    site.pages["/api"] = api
    show = f"fetch('/api').then(() => {{ root.innerHTML = '{CONTENT}' }})"
    site.page("/", f"<div id=root>Loading</div><script>{show}</script>")
    return gate


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGSTOP])
async def test_what_is_being_rendered_and_what_waits_survives_the_browser(
    own: Renderer, site: Site, number: signal.Signals
) -> None:
    gate = gated(site)
    renders = [asyncio.create_task(own.render(request_for(site.url + "/"))) for _ in range(4)]
    await until(lambda: site.asked.count("/api") == 2)
    before = process_of(own)
    os.kill(before.pid, number)
    await until(lambda: own.supervisor.started == 2)
    gate.set()
    for page in await asyncio.gather(*renders):
        assert CONTENT.encode() in page.html
    assert process_of(own).pid != before.pid
    await until(lambda: not before.folder.exists())
    assert not psutil.pid_exists(before.pid)


async def test_a_page_that_crashes_its_process_is_told(own: Renderer, site: Site) -> None:
    gate = gated(site)
    render = asyncio.create_task(own.render(request_for(site.url + "/")))
    await until(lambda: "/api" in site.asked)
    for process in group(process_of(own).pid):
        if "--type=renderer" in process.cmdline():
            process.kill()
    with pytest.raises(RenderError) as failed:
        await render
    assert failed.value.reason == "crash"
    gate.set()
    assert CONTENT.encode() in (await own.render(request_for(site.url + "/"))).html
    assert own.supervisor.started == 1


async def test_nothing_is_left_behind(site: Site) -> None:
    renderer = Renderer()
    await renderer.render(request_for(site.page("/", CONTENT)))
    process = process_of(renderer)
    processes = group(process.pid)
    assert len(processes) > 3
    await renderer.close()
    assert not process.folder.exists()
    await until(lambda: all(map(is_gone, processes)))


async def test_a_browser_is_replaced_between_pages(
    own: Renderer, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crawlight.rendering.watchdog.MOST_RENDERS", 3)
    url = site.page("/", CONTENT)
    await own.render(request_for(url))
    first = process_of(own)
    for _ in range(2):
        await own.render(request_for(url))
    await until(lambda: own.supervisor.current is None)
    assert CONTENT.encode() in (await own.render(request_for(url))).html
    await until(lambda: not psutil.pid_exists(first.pid))


async def test_a_browser_that_takes_too_much_is_ended(
    own: Renderer, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crawlight.rendering.watchdog._BYTES", 1)
    monkeypatch.setattr("crawlight.rendering.watchdog._BYTES_PER_TAB", 1)
    await own.render(request_for(site.page("/", CONTENT)))
    first = process_of(own)
    await until(lambda: not psutil.pid_exists(first.pid))
    monkeypatch.undo()  # or the next one had a second to live
    assert CONTENT.encode() in (await own.render(request_for(site.url + "/"))).html


async def test_browsers_of_a_dead_server_are_ended() -> None:
    script = """
import asyncio, os
from crawlight.rendering.renderer import Renderer
async def main():
    renderer = Renderer()
    await renderer.version()
    process = renderer.supervisor.current.process
    print(process.pid, process.folder, flush=True)
    os.kill(process.pid, 19)
    os.kill(os.getpid(), 9)
asyncio.run(main())
"""
    dead = subprocess.run([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, timeout=60)
    pid, folder = dead.stdout.splitlines()[-1].split()
    assert Path(folder).name.startswith(PREFIX)
    left = psutil.Process(int(pid))
    await until(lambda: left.status() == psutil.STATUS_STOPPED)
    assert await asyncio.to_thread(reap_stale) >= 1
    await until(lambda: is_gone(left))
    assert not Path(folder).exists()


async def test_those_of_a_living_server_are_left_alone(own: Renderer) -> None:
    await own.version()
    await asyncio.to_thread(reap_stale)
    assert process_of(own).folder.exists()
    assert psutil.Process(process_of(own).pid).is_running()


async def test_too_many_that_wait_are_told_so(site: Site) -> None:
    renderer = Renderer(concurrency=1, most_waiting=1)
    gate = gated(site)
    first = asyncio.create_task(renderer.render(request_for(site.url + "/")))
    await until(lambda: renderer.slots.running == 1)
    second = asyncio.create_task(renderer.render(request_for(site.url + "/")))
    await until(lambda: renderer.slots.waiting == 1)
    with pytest.raises(RenderError, match="1 renders wait already"):
        await renderer.render(request_for(site.url + "/"))
    gate.set()
    assert {page.status for page in await asyncio.gather(first, second)} == {200}
    await renderer.close()


async def test_the_urgent_goes_first(site: Site) -> None:
    renderer = Renderer(concurrency=1)
    gate = gated(site)
    for name in ("later", "sooner"):
        site.page(f"/{name}", CONTENT)
    first = asyncio.create_task(renderer.render(request_for(site.url + "/")))
    await until(lambda: renderer.slots.running == 1)
    rest = []
    for name, priority in (("later", 5), ("sooner", 1)):
        rest.append(
            asyncio.create_task(renderer.render(request_for(f"{site.url}/{name}", priority=priority)))
        )
        await until(lambda: renderer.slots.waiting == len(rest))
    gate.set()
    await asyncio.gather(first, *rest)
    assert [path for path in site.asked if path in ("/later", "/sooner")] == ["/sooner", "/later"]
    await renderer.close()
