"""``/domains/HOST/settings/robots``: a domain's robots.txt, hosted or the site's own, its versions, who got which."""

import asyncio
from typing import Any, Final
from weakref import WeakValueDictionary

import msgspec
from fastapi import Request, Response

from crawlight.accounts.scope import ScopedDomain
from crawlight.analytics.robots_fetches import ROBOTS_FETCHES, RobotsFetches
from crawlight.dashboard.forms import form
from crawlight.dashboard.questions import about, ask
from crawlight.dashboard.reading import Line, differences
from crawlight.dashboard.refusals import not_found
from crawlight.dashboard.rehearsing import rehearsed
from crawlight.dashboard.robots_check import checked
from crawlight.dashboard.settings_form import Fields, SettingsForm
from crawlight.dashboard.tables import csv_of
from crawlight.dashboard.visits import SignedIn, Visit
from crawlight.domains import hosting, robots_versions
from crawlight.domains.hosted import ROBOTS
from crawlight.domains.hosting import host_text, hosted
from crawlight.domains.rehearsal import of_robots
from crawlight.domains.robots_versions import Version
from crawlight.errors import UserError
from crawlight.rendering.origins import leave_to_site

_PATH: Final = "/domains/{host}/settings/robots"
_MOST_BYTES: Final = 2 * 1024 * 1024
"""Of a form: a text of 500 KiB as forms are encoded."""

_checking: Final = WeakValueDictionary[int, asyncio.Lock]()
"""By account: checks are asked for as somebody types, and each may take a thread for seconds."""

_NEW: Final = "User-agent: *\nAllow: /\n"


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


async def _values(visit: Visit, domain: ScopedDomain, fields: Fields | None) -> dict[str, Any]:
    """``version`` in the URL chooses which one is shown beside the one before, else it is the one in force."""
    database = visit.dashboard.database
    file = await hosted(database, domain.id, ROBOTS)
    versions = await robots_versions.versions(database, domain.id)
    given = await _given(visit, domain, fields)
    path = (fields or visit.request.query_params).get("path", "")
    return {
        "hosted": file,
        "given": given,
        "path_tried": path,
        "checked": await checked(database, domain.id, given, path),
        "rehearsed": await rehearsed(visit, domain, of_robots(given)) if _rehearses(fields) else None,
        "versions": versions,
        "shown": await _shown(visit, domain, _chosen(visit.request, versions)),
        "fetches": await ask(visit, ROBOTS_FETCHES, await about(visit, domain)),
        "most": robots_versions.MOST_VERSIONS,
    }


def _rehearses(fields: Fields | None) -> bool:
    return fields is not None and "rehearse" in fields


async def _given(visit: Visit, domain: ScopedDomain, fields: Fields | None) -> str:
    """The text in the editor: as it was given, else the hosted one, else what the site said last."""
    if fields is not None and "text" in fields:
        return fields["text"].replace("\r\n", "\n")
    file = await hosted(visit.dashboard.database, domain.id, ROBOTS)
    return (
        file.text
        if file
        else await robots_versions.text_in_force(visit.dashboard.database, domain.id) or _NEW
    )


async def _save(visit: Visit, domain: ScopedDomain, fields: Fields) -> str:
    await host_text(visit.dashboard.database, domain.id, ROBOTS, fields.get("text", "").replace("\r\n", "\n"))
    return f"Crawlight now serves robots.txt for {domain.host}."


_FORM: Final = SettingsForm("robots", "robots.txt of {}", "robots.html", _values, _save, _MOST_BYTES)
routes = _FORM.routes()


@routes.post(f"{_PATH}/check")
async def check(request: Request, visit: SignedIn, host: str) -> Response:
    """The page with what is wrong with a text, who may fetch what, and its rehearsal if asked; nothing is saved."""
    domain, fields = visit.domain(host), await form(request, _MOST_BYTES)
    async with _checking.setdefault(visit.account.id, asyncio.Lock()):
        try:
            return await _FORM.page(visit, domain, fields)
        except UserError as error:
            fields.pop("rehearse", None)
            return await _FORM.page(visit, domain, fields, error)


@routes.post(f"{_PATH}/restore")
async def restore(request: Request, visit: SignedIn, host: str) -> Response:
    """Host an earlier version, be it one that was saved here or one of the site's."""
    domain, fields = visit.domain(host, "manager"), await form(request)
    database, given = visit.dashboard.database, fields.get("version", "")
    number = int(given) if given.isascii() and given.isdigit() and len(given) < 10 else 0
    text = await hosting.version(database, domain.id, number)
    if text is None:
        raise not_found()
    try:
        await host_text(database, domain.id, ROBOTS, text)
    except UserError as error:
        return await _FORM.page(visit, domain, {"text": text}, error)
    return await visit.go(_PATH.format(host=domain.host), f"Version {number} is hosted.")


@routes.post(f"{_PATH}/site")
async def site(visit: SignedIn, host: str) -> Response:
    """Have the site answer for its robots.txt itself."""
    domain = visit.domain(host, "manager")
    await leave_to_site(visit.dashboard.database, domain.id, ROBOTS)
    return await visit.go(_PATH.format(host=domain.host), f"{domain.host} serves its own robots.txt again.")


@routes.get("/domains/{host}/settings/robots.json")
async def show_json(visit: SignedIn, host: str) -> Response:
    """The JSON twin."""
    domain = visit.domain(host)
    versions = await robots_versions.versions(visit.dashboard.database, domain.id)
    return visit.data(
        Robots(domain.host, versions, await ask(visit, ROBOTS_FETCHES, await about(visit, domain)))
    )


@routes.get("/domains/{host}/settings/robots.csv")
async def show_csv(visit: SignedIn, host: str) -> Response:
    """The CSV twin of the versions."""
    domain = visit.domain(host)
    versions = await robots_versions.versions(visit.dashboard.database, domain.id)
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
    database = visit.dashboard.database
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
