"""What all pages of a server share: its stores and settings, and what they reach beyond the database."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import structlog
from fastapi import Request
from itsdangerous import BadSignature, TimestampSigner

from crawlight.accounts.plans import Plans
from crawlight.accounts.rate import RateLimiter
from crawlight.accounts.secrets import secret
from crawlight.analytics.export import Exporter
from crawlight.bots.identity import Identity
from crawlight.crawls.crowding import Crowds
from crawlight.dashboard.static_files import StaticFile, load
from crawlight.database.engine import Database
from crawlight.domains.pointing import OwnFront
from crawlight.domains.proof import Outside
from crawlight.kit.logs import first_line
from crawlight.kit.mail import Mailer
from crawlight.rendering.comparer import Comparer
from crawlight.rendering.snapshots import Snapshots
from crawlight.report.reporter import Reporter

log = structlog.get_logger(__name__)


@dataclass
class Dashboard:
    """What all pages of one server share. ``public_url`` is empty where the settings name none.

    ``keeps``: days of single crawls, months of numbers, where a domain says nothing.
    ``front`` is what there is to know of the front.
    ``origin_of`` says where the proof for a host is looked for; only tests say another place.
    Questions are put to the sources of the ``exporter``. ``identity`` holds the address lists of the crawlers'
    operators, ``crowds`` the addresses that are not believed. ``wake`` tells the worker that a page is wanted,
    ``comparer`` compares pages with what people see of them.
    """

    database: Database
    plans: Plans
    limiter: RateLimiter
    mailer: Mailer
    exporter: Exporter
    reporter: Reporter
    snapshots: Snapshots
    identity: Identity
    crowds: Crowds
    wake: Callable[[], None]
    comparer: Comparer
    public_url: str = ""
    open_sign_up: bool = False
    keeps: tuple[int, int] = (90, 25)
    outside: Outside = field(default_factory=Outside)
    front: OwnFront = field(default_factory=OwnFront)
    origin_of: Callable[[str], str] = "https://{}".format
    files: Mapping[str, StaticFile] = field(default_factory=load)
    closing: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the server ends, so that pages that stay open let it."""
    _key: bytes = b""
    _tasks: set[asyncio.Task[object]] = field(default_factory=set)

    @property
    def base(self) -> str:
        """The path below which the whole server lies: empty, or like ``/crawlight``."""
        return urlsplit(self.public_url).path.rstrip("/")

    def secure(self, request: Request) -> bool:
        """Whether people come by https."""
        return request.url.scheme == "https" or self.public_url.startswith("https:")

    def absolute(self, request: Request, path: str) -> str:
        """The full address of a path, for mails and examples."""
        return (self.public_url.rstrip("/") or f"{request.url.scheme}://{request.url.netloc}") + path

    def later(self, work: Coroutine[Any, Any, object]) -> None:
        """Do something that the answer does not wait for; what goes wrong is in the log only."""
        task = asyncio.create_task(_logged(work))
        self._tasks.add(task)  # The loop itself would let it be collected.
        task.add_done_callback(self._tasks.discard)

    async def sign(self, purpose: str, value: str) -> str:
        """A value that only this installation can have made."""
        return (await self._signer(purpose)).sign(value).decode()

    async def unsign(self, purpose: str, signed: str, seconds: int | None = None) -> str | None:
        """The value of ``sign``, None where it is no such thing, or older than ``seconds``."""
        try:
            return (await self._signer(purpose)).unsign(signed, max_age=seconds).decode()
        except (BadSignature, UnicodeDecodeError):
            return None

    async def _signer(self, purpose: str) -> TimestampSigner:
        if not self._key:
            self._key = await secret(self.database, "cookies")
        return TimestampSigner(self._key, salt=purpose, key_derivation="hmac")


async def _logged(work: Coroutine[Any, Any, object]) -> None:
    try:
        await work
    except Exception as error:
        log.error("not_done", reason=first_line(error))


def dashboard_of(request: Request) -> Dashboard:
    """The dashboard that a request came to."""
    dashboard: Dashboard = request.app.state.dashboard
    return dashboard
