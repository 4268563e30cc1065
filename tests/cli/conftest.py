"""A site made in JavaScript, beside the commands."""

import asyncio
import threading
from collections.abc import Iterator

import pytest

from crawlight.demo.site import serving


@pytest.fixture
def origin() -> Iterator[str]:
    """The sample site, in a thread of its own; gives its address."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    def run(work: object) -> object:
        return asyncio.run_coroutine_threadsafe(work, loop).result(30)  # type: ignore[arg-type]

    site = serving()
    yield str(run(site.__aenter__()))
    run(site.__aexit__(None, None, None))
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()
