"""``/domains/HOST/page?path=/...``: one page, its audit, what crawlers get of it, and who came."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode

import msgspec
from fastapi import APIRouter, Request, Response

from crawlight.accounts.scope import ScopedDomain
from crawlight.analytics import page_crawls
from crawlight.analytics.first_fetches import FIRST_FETCHES, FirstFetch, Told
from crawlight.analytics.page_crawls import PAGE_AGENTS, PAGE_LATEST, AgentCrawls, PageCrawl
from crawlight.analytics.question import About
from crawlight.audit import Issue
from crawlight.dashboard import previews
from crawlight.dashboard.forms import form
from crawlight.dashboard.questions import about, sources_of
from crawlight.dashboard.reading import compare
from crawlight.dashboard.refusals import not_found
from crawlight.dashboard.state import dashboard_of
from crawlight.dashboard.tables import csv_of
from crawlight.dashboard.texts import age
from crawlight.dashboard.visits import SignedIn, Visit
from crawlight.domains import audits, page_inputs
from crawlight.domains.audits import StoredAudit
from crawlight.domains.failures import FAILURES
from crawlight.domains.inventory import KnownPage, page_of
from crawlight.domains.page_inputs import Noted
from crawlight.domains.wanted import want
from crawlight.kit.confined import TooMuchError, confined
from crawlight.kit.periods import Window
from crawlight.kit.urls import canonical_path, canonical_url
from crawlight.rendering.bodies import SnapshotStoreError
from crawlight.rendering.inputs import WHY_NOT
from crawlight.rendering.memory import Snapshot

routes = APIRouter()


class SnapshotRow(msgspec.Struct, frozen=True, rename="camel"):
    """One kept snapshot as the twins have it."""

    taken_at: datetime
    status: int
    bytes: int
    milliseconds: int
    complete_after: int | None
    location: str | None
    checked_at: datetime | None


class PageReport(msgspec.Struct, frozen=True, rename="camel"):
    """The JSON twin: the page, its issues, its crawls in the period by agent, and its snapshots.

    ``always_rendered`` is a word for why it is rendered whenever it is due (`WHY_NOT`), none where it need not be.
    """

    url: str
    path: str
    period: str
    seo_score: int | None
    audited_at: datetime | None
    issues: tuple[Issue, ...]
    crawls: list[AgentCrawls]
    latest_crawls: list[PageCrawl]
    snapshots: list[SnapshotRow]
    always_rendered: str | None


@dataclass(frozen=True)
class _Known:
    """What is known of a page."""

    domain: ScopedDomain
    path: str
    window: Window
    page: KnownPage | None
    audit: StoredAudit | None
    history: list[Snapshot]
    crawls: list[AgentCrawls]
    latest: list[PageCrawl]
    inputs: Noted | None

    @property
    def url(self) -> str:
        return canonical_url(self.domain.page_host, self.path)


@routes.get("/domains/{host}/page")
async def show(request: Request, visit: SignedIn, host: str) -> Response:
    """The page."""
    known = await _known(request, visit, visit.domain(host))
    newest = known.history[0] if known.history else None
    query = urlencode({"path": known.path, "period": visit.period})
    values = {
        "title": known.path,
        "domain": known.domain,
        "tab": "pages",
        "period": visit.period,
        "known": known,
        "newest": newest,
        "failures": FAILURES,
        "why_not": WHY_NOT,
        "previews": await _previews(visit, newest),
        "taken_at": _moment,
        "age": age,
        "own": sum(crawl.crawls for crawl in known.crawls if crawl.identity != "spoofed"),
        "spoofed": sum(crawl.crawls for crawl in known.crawls if crawl.identity == "spoofed"),
        "days": known.window,
        "told": await _told(visit, known),
        "query": f"?{query}",
    }
    return await visit.page("one_page.html", values)


@routes.get("/domains/{host}/page.json")
async def show_json(request: Request, visit: SignedIn, host: str) -> Response:
    """The JSON twin."""
    known = await _known(request, visit, visit.domain(host))
    audit = known.audit
    return visit.data(
        PageReport(
            url=known.url,
            path=known.path,
            period=visit.period,
            seo_score=audit.score if audit else None,
            audited_at=audit.audited_at if audit else None,
            issues=audit.issues if audit else (),
            crawls=known.crawls,
            latest_crawls=known.latest,
            snapshots=_rows(known),
            always_rendered=known.inputs.why_not or None if known.inputs else None,
        )
    )


@routes.get("/domains/{host}/page.csv")
async def show_csv(request: Request, visit: SignedIn, host: str) -> Response:
    """The CSV twin of its crawls by agent."""
    known = await _known(request, visit, visit.domain(host))
    return csv_of(visit, f"{known.domain.host}-page", *PAGE_AGENTS.table(known.crawls))


@routes.get("/domains/{host}/page/issues.csv")
async def issues_csv(request: Request, visit: SignedIn, host: str) -> Response:
    """The CSV twin of its issues."""
    known = await _known(request, visit, visit.domain(host))
    header = ("check", "severity", "weight", "title", "found", "count", "fix", "guidance")
    issues = known.audit.issues if known.audit else ()
    rows = [[getattr(issue, name) for name in header] for issue in issues]
    return csv_of(visit, f"{known.domain.host}-page-issues", header, rows)


@routes.get("/domains/{host}/page/latest.csv")
async def latest_csv(request: Request, visit: SignedIn, host: str) -> Response:
    """The CSV twin of its latest crawls."""
    known = await _known(request, visit, visit.domain(host))
    return csv_of(visit, f"{known.domain.host}-page-latest", *PAGE_LATEST.table(known.latest))


@routes.get("/domains/{host}/page/snapshots.csv")
async def snapshots_csv(request: Request, visit: SignedIn, host: str) -> Response:
    """The CSV twin of its snapshots."""
    known = await _known(request, visit, visit.domain(host))
    header = [field.encode_name for field in msgspec.structs.fields(SnapshotRow)]
    return csv_of(
        visit, f"{known.domain.host}-page-snapshots", header, map(msgspec.structs.astuple, _rows(known))
    )


@routes.get("/domains/{host}/page/text")
async def text(request: Request, visit: SignedIn, host: str) -> Response:
    """The comparison of the texts with and without scripts, for the page to show when it is asked for."""
    domain, path, dashboard = visit.domain(host), path_of(request), dashboard_of(request)
    history = await dashboard.snapshots.history(domain.id, path)
    if not history:
        raise not_found()
    try:
        served, raw = await asyncio.gather(
            dashboard.snapshots.content(history[0]), dashboard.snapshots.raw(history[0])
        )
    except SnapshotStoreError:
        served = raw = None
    compared = None
    if served is not None and raw is not None:
        with suppress(TooMuchError):
            compared = await confined(compare, served, raw)
    values = {"title": path, "domain": domain, "tab": "pages", "path": path, "compared": compared}
    return await visit.page("page_text.html", values)


@routes.post("/domains/{host}/page/refresh")
async def refresh(request: Request, visit: SignedIn, host: str) -> Response:
    """Ask for a new render."""
    domain, path = await managed_page(request, visit, host)
    await want(visit.dashboard.database, domain.id, [path], "purge")
    dashboard_of(request).wake()
    told = "A new render is queued. What crawlers get now stays until it is ready."
    return await visit.go(address_of(request, visit, domain, path), told)


async def managed_page(request: Request, visit: Visit, host: str) -> tuple[ScopedDomain, str]:
    """The domain and path that a form is about. 403 for those who do not manage it, 404 for an unknown page."""
    domain = visit.domain(host, needs="manager")
    path = canonical_path((await form(request)).get("path", ""))
    if path is None or await page_of(visit.dashboard.database, domain.id, path) is None:
        raise not_found()
    return domain, path


def address_of(request: Request, visit: Visit, domain: ScopedDomain, path: str) -> str:
    """Where the page of a path is shown, in the period that was asked for."""
    query = {"path": path, **({"period": visit.period} if "period" in request.query_params else {})}
    return f"/domains/{domain.host}/page?{urlencode(query)}"


async def _known(request: Request, visit: Visit, domain: ScopedDomain) -> _Known:
    path, of = path_of(request), await about(visit, domain)
    database, sources = visit.dashboard.database, sources_of(visit)
    page, audit, history, crawls, latest, inputs = await asyncio.gather(
        page_of(database, domain.id, path),
        audits.of_page(database, domain.id, path),
        dashboard_of(request).snapshots.history(domain.id, path),
        PAGE_AGENTS.answer(sources, of, path),
        PAGE_LATEST.answer(sources, of, path),
        page_inputs.read(database, domain.id, path),
    )
    if page is None and not crawls:
        raise not_found()
    return _Known(domain, path, of.window, page, audit, history, crawls, latest, inputs)


async def _told(visit: Visit, known: _Known) -> FirstFetch | None:
    """When search engines were told of the page last, and who fetched it then; None where they were not."""
    of = About((known.domain,), known.window)
    return next(iter(await FIRST_FETCHES.answer(sources_of(visit), of, Told(1, known.path))), None)


def path_of(request: Request) -> str:
    """The canonical path that a request asks for; 404 where it is none."""
    if not (path := page_crawls.path_of(request.query_params)):
        raise not_found()
    return path


async def _previews(visit: Visit, newest: Snapshot | None) -> dict[str, str] | None:
    """Addresses of both previews, for a few minutes and without a session; None where there is nothing to show."""
    if newest is None or newest.location or newest.withheld:
        return None
    given = [await previews.address(visit.dashboard, newest, side) for side in previews.SIDES]
    return dict(zip(previews.SIDES, given, strict=True))


def _rows(known: _Known) -> list[SnapshotRow]:
    return [
        SnapshotRow(
            taken_at=_moment(one.taken_at),
            status=one.status,
            bytes=one.size,
            milliseconds=one.milliseconds,
            complete_after=one.complete or None,
            location=one.location,
            checked_at=_moment(one.checked_at) if one.checked_at else None,
        )
        for one in known.history
    ]


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
