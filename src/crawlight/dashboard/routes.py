"""All pages, as one router: forms of other sites are refused for every one of them."""

from typing import Final

from fastapi import APIRouter, Depends, FastAPI
from fastapi.routing import APIRoute

from crawlight.dashboard import (
    account,
    agents,
    analytics,
    claims,
    domain_data,
    domain_settings,
    front,
    inventory,
    joining,
    keys,
    late_content,
    live,
    made_files,
    one_page,
    overview,
    page_markdown,
    plan,
    previews,
    readiness,
    refusals,
    report,
    reset,
    response_headers,
    robots,
    rules,
    setup,
    sharing,
    sign_in,
    start,
    static_files,
    twins,
    whole_pages,
)
from crawlight.dashboard.forms import refuse_foreign
from crawlight.dashboard.state import Dashboard

PAGES: Final = (
    overview,
    setup,
    sign_in,
    reset,
    joining,
    account,
    keys,
    plan,
    claims,
    start,
    domain_settings,
    front,
    rules,
    response_headers,
    agents,
    late_content,
    robots,
    readiness,
    made_files,
    sharing,
    domain_data,
    twins,
    live,
    analytics,
    inventory,
    one_page,
    page_markdown,
    whole_pages,
    previews,
    report,
)
"""The modules of all pages; each has ``routes``."""


def install(app: FastAPI, dashboard: Dashboard) -> None:
    """Put the dashboard into the app."""
    app.state.dashboard = dashboard
    refusals.install(app)
    pages = APIRouter(dependencies=[Depends(refuse_foreign)], include_in_schema=False)
    for module in PAGES:
        pages.include_router(answering_head(module.routes))
    app.include_router(pages)
    app.include_router(answering_head(static_files.router(dict(dashboard.files))))


def answering_head(router: APIRouter) -> APIRouter:
    """Whatever answers GET answers HEAD too (RFC 9110, 9.3.2); the server leaves the body out."""
    for route in router.routes:
        if isinstance(route, APIRoute) and route.methods and "GET" in route.methods:
            route.methods.add("HEAD")
    return router
