"""Makes the data directory of an earlier version, with that version: ``python tests/earlier/make.py FOLDER``.

Run it with the version's own code, after whose names it is written, and pack what comes of it as `test_migration`
unpacks it: ``tar cJf data.tar.xz -C FOLDER .``. There are two accounts and two domains, imported logs, one of them with
an import that can be taken back, crawls in the store, and more of them in the spool in each state that a segment can be
in.
"""

import asyncio
import gzip
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from crawlight.services import Services, open_services

from crawlight.accounts.people import create_account, find_account
from crawlight.accounts.scope import scope_of
from crawlight.crawls.crawl import Record
from crawlight.domains.registry import add_domain, share_domain
from crawlight.ingest import gathering
from crawlight.settings import load_settings

AGENTS = {
    "GPTBot": (
        "openaibot",
        "ai_training",
        "Mozilla/5.0 (compatible; GPTBot/1.2; +https://openai.com/gptbot)",
    ),
    "Googlebot": (
        "googlebot",
        "search",
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    ),
    "ClaudeBot": (
        "anthropicbot",
        "ai_training",
        "Mozilla/5.0 (compatible; ClaudeBot/1.0; +claudebot@anthropic.com)",
    ),
    "AhrefsBot": ("", "seo", "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)"),
    "curl": ("", "library", "curl/8.5.0"),
}
NOW = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
MOMENT = NOW + timedelta(hours=12)
"""As of when the export is asked for: the day of the making, whenever it is asked."""
PERIODS = ("1d", "7d", "30d", "90d", "365d")
DRAW = random.Random(18)


def log_lines(count: int) -> Iterator[str]:
    for _ in range(count):
        when = NOW - timedelta(minutes=DRAW.randrange(90 * 24 * 60))
        agent = DRAW.choice(list(AGENTS.values()))[2]
        path = DRAW.choice(["/", "/robots.txt", *(f"/p/{n}?a={n % 3}" for n in range(40))])
        status = DRAW.choice([200, 200, 200, 304, 404, 500])
        request = f'"GET {path} HTTP/1.1" {status} {DRAW.randrange(90_000)} "-" "{agent}"'
        yield f"192.0.2.{DRAW.randrange(250)} - - [{when:%d/%b/%Y:%H:%M:%S +0000}] {request}\n"


def records(count: int, domain_id: int) -> list[Record]:
    made = []
    for number in range(count):
        name = DRAW.choice(list(AGENTS)[:4])
        key, category, _ = AGENTS[name]
        kind = DRAW.choice(["crawl"] * 8 + ["render", "referral"])
        crawl, ts = kind == "crawl", int(NOW.timestamp()) - DRAW.randrange(30 * 86_400)
        made.append(
            Record(
                domain_id=domain_id,
                ts=ts,
                kind=kind,
                agent={"crawl": name, "render": "", "referral": "ChatGPT"}[kind],
                key=key if crawl else "",
                category=category if crawl else "",
                identity=DRAW.choice(["verified", "unchecked", "spoofed"]) if crawl else "none",
                outcome=DRAW.choice(["hit", "miss", "passthrough"]) if crawl else "none",
                status=200,
                source="render",
                path=f"/q/{DRAW.randrange(30)}",
                event_id=f"{domain_id}-{number}" if number % 7 == 0 else "",
            )
        )
    return made


async def fill(services: Services) -> None:
    database, plans = services.database, services.settings.plans
    for who in ("owner", "manager"):
        await create_account(database, plans, f"{who}@example.org", plan="pro")
    for host in ("example.com", "example.net"):
        await add_domain(database, host, "owner@example.org", origin=None)
    await share_domain(database, "example.com", "manager@example.org", "manager")
    await services.recorder.record(records(300, 1) + records(80, 2))
    await services.recorder.hand_over()
    await services.load()


async def wait_in_spool(services: Services) -> None:
    """One segment gathered and published, one handed over, one still open: nothing of it is loaded."""
    await services.recorder.record(records(50, 1))
    await services.recorder.hand_over()
    assert await gathering.Gatherer(services.spool, services.database, services.identity).gather()
    await services.recorder.record(records(60, 2))
    await services.recorder.hand_over()
    await services.recorder.record(records(10, 1))


def apart(folder: Path, work: str) -> None:
    """In a process of its own, as the engine opens one store per process."""
    subprocess.run([sys.executable, __file__, str(folder), work], check=True)


def imported(folder: Path, log: Path) -> None:
    command = ["import", str(log), "--domain", "example.com"]
    subprocess.run([sys.executable, "-m", "crawlight", "--data", str(folder / "data"), *command], check=True)


async def documents(services: Services, folder: Path) -> None:
    await services.loader.load_published()
    for who in ("owner", "manager"):
        account = await find_account(services.database, f"{who}@example.org")
        scope = await scope_of(services.database, account.id)
        for period in PERIODS:
            document = await services.exporter.export(scope, period, MOMENT)
            (folder / f"{who}-{period}.json").write_bytes(document)


async def work_on(folder: Path, work: str) -> None:
    async with open_services(load_settings(data_dir=folder / "data")) as services:
        if work == "fill":
            await fill(services)
        elif work == "spool":
            await wait_in_spool(services)
            # As if it died: the segment that is still open stays.
            shutil.copytree(folder / "data" / "spool", folder / "spool")
        elif work == "documents":
            await documents(services, folder)


def make(folder: Path) -> None:
    data = folder / "data"
    folder.mkdir(parents=True)
    apart(folder, "fill")
    for number in (1, 2):
        log = folder / f"access-{number}.log.gz"
        log.write_bytes(gzip.compress("".join(log_lines(600)).encode(), mtime=0))
        imported(folder, log)
    apart(folder, "spool")
    shutil.rmtree(data / "spool")
    (folder / "spool").rename(data / "spool")
    copy = folder / "copy"
    shutil.copytree(data, copy / "data", symlinks=True)
    apart(copy, "documents")
    for document in copy.glob("*.json"):
        document.rename(folder / document.name)
    shutil.rmtree(copy)
    (folder / "moment").write_text(MOMENT.isoformat())
    # A lock or a socket is of a process, and the rest is made anew.
    for left in ("*.lock", "*.sock", "ranges"):
        for path in data.rglob(left):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


if __name__ == "__main__":
    place, what = Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else ""
    if not what:
        make(place)
    else:
        asyncio.run(work_on(place, what))
