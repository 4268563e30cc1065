"""The HTTP surface of open services: every route, and what operators may ask."""

import asyncio
from importlib import import_module
from urllib.parse import urlsplit

from sqlalchemy import text
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from crawlight.api import errors, health
from crawlight.api.metrics import Metrics
from crawlight.api.middleware import Requests
from crawlight.api.proxy import BehindProxy
from crawlight.crawls.crowding import Crowds
from crawlight.edge import counts
from crawlight.edge.dispatch import RenderFirst
from crawlight.runtime.services import Services


def create_app(services: Services, metrics: Metrics | None = None) -> ASGIApp:
    """The whole HTTP surface over open services; what it counts is in ``metrics``."""
    metrics = metrics or Metrics()
    _watch(metrics, services)
    _watch_rendering(metrics, services)
    metrics.gauge(
        "crawlight_rate_limit_failures",
        "Calls let in uncounted: no limits store.",
        lambda: services.limiter.failures,
    )
    edge, settings = services.edge, services.settings
    app = Requests(People(services, _own(services, metrics)), metrics)
    base = urlsplit(settings.public_url).path.rstrip("/")
    return BehindProxy(RenderFirst(app, edge.render, edge.drop_in), settings.trusted_proxies, base)


def create_metrics_app(metrics: Metrics) -> ASGIApp:
    """What is answered at the metrics' own address: them, and nothing else."""
    return Starlette(routes=[health.metrics_route(metrics)])


class People:
    """Answers what machines ask by ``own``; what people ask is loaded when the first of them comes."""

    def __init__(self, services: Services, own: Starlette) -> None:
        self._services = services
        self._own = own
        self._paths = {route.path for route in own.routes if isinstance(route, Route)}
        self._loading = asyncio.Lock()
        self._loaded: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection (ASGI)."""
        if scope["type"] == "http" and _path(scope) in self._paths:
            await self._own(scope, receive, send)
        else:
            app = self._loaded or await self.load()
            await app(scope, receive, send)

    async def load(self) -> ASGIApp:
        """The app for people. It takes a third of a second, during which crawlers are answered."""
        async with self._loading:
            if self._loaded is None:
                people = await asyncio.to_thread(import_module, "crawlight.people")
                self._loaded = people.for_people(self._services)
        return self._loaded


def _path(scope: Scope) -> str:
    """The path below that of the whole server."""
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", ""))


def _own(services: Services, metrics: Metrics) -> Starlette:
    """What operators and sites ask all day."""
    parts: dict[str, health.Check] = {"browser": services.renderer.state, "addresses": _crowded(services)}
    routes = [*services.edge.event_routes(), *health.routes(_checks(services), parts)]
    if services.settings.shows_metrics:
        routes.append(health.metrics_route(metrics))
    app = Starlette(routes=routes)
    errors.install(app)
    return app


def _watch(metrics: Metrics, services: Services) -> None:
    metrics.gauge(
        "crawlight_spool_segments",
        "Segments that wait for the events store.",
        lambda: len(services.spool.published()) + len(services.spool.recorded()),
    )
    metrics.gauge(
        "crawlight_spool_lost_records",
        "Crawls that were answered and that the disk did not take.",
        lambda: _counts(services).lost,
    )
    metrics.gauge(
        "crawlight_spool_segments_set_aside",
        "Segments that could not be loaded and wait for a person.",
        lambda: len(services.spool.set_aside()),
    )


def _watch_rendering(metrics: Metrics, services: Services) -> None:
    renderer = services.renderer
    metrics.counts(
        "crawlight_render_answers",
        "Answers to callers of pages by status and outcome.",
        ("status", "outcome"),
        lambda: {(str(status), what): n for status, what, n in _counts(services).answers},
    )
    metrics.counts(
        "crawlight_renders",
        "Renders by result: stored, or why there was nothing to store.",
        ("result",),
        lambda: {(result,): count for result, count in services.worker.results.items()},
    )
    revalidator = services.rendering.revalidator
    metrics.counts(
        "crawlight_revalidations",
        "Due pages by what asking again found: unchanged, or why they are rendered.",
        ("result",),
        lambda: {(result,): count for result, count in revalidator.results.items()},
    )
    metrics.counts(
        "crawlight_revalidation_requests",
        "Requests to sites for that.",
        (),
        lambda: {(): revalidator.requests},
    )
    metrics.gauge("crawlight_renderer_running", "Pages in the browser.", lambda: renderer.slots.running)
    metrics.gauge("crawlight_renderer_waiting", "Pages that wait for it.", lambda: renderer.slots.waiting)
    metrics.gauge(
        "crawlight_browser_memory_bytes",
        "Memory of the browser with all its processes, looked at every few seconds.",
        lambda: renderer.supervisor.memory,
    )
    metrics.gauge(
        "crawlight_browsers_started", "Browsers since the start.", lambda: renderer.supervisor.started
    )
    metrics.gauge(
        "crawlight_pages_awaited", "Pages that crawlers wait for.", lambda: _counts(services).waiting
    )
    metrics.gauges(
        "crawlight_pages_compared",
        "Pages that were compared with what people see, by domain.",
        ("domain",),
        lambda: {(host,): share.compared for host, share in services.comparer.shares.items()},
    )
    metrics.gauges(
        "crawlight_pages_whole",
        "Pages of these of which crawlers get what people see.",
        ("domain",),
        lambda: {(host,): share.whole for host, share in services.comparer.shares.items()},
    )
    metrics.gauge("crawlight_snapshots_held", "Snapshots in memory.", lambda: _counts(services).held)
    metrics.gauge("crawlight_snapshots_held_bytes", "Bytes of them.", lambda: _counts(services).held_bytes)


def _counts(services: Services) -> counts.Counts:
    """What this process and all edge processes have counted."""
    return counts.total([services.edge.counts(), *counts.read(services.settings.data_dir / counts.FOLDER)])


def _crowded(services: Services) -> health.Check:
    """Whether crawls come from the addresses of crawlers, as far as one can see."""
    crowds = Crowds(services.spool.folder)

    async def addresses() -> str:
        return "; ".join(map(str, crowds.known().values()))

    return addresses


def _checks(services: Services) -> dict[str, health.Check]:
    async def database() -> str:
        async with services.database.read() as session:
            await session.execute(text("SELECT 1"))
        return ""

    async def events() -> str:
        await services.store.run(services.store.ping)
        return ""

    async def spool() -> str:
        return "; ".join(filter(None, (services.recorder.failure, services.loader.state())))

    return {"database": database, "events": events, "spool": spool}
