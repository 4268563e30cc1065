"""The pages of the dashboard: what the server takes for each, on the demo's data and on 50 domains of a year.

Measured is the whole app in this process, from the request to the compressed answer, without sockets. The bars are
on the CPU time of all threads: what else the machine does is not in it.
"""

import argparse
import asyncio
import json
import multiprocessing
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx2
from sqlalchemy import ColumnElement, func, literal_column, select, update

from benchmarks import account, crawls
from benchmarks.export import Cost, cost, number
from crawlight.accounts.people import find_account
from crawlight.accounts.sessions import begin_session
from crawlight.app import create_app
from crawlight.dashboard.state import Dashboard
from crawlight.dashboard.visits import SESSION
from crawlight.database.engine import Database
from crawlight.database.tables import Page
from crawlight.domains.pages import learn
from crawlight.ids import DomainId
from crawlight.kit.logs import configure_logs
from crawlight.runtime.services import open_services
from crawlight.settings import Settings, load_settings

DEMO_EMAIL, DEMO_HOST, SHOP_HOST = "demo@example.com", "example.com", "shop.example.com"
DEMO_BAR, YEAR_BAR, BYTES_BAR = 0.1, 1.0, 150_000
"""CPU seconds of a page of the demo, and of one of a year of 50 domains; bytes of the first page with its files."""
FIRST = "overview"
ASSET = re.compile(rb'(?:href|src)="(/static/[^"]+)"')
DEMO = {
    FIRST: "/",
    "analytics": f"/domains/{DEMO_HOST}",
    "one bot": f"/domains/{DEMO_HOST}/bots/googlebot",
    "pages": f"/domains/{DEMO_HOST}/pages",
    "one page": f"/domains/{SHOP_HOST}/page?path=/",
}
LARGE = f"site{crawls.DOMAINS:02}.example"
YEAR = {
    FIRST: "/?period=365d",
    "analytics": f"/domains/{LARGE}?period=365d",
    "export button": "/export.json?period=365d",
    "pages": f"/domains/{LARGE}/pages?period=365d",
    "pages, a search": f"/domains/{LARGE}/pages?{urlencode({'period': '365d', 'q': '/99', 'sort': 'path'})}",
    "pages, the last": f"/domains/{LARGE}/pages?period=365d&sort=issues&page=2000",
    "one page": f"/domains/{LARGE}/page?period=365d&path={account.page_path(1)}",
}


@dataclass(frozen=True)
class Result:
    """Medians of one page, and the size of its answer as sent."""

    page: str
    spent: Cost
    size: int


def main() -> None:
    options = arguments()
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(demo_command(folder), check=True, capture_output=True)
        found, first = in_process(measure, Path(folder), DEMO_EMAIL, DEMO, options.rounds, {})
    made = in_process(made_today, options.crawls, options.pages)
    year, _ = in_process(measure_year, made, options.inventory, options.rounds)
    if options.json:
        demo = [asdict(result) for result in found]
        print(
            json.dumps({"demo": demo, "first_bytes": first, "year": [asdict(one) for one in year]}, indent=2)
        )
        return
    print_table("The demo, 30 days", found, DEMO_BAR)
    print(f"{FIRST} with all its files: {first / 1000:.1f} kB, {verdict(first <= BYTES_BAR, '150 kB')}\n")
    print_table(
        f"{crawls.DOMAINS} domains, 365 days, {made.crawls:,} crawls, {options.inventory:,} pages of {LARGE}",
        year,
        YEAR_BAR,
    )


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks dashboard", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--crawls", type=number, default=5 * 10**6, help="crawls of the year (default 5M)")
    parser.add_argument("--pages", type=int, default=2_000, help="crawled pages of each domain (2000)")
    parser.add_argument("--inventory", type=number, default=10**5, help="known pages of the largest (100k)")
    parser.add_argument(
        "--rounds", type=int, default=9, help="rounds; each page is asked for once in each (9)"
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    return parser.parse_args()


def demo_command(folder: str) -> list[str]:
    return [sys.executable, "-m", "crawlight", "--data", folder, "demo", "--once"]


def in_process(work: Any, *args: object) -> Any:
    """The engine opens one store per process."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as process:
        return process.submit(work, *args).result()


def made_today(size: int, pages: int) -> crawls.Crawls:
    """Crawls whose last day is today, for the dashboard asks as of now; older ones are made again."""
    for note in crawls.FOLDER.glob(f"crawls-{size}-{pages}-*/made.json"):
        if json.loads(note.read_text())["last_day"] != f"{datetime.now(UTC):%F}":
            shutil.rmtree(note.parent)
    return crawls.made(size, pages)


def measure_year(made: crawls.Crawls, inventory: int, rounds: int) -> tuple[list[Result], int]:
    folder = Path(made.folder)
    asyncio.run(fill_inventory(folder, inventory))
    stores = {"database_url": f"sqlite+aiosqlite:///{folder}/crawlight.db", "events_url": made.url}
    return measure(folder / "data", account.EMAIL, YEAR, rounds, stores)


async def fill_inventory(folder: Path, pages: int) -> None:
    """Give the largest domain so many pages, nine in ten of them with a score."""
    database = await account.opened(folder)
    try:
        await learn(database, DomainId(crawls.DOMAINS), map(account.page_path, range(1, pages + 1)))
        row: ColumnElement[int] = literal_column("rowid")
        scored = {"seo_score": row % 101, "seo_issues_count": row % 13}
        async with database.write() as session:
            await session.execute(
                update(Page).where(Page.domain_id == crawls.DOMAINS, row % 10 > 0).values(scored)
            )
            count = select(func.count()).where(Page.domain_id == crawls.DOMAINS)
            if await session.scalar(count) != pages:
                raise RuntimeError(f"{LARGE} has not {pages:,} pages")
    finally:
        await database.close()


def measure(
    data: Path, email: str, pages: Mapping[str, str], rounds: int, stores: Mapping[str, str]
) -> tuple[list[Result], int]:
    configure_logs("warning", "text")
    settings = load_settings(data_dir=data, **stores)
    return asyncio.run(measured(settings, email, pages, rounds))


async def measured(
    settings: Settings, email: str, pages: Mapping[str, str], rounds: int
) -> tuple[list[Result], int]:
    """Every page in turns, after one round that is not counted; and the bytes of the first page with its files."""
    async with browser(settings, email) as client:
        sizes = {name: await size_of(client, path) for name, path in pages.items()}
        spent: dict[str, list[Cost]] = {name: [] for name in pages}
        for _ in range(rounds):
            for name, path in pages.items():
                spent[name].append((await cost(client.get(path)))[0])
        results = [Result(name, Cost.median(spent[name]), sizes[name]) for name in pages]
        return results, await first_bytes(client, pages[FIRST])


@asynccontextmanager
async def browser(settings: Settings, email: str) -> AsyncIterator[httpx2.AsyncClient]:
    """A client of the app in which the account is signed in."""
    async with open_services(settings) as services:
        app: Any = create_app(services)
        transport = httpx2.ASGITransport(app)
        while not hasattr(app, "load"):
            app = app._app
        dashboard = (await app.load()).state.dashboard
        cookies = {"crawlight-session": await session_of(services.database, dashboard, email)}
        headers = {"accept": "text/html", "accept-encoding": "gzip", "accept-language": "en"}
        async with httpx2.AsyncClient(
            transport=transport, base_url="http://test", headers=headers, cookies=cookies
        ) as client:
            yield client


async def session_of(database: Database, dashboard: Dashboard, email: str) -> str:
    """The cookie of a new session."""
    person = await find_account(database, email)
    return await dashboard.sign(SESSION, await begin_session(database, person.id, "benchmark"))


async def size_of(client: httpx2.AsyncClient, path: str) -> int:
    answer = await client.get(path)
    if answer.status_code != 200:
        raise RuntimeError(f"{path} answers {answer.status_code}")
    return int(answer.headers["content-length"])


async def first_bytes(client: httpx2.AsyncClient, path: str) -> int:
    """Bytes of the bodies of a page and of every file that it names."""
    files = {name.decode() for name in ASSET.findall((await client.get(path)).content)}
    return sum([await size_of(client, name) for name in (path, *files)])


def print_table(title: str, results: list[Result], bar: float) -> None:
    print(f"{title}\n{'':<18}{'CPU ms':>10}{'wall ms':>10}{'kB':>8}")
    for result in results:
        spent = f"{result.spent.cpu * 1000:10,.1f}{result.spent.wall * 1000:10,.1f}"
        passed = verdict(result.spent.cpu <= bar, f"{bar * 1000:,.0f} ms")
        print(f"{result.page:<18}{spent}{result.size / 1000:8,.1f}  {passed}")


def verdict(passed: bool, bar: str) -> str:
    return f"PASS (bar {bar})" if passed else f"over the bar of {bar}"


if __name__ == "__main__":
    main()
