"""All pages, as one router: forms of other sites are refused for every one of them."""

from fastapi import APIRouter, Depends, FastAPI

from crawlight.dashboard import (
    account,
    claims,
    domain_data,
    domain_settings,
    joining,
    keys,
    overview,
    plan,
    refusals,
    reset,
    setup,
    sharing,
    sign_in,
    static_files,
)
from crawlight.dashboard.forms import refuse_foreign
from crawlight.dashboard.site import Site


def install(app: FastAPI, site: Site) -> None:
    """Put the dashboard into the app."""
    app.state.site = site
    refusals.install(app)
    pages = APIRouter(dependencies=[Depends(refuse_foreign)], include_in_schema=False)
    for module in (
        overview,
        setup,
        sign_in,
        reset,
        joining,
        account,
        keys,
        plan,
        claims,
        domain_settings,
        sharing,
        domain_data,
    ):
        pages.include_router(module.routes)
    app.include_router(pages)
    app.include_router(static_files.router(dict(site.files)))
