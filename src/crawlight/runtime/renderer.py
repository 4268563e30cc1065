"""The role ``renderer``: wanted pages are rendered, stored and audited. It loads neither surface nor events store."""

from crawlight.domains import late_content
from crawlight.rendering.auditing import Auditor
from crawlight.rendering.comparer import Comparer
from crawlight.rendering.indexnow import EVERY_SECONDS, IndexNow
from crawlight.rendering.origins import RobotsFiles
from crawlight.rendering.page_texts import EVERY_SECONDS as MADE_EVERY_SECONDS
from crawlight.rendering.page_texts import MadeFiles
from crawlight.rendering.renderer import Renderer
from crawlight.rendering.revalidator import Revalidator
from crawlight.rendering.warming import want_outdated, warm_due
from crawlight.rendering.worker import Worker
from crawlight.runtime.core import Core
from crawlight.runtime.jobs import Job
from crawlight.runtime.pages import Pages
from crawlight.settings import Settings


class RendererServices:
    """The worker with its browser, and what else has pages rendered; ``robots`` looks at robots.txt for all roles."""

    def __init__(self, core: Core, pages: Pages, renderer: Renderer) -> None:
        self._database, self._snapshots = core.database, pages.snapshots
        self.robots = RobotsFiles(core.database)
        self.worker = Worker(
            core.database,
            renderer,
            pages.prerenderer,
            core.recorder,
            on_stored=Auditor(core.database, self.robots),
            per_origin=core.settings.renders_per_origin,
        )
        pages.prerenderer.wake = self.worker.wake
        pages.prerenderer.render_at_once = self.worker.render_at_once
        url = core.settings.indexnow_url
        self.indexnow = IndexNow(core.database, pages.snapshots, url) if url else None
        self.revalidator = Revalidator(
            core.database,
            pages.prerenderer,
            core.recorder,
            per_origin=core.settings.renders_per_origin,
            is_idle=lambda: not (renderer.slots.running or renderer.slots.waiting),
        )
        self.made_files = MadeFiles(core.database, pages.snapshots)
        self.comparer = Comparer(core.database, renderer, pages.snapshots, self.worker.wake)

    def jobs(self) -> list[Job]:
        """What is done again and again."""
        found = [
            Job("sweep", 86_400, "renderer", True, self.sweep),
            Job("sitemaps", 60, "renderer", False, self.read_sitemaps),
            Job("outdated-audits", 600, "renderer", True, self.audit_anew),
            Job("made-files", MADE_EVERY_SECONDS, "renderer", True, self.made_files.make),
            Job("compare", 60, "renderer", True, self.comparer.sample),
        ]
        if self.indexnow is not None:
            found.append(Job("indexnow", EVERY_SECONDS, "renderer", True, self.indexnow.tell))
        return found

    async def read_sitemaps(self) -> None:
        """Read all sitemaps that are due."""
        while await warm_due(self._database):
            pass

    async def audit_anew(self) -> None:
        """Have some of the pages rendered and audited anew that were audited by older rules."""
        await want_outdated(self._database)

    async def sweep(self) -> None:
        """Remove bodies of snapshots that are kept no longer, and what is not known of pages any more."""
        await self._snapshots.sweep()
        await late_content.drop_old(self._database)


def open_renderer(settings: Settings) -> Renderer:
    """The renderer; its browser is started by the first page."""
    return Renderer(
        browser_url=settings.browser_url,
        browser_path=settings.browser_path,
        concurrency=settings.render_concurrency,
        timeout=settings.render_timeout,
    )
