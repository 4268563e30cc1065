"""``/domains/HOST/settings/sitemap`` and ``.../llms``: files that are the site's own, made of its pages, or a text."""

from typing import Any, Final

import msgspec
from fastapi import APIRouter, Response

from crawlight.accounts.scope import ScopedDomain
from crawlight.dashboard.settings_form import Fields, SettingsForm
from crawlight.dashboard.visits import SignedIn, Visit
from crawlight.domains.hosted import LLMS, SITEMAP
from crawlight.domains.hosting import host_text, hosted, leave_to_site
from crawlight.domains.made_files import Made, host_made, preview
from crawlight.domains.site_pages import LeftOut
from crawlight.domains.sites import Site, load_sites
from crawlight.errors import UserError
from crawlight.rendering.page_texts import MadeFiles

_MOST_BYTES: Final = 16 * 1024 * 1024
"""Of a form: a text of 5 MiB as forms are encoded."""

_LOOKED_AT: Final = 50
"""Pages that are read while somebody waits; the others are within minutes, once the file is made of them."""

_SHOWN: Final = 6_000
"""Characters of a preview."""


class Preview(msgspec.Struct, frozen=True, rename="camel"):
    """The JSON twin: how many pages are in the file as it would be made now, and why others are not."""

    domain: str
    name: str
    mode: str
    files: int
    pages: int
    left_out: list[LeftOut]


class MadeFile:
    """The page of one file."""

    def __init__(self, section: str, name: str) -> None:
        self._name = name
        self._section = section

    def routes(self) -> APIRouter:
        """The form, and the preview as JSON."""
        title = f"{self._name} of {{}}"
        form = SettingsForm(self._section, title, "made_file.html", self._values, self._save, _MOST_BYTES)
        routes = form.routes()

        @routes.get(f"{form.path}.json")
        async def show_json(visit: SignedIn, host: str) -> Response:
            domain = visit.domain(host)
            made, file = await self._made(visit, domain), await self._mode(visit, domain)
            told = (len(made.files), len(made.pages.listed), list(made.pages.left_out))
            return visit.data(Preview(domain.host, self._name, file, *told))

        return routes

    async def _values(self, visit: Visit, domain: ScopedDomain, fields: Fields | None) -> dict[str, Any]:
        file, made = (
            await hosted(visit.dashboard.database, domain.id, self._name),
            await self._made(visit, domain),
        )
        text = made.files[f"/{self._name}"].decode("utf-8", "replace")
        return {
            "name": self._name,
            "hosted": file,
            "mode": fields.get("mode", "") if fields else file.mode if file else "site",
            "given": fields.get("text", "") if fields else file.text if file else "",
            "files": len(made.files),
            "pages": len(made.pages.listed),
            "dated": sum(1 for page in made.pages.listed if page.changed_at),
            "left_out": made.pages.left_out,
            "preview": text[:_SHOWN],
            "cut": len(text) > _SHOWN,
        }

    async def _save(self, visit: Visit, domain: ScopedDomain, fields: Fields) -> str:
        database, mode = visit.dashboard.database, fields.get("mode", "")
        if mode == "site":
            await leave_to_site(database, domain.id, self._name)
            return f"{domain.host} now serves its own {self._name}."
        if mode == "text":
            text = fields.get("text", "").replace("\r\n", "\n")
            await host_text(database, domain.id, self._name, text)
        elif mode == "made":
            await host_made(database, await self._site(visit, domain), self._name)
        else:
            raise UserError("choose who serves the file")
        return f"Crawlight now serves {self._name} for {domain.host}."

    async def _made(self, visit: Visit, domain: ScopedDomain) -> Made:
        """The file as it would be made now."""
        site, snapshots = await self._site(visit, domain), visit.dashboard.snapshots
        if self._name == LLMS:
            await MadeFiles(visit.dashboard.database, snapshots).look(site, _LOOKED_AT)
        return await preview(visit.dashboard.database, site, self._name)

    async def _mode(self, visit: Visit, domain: ScopedDomain) -> str:
        file = await hosted(visit.dashboard.database, domain.id, self._name)
        return file.mode if file else "site"

    async def _site(self, visit: Visit, domain: ScopedDomain) -> Site:
        return (await load_sites(visit.dashboard.database, [domain.id]))[domain.id]


_FILES: Final = (MadeFile("sitemap", SITEMAP), MadeFile("llms", LLMS))
routes = APIRouter(routes=[route for file in _FILES for route in file.routes().routes])
