"""The forms among a domain's settings: all who see the domain read them, its managers change them."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request, Response

from crawlight.accounts.scope import ScopedDomain
from crawlight.dashboard import forms
from crawlight.dashboard.visits import SignedIn, Visit
from crawlight.errors import UserError

Fields = Mapping[str, str]
Values = Callable[[Visit, ScopedDomain, Fields | None], Awaitable[dict[str, Any]]]
"""What the template needs beside the frame; with the fields of a form that was wrong, else None."""

Save = Callable[[Visit, ScopedDomain, Fields], Awaitable[str]]
"""Changes all that a form says, or nothing: then it raises UserError. Returns what the next page says."""


@dataclass(frozen=True)
class SettingsForm:
    """One of them, at ``/domains/HOST/settings/SECTION``; ``title`` has a place for the host.

    ``template`` gets ``section``, ``fixed`` (whether this visitor may only read) and what ``values`` returns.
    """

    section: str
    title: str
    template: str
    values: Values
    save: Save
    most_bytes: int = forms.MOST_BYTES

    @property
    def path(self) -> str:
        """Its path, with a place for the host."""
        return f"/domains/{{host}}/settings/{self.section}".removesuffix("/rendering")

    def routes(self) -> APIRouter:
        """Reading and changing it."""
        routes = APIRouter()

        @routes.get(self.path)
        async def show(visit: SignedIn, host: str) -> Response:
            return await self.page(visit, visit.domain(host))

        @routes.post(self.path)
        async def change(request: Request, visit: SignedIn, host: str) -> Response:
            domain, fields = visit.domain(host, "manager"), await forms.form(request, self.most_bytes)
            try:
                told = await self.save(visit, domain, fields)
            except UserError as error:
                return await self.page(visit, domain, fields, error)
            return await visit.go(self.path.format(host=domain.host), told)

        return routes

    async def page(
        self, visit: Visit, domain: ScopedDomain, fields: Fields | None = None, error: UserError | None = None
    ) -> Response:
        """The page; after an ``error`` with the ``fields`` as they were given, if it was about them."""
        values = {
            "title": self.title.format(domain.host),
            "domain": domain,
            "tab": "settings",
            "section": self.section,
            "fixed": domain.role == "viewer",
            "error": error,
            **await self.values(visit, domain, fields),
        }
        return await visit.page(self.template, values)
