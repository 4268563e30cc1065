"""``/domains/HOST/settings/robots``: the versions of a domain's robots.txt, how they differ, and who has got which."""

import asyncio

import msgspec
from fastapi import APIRouter, Request, Response

from crawlight.accounts.scope import ScopedDomain
from crawlight.analytics.robots_fetches import ROBOTS_FETCHES, RobotsFetches
from crawlight.dashboard.questions import about, ask
from crawlight.dashboard.reading import Line, differences
from crawlight.dashboard.refusals import not_found
from crawlight.dashboard.tables import csv_of
from crawlight.dashboard.visits import SignedIn, Visit
from crawlight.domains import robots_versions
from crawlight.domains.robots_versions import Version

routes = APIRouter()


class Shown(msgspec.Struct, frozen=True):
    """One version, beside the one that was in force before it (0: none)."""

    number: int
    before: int
    lines: list[Line]
    cut: bool
    """Whether the files are longer than what was compared."""
    is_page: bool
    """Whether it is an HTML page, in which crawlers find no rules."""


class Robots(msgspec.Struct, frozen=True):
    """The JSON twin."""

    domain: str
    versions: list[Version]
    fetches: list[RobotsFetches]


@routes.get("/domains/{host}/settings/robots")
async def show(request: Request, visit: SignedIn, host: str) -> Response:
    """The page; ``version`` in the URL chooses which one is shown, else it is the one in force."""
    domain = visit.domain(host)
    versions = await robots_versions.versions(visit.site.database, domain.id)
    values = {
        "title": f"robots.txt of {domain.host}",
        "domain": domain,
        "tab": "settings",
        "section": "robots",
        "versions": versions,
        "shown": await _shown(visit, domain, _chosen(request, versions)),
        "fetches": await ask(visit, ROBOTS_FETCHES, await about(visit, domain)),
        "most": robots_versions.MOST_VERSIONS,
    }
    return await visit.page("robots.html", values)


@routes.get("/domains/{host}/settings/robots.json")
async def show_json(visit: SignedIn, host: str) -> Response:
    """The JSON twin."""
    domain = visit.domain(host)
    versions = await robots_versions.versions(visit.site.database, domain.id)
    return visit.data(
        Robots(domain.host, versions, await ask(visit, ROBOTS_FETCHES, await about(visit, domain)))
    )


@routes.get("/domains/{host}/settings/robots.csv")
async def show_csv(visit: SignedIn, host: str) -> Response:
    """The CSV twin of the versions."""
    domain = visit.domain(host)
    versions = await robots_versions.versions(visit.site.database, domain.id)
    header = [field.encode_name for field in msgspec.structs.fields(Version)]
    return csv_of(visit, f"{domain.host}-robots", header, map(msgspec.structs.astuple, versions))


def _chosen(request: Request, versions: list[Version]) -> int:
    """The number of the version that is to be shown; 0 where none was seen yet. Raises 404 for others."""
    given = request.query_params.get("version")
    if given is None:
        return versions[0].number if versions else 0
    numbers = {str(version.number): version.number for version in versions}
    if given not in numbers:
        raise not_found()
    return numbers[given]


async def _shown(visit: Visit, domain: ScopedDomain, number: int) -> Shown | None:
    database = visit.site.database
    content = await robots_versions.content(database, domain.id, number) if number else None
    if content is None:
        return None
    before = await robots_versions.before(database, domain.id, number) or 0
    earlier = await robots_versions.content(database, domain.id, before) if before else None
    lines, cut = await asyncio.to_thread(differences, _lines(earlier or b""), _lines(content))
    if earlier is None:
        lines = [Line("both", line.text) for line in lines]
    return Shown(number, before, lines, cut, robots_versions.is_web_page(content.decode("utf-8", "replace")))


def _lines(content: bytes) -> list[str]:
    return content.decode("utf-8", "replace").splitlines()
