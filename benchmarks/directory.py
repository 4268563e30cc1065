"""What an edge does when one of many domains changes: the time until it has read what changed, beside all of it."""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median

from sqlalchemy import insert

from benchmarks import account
from crawlight.accounts.keys import create_key, revoke_key
from crawlight.accounts.people import create_account, find_account
from crawlight.database.engine import Database
from crawlight.database.tables import Domain, Membership
from crawlight.domains.registry import share_domain, unshare_domain
from crawlight.domains.settings import change_settings
from crawlight.edge.directory import Directory
from crawlight.ids import DomainId
from crawlight.kit.clock import now
from crawlight.settings import DEFAULT_PLANS

OTHER = "other@example.com"
_CHUNK = 5_000


async def fill(database: Database, domains: int) -> None:
    """Two accounts with a key each, the first with all the domains."""
    for email in (account.EMAIL, OTHER):
        await create_account(database, DEFAULT_PLANS, email, plan="agency")
        await create_key(database, DEFAULT_PLANS, (await find_account(database, email)).id, "bench")
    moment = now()
    for start in range(1, domains + 1, _CHUNK):
        numbers = range(start, min(start + _CHUNK, domains + 1))
        rows = [
            {"id": n, "host": f"site{n}.example", "created_at": moment, "verified_at": moment}
            for n in numbers
        ]
        async with database.write() as session:
            await session.execute(insert(Domain), rows)
            owned = [{"domain_id": n, "account_id": 1, "role": "owner"} for n in numbers]
            await session.execute(insert(Membership), owned)


def changes(database: Database) -> dict[str, Callable[[int], Awaitable[object]]]:
    """Changes of each kind, of the n-th round."""

    async def key(_: int) -> None:
        made = await create_key(database, DEFAULT_PLANS, 2, "more")
        await revoke_key(database, made)

    async def shared(n: int) -> None:
        await share_domain(database, f"site{n}.example", OTHER, "manager")

    return {
        "settings of a domain": lambda n: change_settings(
            database, DomainId(n), language=f"de-{n % 90 + 10}"
        ),
        "a domain is shared": shared,
        "a domain is shared no more": lambda n: unshare_domain(database, f"site{n}.example", OTHER),
        "a key": key,
    }


async def looked(directory: Directory) -> tuple[float, float]:
    """Milliseconds until a directory holds what changed, by the clock and of CPU time."""
    began, spent = time.perf_counter(), time.process_time()
    await directory.look()
    return (time.perf_counter() - began) * 1_000, (time.process_time() - spent) * 1_000


async def measure(database: Database, rounds: int) -> dict[str, list[tuple[float, float]]]:
    """The same from each change's commit on, by what is changed."""
    directory = Directory(database)
    found = {"all, as at a start": [await looked(directory)]}
    for n in range(1, rounds + 1):
        for name, change in changes(database).items():
            await change(n)
            found.setdefault(name, []).append(await looked(directory))
    return found


async def run(url: str, domains: int, rounds: int) -> None:
    database = await Database.open(url)
    try:
        await fill(database, domains)
        show(await measure(database, rounds), domains)
    finally:
        await database.close()


def show(found: dict[str, list[tuple[float, float]]], domains: int) -> None:
    print(f"{domains:,} domains of one account; medians in milliseconds\n\n{'':<28}{'clock':>10}{'CPU':>10}")
    for name, some in found.items():
        clock, spent = (median(one[place] for one in some) for place in (0, 1))
        print(f"{name:<28}{clock:>10.1f}{spent:>10.1f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--domains", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--url", default="", help="of an empty database; a SQLite file unless said")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        url = options.url or f"sqlite+aiosqlite:///{Path(name)}/crawlight.sqlite"
        asyncio.run(run(url, options.domains, options.rounds))


if __name__ == "__main__":
    main()
