"""The role ``edge``: what answers crawlers and takes reports. It loads neither the events store nor the browser."""

from collections import Counter
from collections.abc import Sequence

from starlette.routing import Route

from crawlight.bots.signatures import Signatures
from crawlight.crawls.crowding import Crowds
from crawlight.edge.counts import Counts
from crawlight.edge.decide import Decider
from crawlight.edge.directory import Directory
from crawlight.edge.endpoints.door import Answered
from crawlight.edge.endpoints.drop_in import DropIn
from crawlight.edge.endpoints.events import CRAWL, REFERRAL, Events
from crawlight.edge.endpoints.front import FrontDoor
from crawlight.edge.endpoints.minutes import Minutes
from crawlight.edge.endpoints.render import Render
from crawlight.edge.endpoints.report_auth import ReportAuth
from crawlight.edge.files import Files
from crawlight.runtime.core import Core
from crawlight.runtime.pages import Pages


class EdgeServices:
    """The doors for pages, the event endpoints, and what they work on. ``directory.run`` keeps them up to date."""

    def __init__(self, core: Core, pages: Pages) -> None:
        settings = core.settings
        self.snapshots, self.prerenderer = pages.snapshots, pages.prerenderer
        self._recorder = core.recorder
        self.directory = Directory(core.database, pages.snapshots.follow)
        crowds, files = Crowds(core.spool.folder), Files(core.database)
        self.decider = Decider(pages.prerenderer, core.recorder, core.identity, Signatures(), crowds, files)
        self.front_door = FrontDoor(self.directory, self.decider, core.recorder)
        self.answered: Answered = Counter()
        """Answers of the doors for callers with a key, by status and outcome."""
        minutes = Minutes(settings.render_calls_per_minute)
        doors = (self.directory, self.decider)
        self.render = Render(*doors, minutes=minutes, answered=self.answered)
        self.drop_in = DropIn(*doors, minutes=minutes, answered=self.answered)
        limits = {CRAWL: settings.crawl_events_per_minute, REFERRAL: settings.referral_events_per_minute}
        self._events = Events(ReportAuth(self.directory, core.limiter, limits), core.recorder, core.identity)

    def counts(self) -> Counts:
        """What this process has counted."""
        answers = [(*what, number) for what, number in self.answered.items()]
        snapshots = self.snapshots
        return Counts(
            answers, self._recorder.lost, self.prerenderer.waiting, snapshots.held, snapshots.memory_bytes
        )

    def event_routes(self) -> Sequence[Route]:
        """The routes of reported crawls and visits."""
        return self._events.routes()
