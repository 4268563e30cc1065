"""Pages whose list, title and structured data come late, by fetches and timers: how many are half at a second visit."""

import argparse
import asyncio
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import web
from sqlalchemy import func, select
from tests.edge.rendered import Edge, rendering_edge
from tests.rendering.site import CONTENT, Handler, Site

from benchmarks.rendering.render import hog, nothing
from crawlight.database.tables import Page
from crawlight.domains import late_content
from crawlight.rendering.watchdog import memory_of

LATEST = 2500
"""Milliseconds after which the last of it comes."""
WAIT_SECONDS = 12

_PAGE = """<h1>Watch NUMBER</h1>CONTENT<ul id=list></ul><script>
const add = (name, values) => document.head.append(Object.assign(document.createElement(name), values));
const row = one => `<li><a href=/item/${one}>The late item ${one}</a>`;
const list = () => fetch('/api/list?ms=LIST&n=NUMBER').then(a => a.json())
  .then(all => { document.getElementById('list').innerHTML = all.map(row).join('') });
const data = {"@type": "Product", "name": "late NUMBER"};
setTimeout(list, BEFORE);
setTimeout(() => { document.title = 'The late title of NUMBER' }, TITLE);
setTimeout(() => add('script', {type: 'application/ld+json', textContent: JSON.stringify(data)}), DATA);
</script>"""


def put(site: Site, pages: int) -> list[str]:
    """The site; the same in each run."""
    chance, paths = random.Random(15), []
    for number in range(pages):
        before = chance.choice([0, 0, chance.randrange(LATEST // 2)])
        moments = {
            "BEFORE": before,
            "LIST": chance.randrange(LATEST - before),
            "TITLE": chance.randrange(LATEST),
            "DATA": chance.randrange(LATEST),
            "NUMBER": number,
        }
        body = _PAGE.replace("CONTENT", CONTENT)
        for name, moment in moments.items():
            body = body.replace(name, str(moment))
        paths.append(f"/watch/{number}")
        site.page(paths[-1], body, "<title>App</title>")
    site.pages["/api/list"] = _api()
    return paths


def _api() -> Handler:
    async def answer(request: web.Request) -> web.Response:
        await asyncio.sleep(int(request.query["ms"]) / 1000)
        return web.json_response([int(request.query["n"]) + more for more in range(5)])

    return answer


def is_whole(html: str, path: str) -> bool:
    number = path.rpartition("/")[2]
    parts = (
        f"<title>The late title of {number}</title>",
        f'"late {number}"',
        f"The late item {int(number) + 4}<",
    )
    return all(part in html for part in parts)


async def visit(edge: Edge, paths: Iterable[str], crawlers: int) -> dict[str, Any]:
    """Ask for all pages, so many at a time."""
    rest, took = iter(paths), []
    found = {"whole": 0, "half": 0, "none": 0}

    async def crawl() -> None:
        for path in rest:
            began = time.monotonic()
            answer = await edge.get(path)
            took.append(time.monotonic() - began)
            kind = "none" if answer.status_code != 200 else "whole" if is_whole(answer.text, path) else "half"
            found[kind] += 1

    began = time.monotonic()
    await asyncio.gather(*(crawl() for _ in range(crawlers)))
    wall = time.monotonic() - began
    return {
        **found,
        "p50 ms": round(1000 * sorted(took)[len(took) // 2]),
        "pages/min": round(60 * len(took) / wall),
    }


async def rest(edge: Edge) -> None:
    """Wait until nothing is owed any more."""
    owed = select(func.count()).select_from(Page).where(Page.wanted_at.is_not(None))
    quiet = 0
    while quiet < 10:
        async with edge.services.database.read() as session:
            quiet = 0 if await session.scalar(owed) else quiet + 1
        await asyncio.sleep(0.5)


@asynccontextmanager
async def memory() -> AsyncIterator[list[float]]:
    """What the process and its browser take at most, in MB."""
    most = [0.0]

    async def watch() -> None:
        while True:
            most[0] = max(most[0], await asyncio.to_thread(memory_of, os.getpid()) / 1e6)
            await asyncio.sleep(1)

    watching = asyncio.create_task(watch())
    yield most
    watching.cancel()


async def measure(pages: int, crawlers: int) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        async with rendering_edge(Path(folder) / "data", render_wait=WAIT_SECONDS) as edge, memory() as most:
            paths, rows = put(edge.origin, pages), []
            for name in ("first visit", "second visit"):
                print(name, file=sys.stderr)
                rows.append({"": name, **await visit(edge, paths, crawlers), "memory MB": round(most[0])})
                await rest(edge)
            for one in await late_content.of_domain(edge.services.database, edge.domain_id):
                print(f"learned: {one.pattern} {one.milliseconds} ms, waits {one.wait} ms", file=sys.stderr)
            return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=2000)
    parser.add_argument("--crawlers", type=int, default=4, help="that ask at a time")
    parser.add_argument("--busy", action="store_true", help="while another process takes a core")
    parser.add_argument("--json", action="store_true", help="JSON instead of a table")
    options = parser.parse_args()
    with hog() if options.busy else nothing():
        rows = asyncio.run(measure(options.pages, options.crawlers))
    if options.json:
        print(json.dumps(rows, indent=2))
    else:
        print("  ".join(f"{name:>12}" for name in rows[0]))
        for row in rows:
            print("  ".join(f"{value!s:>12}" for value in row.values()))
    if rows[-1]["half"] or rows[-1]["none"]:
        sys.exit("pages are not whole at the second visit")


if __name__ == "__main__":
    main()
