"""The pages that crawlers get, in one process: what edge and renderer share where both are in it."""

from typing import Final

from crawlight.kit.nudges import Nudges
from crawlight.rendering.bodies import Bodies
from crawlight.rendering.service import Prerenderer
from crawlight.rendering.snapshots import Snapshots
from crawlight.runtime.core import Core

NUDGES: Final = "nudges"
"""Name of the folder in the data directory where processes listen to each other."""

_MIB: Final = 1024 * 1024


class Pages:
    """Snapshots, and who answers with them or waits for a render."""

    def __init__(self, core: Core) -> None:
        settings = core.settings
        self.snapshots = Snapshots(
            core.database,
            Bodies(settings.snapshots_url),
            memory_bytes=settings.snapshot_memory * _MIB,
            history=settings.snapshot_history,
        )
        self.prerenderer = Prerenderer(core.database, self.snapshots, wait_seconds=settings.render_wait)
        self._folder = settings.data_dir / NUDGES
        self._nudges: Nudges | None = None

    def listen(self) -> None:
        """Hear at once of pages that other processes of this machine want or are done with, and tell them of ours."""
        self._nudges = Nudges(self._folder)
        self._nudges.listen(self.prerenderer.heard)
        self.prerenderer.tell = self._nudges.nudge

    async def close(self) -> None:
        """End what goes on in the background."""
        await self.prerenderer.close()
        await self.snapshots.close()
        if self._nudges is not None:
            self._nudges.close()
