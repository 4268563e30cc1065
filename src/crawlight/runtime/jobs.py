"""What is done again and again: on each node by itself, or by one node for all, with a lease in the database."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from typing import Final, Literal

import msgspec
import structlog

from crawlight.database import leases
from crawlight.database.engine import Database
from crawlight.kit.logs import first_line

Role = Literal["app", "edge", "renderer", "loader"]
"""What a process is there for: people and the API, crawlers, renders, or what goes into the events store."""

LEASE_SECONDS: Final = 60.0
"""How long a node that does not say so any more is taken to be at its work."""

_LONGEST_SLEEP_SECONDS: Final = 600.0
_AFTER_ERROR_SECONDS: Final = 15.0

log = structlog.get_logger(__name__)


class Job(msgspec.Struct, frozen=True):
    """Work with its name, after how many seconds it is done again, and whose it is.

    Where it is done ``once``, one of all nodes on the database does it; else each does, ``at_start``, too, or not.
    """

    name: str
    every: float
    role: Role
    once: bool
    work: Callable[[], Awaitable[None]]
    at_start: bool = False


class Jobs:
    """Does jobs in one process. What fails is tried the next time."""

    def __init__(self, database: Database, jobs: Iterable[Job], *, lease: float = LEASE_SECONDS) -> None:
        self._database = database
        self._jobs = tuple(jobs)
        self._lease = lease
        self._holder = leases.new_holder()

    async def run(self) -> None:
        """Do all of them until cancelled; another node may go on at once with what is in hand then."""
        async with asyncio.TaskGroup() as group:
            for job in self._jobs:
                group.create_task(self._once(job) if job.once else self._here(job))

    async def _here(self, job: Job) -> None:
        if job.at_start:
            await _do(job)
        while True:
            await asyncio.sleep(job.every)
            await _do(job)

    async def _once(self, job: Job) -> None:
        while True:
            try:
                pause = await self._turn(job)
            except Exception as error:
                log.warning("job_not_claimed", job=job.name, reason=first_line(error))
                pause = _AFTER_ERROR_SECONDS
            await asyncio.sleep(min(pause, _LONGEST_SLEEP_SECONDS))

    async def _turn(self, job: Job) -> float:
        """Do a job where it is due and nobody else does; answers how many seconds there is nothing to do."""
        pause = await leases.seconds_until_due(self._database, job.name, job.every)
        if pause > 0:
            return pause
        if await leases.claim(self._database, job.name, self._holder, self._lease):
            await self._hold(job)
        return 0  # What is next is in the row.

    async def _hold(self, job: Job) -> None:
        """Do a job while its lease is renewed; where that is lost, somebody else does it, and we stop."""
        work, renewing = asyncio.create_task(_do(job)), asyncio.create_task(self._renew(job))
        due_in = 0.0
        try:
            await asyncio.wait((work, renewing), return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                log.warning("job_lost", job=job.name)
            due_in = job.every
        finally:
            for task in (work, renewing):
                task.cancel()
            await asyncio.gather(work, renewing, return_exceptions=True)
            with suppress(Exception):  # The lease ends by itself.
                await leases.give_back(self._database, job.name, self._holder, due_in)

    async def _renew(self, job: Job) -> None:
        """Renew a lease until it is lost."""
        renewed = asyncio.get_running_loop().time()
        while asyncio.get_running_loop().time() - renewed < self._lease:
            await asyncio.sleep(self._lease / 3)
            with suppress(Exception):  # A database that is away may be back before the lease ends.
                if not await leases.renew(self._database, job.name, self._holder, self._lease):
                    return
                renewed = asyncio.get_running_loop().time()


async def _do(job: Job) -> None:
    try:
        await job.work()
    except Exception as error:
        log.warning("not_done", work=job.name, reason=first_line(error))
