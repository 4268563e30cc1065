"""The HTTP surface of open services: every route, and what operators may ask."""

from fastapi import FastAPI
from sqlalchemy import text
from starlette.types import ASGIApp

from crawlight.api import errors, export, health, openapi, purge, recache
from crawlight.api.gate import Gate
from crawlight.api.metrics import Metrics
from crawlight.api.middleware import Requests
from crawlight.api.proxy import BehindProxy
from crawlight.crawls.crowding import Crowds
from crawlight.dashboard import reference, routes
from crawlight.dashboard.refusals import page_of
from crawlight.dashboard.state import Dashboard
from crawlight.edge import counts
from crawlight.edge.dispatch import RenderFirst
from crawlight.kit.mail import Mailer
from crawlight.runtime.front import own_front
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
    gate = Gate(services.database, services.settings.plans, services.limiter)
    app = FastAPI(title="Crawlight", openapi_url=None, redirect_slashes=False)
    errors.install(app, page_of)
    app.include_router(export.router(gate, services.database, services.exporter))
    app.include_router(purge.router(gate, services.database))
    app.include_router(recache.router(gate, services.database))
    app.router.routes.extend(services.edge.event_routes())
    parts: dict[str, health.Check] = {"browser": services.renderer.state, "addresses": _crowded(services)}
    app.include_router(health.router(_checks(services), parts))
    if services.settings.shows_metrics:
        app.include_router(health.metrics_router(metrics))
    app.include_router(openapi.router())
    app.include_router(routes.answering_head(reference.router(openapi.description)))
    dashboard = _dashboard(services)
    routes.install(app, dashboard)
    trusted = services.settings.trusted_proxies
    edge = services.edge
    return BehindProxy(
        RenderFirst(Requests(app, metrics), edge.render, edge.drop_in), trusted, dashboard.base
    )


def create_metrics_app(metrics: Metrics) -> ASGIApp:
    """What is answered at the metrics' own address: them, and nothing else."""
    app = FastAPI(openapi_url=None, redirect_slashes=False)
    app.include_router(health.metrics_router(metrics))
    return app


def _dashboard(services: Services) -> Dashboard:
    settings = services.settings
    return Dashboard(
        database=services.database,
        plans=settings.plans,
        limiter=services.tries,
        mailer=Mailer(settings.smtp_url, settings.mail_from),
        exporter=services.exporter,
        reporter=services.reporter,
        snapshots=services.edge.snapshots,
        identity=services.identity,
        crowds=Crowds(services.spool.folder),
        wake=services.worker.wake,
        comparer=services.comparer,
        public_url=settings.public_url,
        keeps=(settings.retention_days, settings.retention_months),
        open_sign_up=settings.sign_up == "open",
        front=own_front(settings),
        closing=services.closing,
    )


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
