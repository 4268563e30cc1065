"""Work that is begun once for all who ask ends with its owner, not after it."""

import asyncio

import pytest

from crawlight.kit.single_flight import SingleFlight

pytestmark = pytest.mark.anyio


async def test_what_runs_ends_when_its_owner_closes() -> None:
    flight: SingleFlight[str, None] = SingleFlight()
    begun, ended = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    waiting = asyncio.create_task(flight.run("a", work))
    await begun.wait()
    await flight.close()
    assert ended.is_set()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await flight.close()
