"""Due pages that have not changed, beside their render: CPU, requests, 10,000 pages, and 1,000 changes among them."""

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
from aiohttp import web
from msgspec.structs import replace
from sqlalchemy import select, update

from benchmarks.rendering import site
from benchmarks.rendering.subject import cpu
from crawlight.accounts.people import create_account
from crawlight.database.tables import Page, PageInputs
from crawlight.domains import page_inputs, wanted
from crawlight.domains.page_inputs import Noted
from crawlight.domains.registry import add_domain
from crawlight.domains.settings import change_settings
from crawlight.domains.sites import Site, load_sites
from crawlight.ids import DomainId
from crawlight.kit.clock import now
from crawlight.kit.logs import configure_logs
from crawlight.rendering.inputs import Input, MadeOf, digest_of, packed, unpacked
from crawlight.rendering.noting import under
from crawlight.rendering.snapshots import NewSnapshot
from crawlight.runtime.services import Services, open_services
from crawlight.settings import load_settings

RENDERED = 40
DOMAINS = 10
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
KINDS = ("data", "script", "document", "redirect")


class Changing:
    """The Vite site, of which pages are changed by ``POST /change``; ``POST /count`` tells the requests so far."""

    def __init__(self) -> None:
        self.changed: dict[str, str] = {}
        self.count = 0

    def app(self) -> web.Application:
        made = site.app()

        @web.middleware
        async def watch(request: web.Request, handler: Handler) -> web.StreamResponse:
            return await self.watch(request, handler)

        made.middlewares.append(watch)
        made.router.add_post("/change", self.change)
        made.router.add_post("/count", self.tell)
        return made

    async def watch(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.method == "POST":
            return await handler(request)
        self.count += 1
        first, _, rest = request.path.removeprefix("/").partition("/")
        if first == "own":
            kind = self.changed.get(f"/{rest.removesuffix('.js')}", "")
            return web.Response(
                text=f"// {'new' if kind == 'script' else ''}", content_type="text/javascript"
            )
        kind = self.changed.get(f"/{rest}" if first == "api" else request.path, "")
        if first == "api" and kind == "redirect":
            raise web.HTTPFound(f"/api/moved/{rest}")
        answer = await handler(request)
        if kind == ("data" if first == "api" else "document") and isinstance(answer, web.Response):
            return web.Response(text=f"{answer.text} ", content_type=answer.content_type)
        return answer

    async def change(self, request: web.Request) -> web.Response:
        self.changed.update(await request.json())
        return web.Response()

    async def tell(self, _: web.Request) -> web.Response:
        return web.json_response(self.count)


@asynccontextmanager
async def installation(origin: str) -> AsyncIterator[tuple[Services, list[Site]]]:
    """Crawlight on an empty data directory with domains before one origin."""
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings(data_dir=Path(folder), bots_refresh=False)
        async with open_services(settings) as services:
            database = services.database
            await create_account(database, settings.plans, "owner@example.org", plan="agency")
            numbers = []
            for n in range(DOMAINS):
                domain = await add_domain(database, f"shop{n}.example", "owner@example.org", origin=origin)
                await change_settings(database, domain.id, allowed_networks=["127.0.0.0/8"])
                numbers.append(domain.id)
            sites = await load_sites(database, numbers)
            yield services, [sites[number] for number in numbers]


async def requests(origin: str) -> int:
    async with aiohttp.ClientSession() as client, client.post(f"{origin}/count") as answer:
        return int(await answer.text())


async def render(services: Services, one: Site, paths: Sequence[str]) -> None:
    """Render pages, each whole once the worker owes it no more."""
    for path in paths:
        await wanted.want(services.database, one.id, [path], "purge")
    services.worker.wake()
    while await wanted.any_owed(services.database):
        await asyncio.sleep(0.05)


async def refresh(services: Services, pages: Sequence[tuple[Site, str]]) -> None:
    """Ask for pages that are due until none is."""
    by_site: dict[DomainId, list[str]] = {}
    for one, path in pages:
        by_site.setdefault(one.id, []).append(path)
    longest = max(map(len, by_site.values()))
    for start in range(0, longest, 100):  # As crawlers come: to all domains at once.
        for number, paths in by_site.items():
            if some := paths[start : start + 100]:
                await wanted.want(services.database, number, some, "stale")
    asking = asyncio.create_task(services.rendering.revalidator.run())
    while await owed(services):
        await asyncio.sleep(0.1)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)


async def owed(services: Services) -> bool:
    """Say whether a page is still to be asked; those that are to be rendered are another's."""
    asked = (PageInputs.domain_id == Page.domain_id) & (PageInputs.digest == Page.digest)
    due = select(Page.digest).join(PageInputs, asked).where(Page.wanted_at.is_not(None), PageInputs.askable)
    async with services.database.read() as session:
        return (await session.execute(due.limit(1))).first() is not None


async def prove(services: Services) -> MadeOf:
    """Take all that was rendered for proven; gives one of the notes."""
    today = now().toordinal()
    async with services.database.write() as session:
        rows = list(await session.scalars(select(PageInputs)))
        for row in rows:
            made_of = unpacked(row.inputs)
            if made_of is None or made_of.why_not:
                sys.exit(f"the page cannot be told by its inputs: {made_of}")
            key = (PageInputs.domain_id == row.domain_id, PageInputs.digest == row.digest)
            inputs = packed(replace(made_of, days=(today - 1, today)))
            await session.execute(update(PageInputs).where(*key).values(inputs=inputs, askable=True))
        if made_of is None:
            sys.exit("nothing was rendered")
    return made_of


async def fill(services: Services, sites: Sequence[Site], like: MadeOf, count: int) -> list[tuple[Site, str]]:
    """Store pages as renders would have: made of the same document, files, data of their own, and a script."""
    own = digest_of(b"// ")
    today = now().toordinal()
    made: list[tuple[Site, str]] = []

    async def one(n: int) -> None:
        owner, path = sites[n % len(sites)], f"/page/{n}"
        html = f"<!doctype html><title>Page {path}</title><h1>{path}</h1>".encode()
        stored = await services.pages.snapshots.put(
            owner.id, path, NewSnapshot(status=200, html=html, raw_html=b"<div id=root></div>")
        )
        url = owner.page_url(path)
        body = json.dumps(site.page(path)).encode()
        inputs = [
            replace(given, url=url, asked={**given.asked})
            if given.kind == "document"
            else replace(given, url=owner.page_url(f"/api{path}"), digest=digest_of(body), size=len(body))
            if given.kind == "data"
            else given
            for given in like.inputs
        ]
        inputs.append(Input(owner.page_url(f"/own{path}.js"), "script", 200, own, 3))
        made_of = replace(like, inputs=tuple(inputs), under=under(owner), days=(today - 1, today))
        noted = Noted(
            inputs=packed(made_of),
            content_hash=stored.snapshot.content_hash,
            rendered_at=now(),
            askable=True,
            interval=86_400,
        )
        await page_inputs.note(services.database, owner.id, path, noted)
        made.append((owner, path))

    for start in range(0, count, 8):
        await asyncio.gather(*(one(n) for n in range(start, min(start + 8, count))))
    return made


async def measure(origin: str, pages: int, changes: int) -> bool:
    async with installation(origin) as (services, sites):
        working = asyncio.create_task(services.worker.run())
        paths = site.ROUTES[:RENDERED]
        await render(services, sites[0], paths)  # starts the browser and fills its caches
        before, asked = cpu(), await requests(origin)
        await render(services, sites[0], paths)
        rendered, took = (cpu() - before) / len(paths), await requests(origin) - asked
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
        await services.renderer.close()
        like = await prove(services)

        pairs = [(sites[0], path) for path in paths]
        await refresh(services, pairs)
        before, asked = cpu(), await requests(origin)
        for _ in range(5):
            await refresh(services, pairs)
        asks = (await requests(origin) - asked) / 5
        refreshed = (cpu() - before) / (5 * len(paths))
        unchanged = services.rendering.revalidator.results["unchanged"]
        print(f"render    {rendered * 1000:7.1f} CPU ms a page, {took / len(paths):.1f} requests")
        print(f"refresh   {refreshed * 1000:7.1f} CPU ms a page, {asks / len(paths):.1f} requests: ", end="")
        print(
            f"{rendered / refreshed:.0f} times less ({unchanged} of {6 * len(paths)} unchanged)", flush=True
        )

        made = await fill(services, sites, like, pages)
        services.rendering.revalidator.results.clear()
        before, start = cpu(), time.monotonic()
        await refresh(services, made)
        wall, used = time.monotonic() - start, cpu() - before
        same = services.rendering.revalidator.results["unchanged"]
        print(
            f"{pages:,} unchanged pages of {DOMAINS} domains: {wall:.0f} s, {used:.0f} CPU s, {same:,} unchanged"
        )

        chosen = made[:: max(pages // changes, 1)][:changes]
        kinds = {path: KINDS[n % len(KINDS)] for n, (_, path) in enumerate(chosen)}
        async with aiohttp.ClientSession() as client:
            await client.post(f"{origin}/change", json=kinds)
        services.rendering.revalidator.results.clear()
        await refresh(services, made)
        async with services.database.read() as session:
            keys = select(PageInputs.domain_id, PageInputs.digest).where(PageInputs.askable.is_(False))
            found = len((await session.execute(keys)).all())
        results = services.rendering.revalidator.results
        print(
            f"{found:,} of {len(chosen):,} changes found, {results['unchanged']:,} unchanged: {dict(results)}"
        )
        whole = unchanged == 6 * len(paths) and same == pages and found == len(chosen)
        return whole and asks <= took and wall <= 180 and refreshed <= rendered / 20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=10_000)
    parser.add_argument("--changes", type=int, default=1_000)
    parser.add_argument("--serve", type=int, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.serve:
        web.run_app(Changing().app(), host="127.0.0.1", port=chosen.serve, print=None)
        return
    if not (site.FOLDER / "dist").exists():
        site.build()
    configure_logs("warning", "text")
    port = 23_000 + time.monotonic_ns() % 5_000
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks.rendering.revalidate", "--serve", str(port)]
    ) as server:
        try:
            good = asyncio.run(ready(f"http://127.0.0.1:{port}", chosen.pages, chosen.changes))
        finally:
            server.terminate()
    print("all bars held" if good else "a bar was missed")


async def ready(origin: str, pages: int, changes: int) -> bool:
    async with asyncio.timeout(20):
        while True:
            try:
                await requests(origin)
                break
            except aiohttp.ClientError:
                await asyncio.sleep(0.1)
    return await measure(origin, pages, changes)


if __name__ == "__main__":
    main()
