"""One subject of the benchmark in a process of its own: renders in a closed loop, and tells what it took as JSON."""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import psutil
from playwright.async_api import async_playwright

from benchmarks.rendering.site import ROUTES, is_whole
from crawlight.ids import DomainId
from crawlight.rendering.binaries import find_browser
from crawlight.rendering.renderer import Renderer, RenderRequest
from crawlight.rendering.watchdog import memory_of

Render = Callable[[int, str], Awaitable[str]]
"""Renders a path of the site for one of the loops; gives the HTML."""

_FLAGS = """
--disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync
--no-sandbox
"""
_BLOCKED = ["*://*:*/*.png"]
_WHOLE = (
    "document.querySelectorAll('section').length === 8 && !!document.querySelector('link[rel=canonical]')"
)


def browser() -> Path:
    """The browser that all subjects use."""
    found = find_browser()
    if found is None:
        sys.exit("this benchmark needs chromium-headless-shell")
    return found


@asynccontextmanager
async def raw(site: str, loops: int) -> AsyncIterator[Render]:
    """The floor: a tab for each loop, used again and again; the content is awaited by its own marks."""
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=browser(), args=_FLAGS.split())
        tabs = [await (await opened.new_context()).new_page() for _ in range(loops)]
        for tab in tabs:
            session = await tab.context.new_cdp_session(tab)
            await session.send("Network.enable")
            patterns = [{"urlPattern": pattern, "block": True} for pattern in _BLOCKED]
            await session.send("Network.setBlockedURLs", {"urlPatterns": patterns})

        async def render(loop: int, path: str) -> str:
            await tabs[loop].goto(site + path, wait_until="commit")
            await tabs[loop].wait_for_function(_WHOLE)
            return await tabs[loop].content()

        yield render
        await opened.close()


@asynccontextmanager
async def crawlight(site: str, loops: int) -> AsyncIterator[Render]:
    """Ours."""
    renderer = Renderer(concurrency=loops)

    async def render(_: int, path: str) -> str:
        request = RenderRequest(
            url=site + path, domain_id=DomainId(1), account_id=1, allowed_networks=("127.0.0.0/8",)
        )
        return (await renderer.render(request)).html.decode()

    yield render
    await renderer.close()


@asynccontextmanager
async def peer(
    site: str, loops: int, is_up: Callable[[str], bool] = lambda html: is_whole(html, "/")
) -> AsyncIterator[Render]:
    """npm prerender; ``is_up`` says whether it has rendered the start page."""
    folder = Path(__file__).parent / "peer"
    port = 20_000 + os.getpid() % 10_000
    environment = os.environ | {
        "PORT": str(port),
        "DEBUGGING_PORT": str(port + 10_000),
        "BROWSER": str(browser()),
    }
    command = ["node", "server.js"]
    # Its browser runs in the folder it is started in, and must not find a profile of somebody else.
    with (
        tempfile.TemporaryDirectory() as home,
        subprocess.Popen(
            command,
            cwd=folder,
            env=environment | {"HOME": home},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process,
    ):
        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as client:

            async def render(_: int, path: str) -> str:
                # A redirect is an answer without a page.
                asked = {"url": site + path}
                async with client.get("/render", params=asked, allow_redirects=False) as answer:
                    return "" if 300 <= answer.status < 400 else await answer.text()

            try:
                await _until_it_renders(render, is_up)
                yield render
            finally:
                family = psutil.Process(process.pid).children(recursive=True)
                process.terminate()
                for child in family:
                    if child.is_running():
                        child.kill()


async def _until_it_renders(render: Render, is_up: Callable[[str], bool]) -> None:
    async with asyncio.timeout(60):
        while True:
            try:
                if is_up(await render(0, "/")):
                    return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.2)


SUBJECTS = {"raw": raw, "crawlight": crawlight, "prerender": peer}


async def measure(name: str, site: str, loops: int, seconds: float, pages: int) -> dict[str, object]:
    """Render until time is up or enough pages are done, the first of each loop not counted."""
    async with SUBJECTS[name](site, loops) as render:
        for path in ROUTES[:4]:
            await asyncio.gather(*(render(loop, path) for loop in range(loops)))
        before, start = cpu(), time.monotonic()
        latencies: list[float] = []
        bad = 0

        async def loop(number: int) -> None:
            nonlocal bad
            turn = number
            while time.monotonic() - start < seconds and len(latencies) < pages:
                path = ROUTES[turn % len(ROUTES)]
                began = time.monotonic()
                try:
                    html = await render(number, path)
                except Exception as error:
                    print(f"{name}: {path}: {error}", file=sys.stderr)
                    html = ""
                latencies.append(time.monotonic() - began)
                bad += not is_whole(html, path)
                turn += loops

        await asyncio.gather(*(loop(number) for number in range(loops)))
        wall, used = time.monotonic() - start, cpu() - before
        memory = memory_of(os.getpid())
    return {
        "pages": len(latencies),
        "bad": bad,
        "latencies": latencies,
        "wall": wall,
        "cpu": used,
        "memory": memory,
    }


def cpu() -> float:
    """CPU seconds of this process and all below it, those that have ended too."""
    me = psutil.Process()
    total = 0.0
    for process in [me, *me.children(recursive=True)]:
        try:
            times = process.cpu_times()
        except psutil.Error:
            continue
        total += times.user + times.system + times.children_user + times.children_system
    return total


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("name", choices=SUBJECTS)
    parser.add_argument("site")
    parser.add_argument("--loops", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--pages", type=int, default=1_000_000)
    chosen = parser.parse_args()
    told = asyncio.run(measure(chosen.name, chosen.site, chosen.loops, chosen.seconds, chosen.pages))
    print(json.dumps(told))
