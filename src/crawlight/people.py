"""What people and their programs ask: dashboard, export, purge, and what describes them."""

from fastapi import FastAPI

from crawlight.api import errors, export, openapi, purge, recache
from crawlight.api.gate import Gate
from crawlight.crawls.crowding import Crowds
from crawlight.dashboard import reference, routes
from crawlight.dashboard.refusals import page_of
from crawlight.dashboard.state import Dashboard
from crawlight.kit.mail import Mailer
from crawlight.runtime.front import own_front
from crawlight.runtime.services import Services


def for_people(services: Services) -> FastAPI:
    """All of it over open services."""
    gate = Gate(services.database, services.settings.plans, services.limiter)
    app = FastAPI(title="Crawlight", openapi_url=None, redirect_slashes=False)
    errors.install(app, page_of)
    app.include_router(export.router(gate, services.database, services.exporter))
    app.include_router(purge.router(gate, services.database))
    app.include_router(recache.router(gate, services.database))
    app.include_router(openapi.router())
    app.include_router(routes.answering_head(reference.router(openapi.description)))
    routes.install(app, _dashboard(services))
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
