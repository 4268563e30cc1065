"""The composition of what answers crawlers, without the events store: every process that serves them has one."""

from collections.abc import Sequence

from starlette.routing import Route

from crawlight.accounts.rate import RateLimiter
from crawlight.bots.identity import Identity
from crawlight.bots.signatures import Signatures
from crawlight.crawls.crowding import Crowds
from crawlight.crawls.recorder import Recorder
from crawlight.database.engine import Database
from crawlight.edge.counts import Counts
from crawlight.edge.decide import Decider
from crawlight.edge.directory import Directory
from crawlight.edge.endpoints.events import CRAWL, REFERRAL, Events
from crawlight.edge.endpoints.render import Render
from crawlight.edge.endpoints.report_auth import ReportAuth
from crawlight.rendering.bodies import Bodies
from crawlight.rendering.service import Prerenderer
from crawlight.rendering.snapshots import Snapshots
from crawlight.settings import Settings

_MIB = 1024 * 1024


class EdgeServices:
    """The render endpoint, the event endpoints, and what they work on. ``directory.run`` keeps them up to date."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        limiter: RateLimiter,
        recorder: Recorder,
        identity: Identity,
    ) -> None:
        self.snapshots = Snapshots(
            database,
            Bodies(settings.snapshots_url),
            memory_bytes=settings.snapshot_memory * _MIB,
            history=settings.snapshot_history,
        )
        self._recorder = recorder
        self.prerenderer = Prerenderer(database, self.snapshots, wait_seconds=settings.render_wait)
        self.directory = Directory(database, self.snapshots.follow)
        crowds = Crowds(settings.data_dir / "spool")
        self.decider = Decider(self.prerenderer, recorder, identity, Signatures(), crowds)
        per_minute = settings.render_calls_per_minute
        self.render = Render(self.directory, self.decider, calls_per_minute=per_minute)
        limits = {CRAWL: settings.crawl_events_per_minute, REFERRAL: settings.referral_events_per_minute}
        self._events = Events(ReportAuth(self.directory, limiter, limits), recorder, identity)

    def counts(self) -> Counts:
        """What this process has counted."""
        answers = [(*what, number) for what, number in self.render.answered.items()]
        snapshots = self.snapshots
        return Counts(
            answers, self._recorder.lost, self.prerenderer.waiting, snapshots.held, snapshots.memory_bytes
        )

    def event_routes(self) -> Sequence[Route]:
        """The routes of reported crawls and visits."""
        return self._events.routes()
