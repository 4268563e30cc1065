"""A Caddy that carries one domain for the time of a check, beside the one that runs, and leaves nothing behind."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from crawlight.domains.sites import Site
from crawlight.front.caddy import Caddy
from crawlight.front.config import Place, configuration
from crawlight.kit.origin import Origin


@asynccontextmanager
async def on_trial(site: Site, place: Place) -> AsyncIterator[Origin]:
    """Have a site served at a place on loopback; gives the front as an origin to ask. Raises UserError."""
    with tempfile.TemporaryDirectory(prefix="crawlight-check-", ignore_cleanup_errors=True) as folder:
        caddy = Caddy(Path(folder))
        await caddy.start(configuration([site], place))
        try:
            hosts = frozenset({site.host, f"www.{site.host}"})
            yield Origin(hosts, f"https://{place.https}", verified=False)
        finally:
            await caddy.stop()
