"""``GET /v1/render``: what a crawler gets of a page. Bare ASGI, because each crawler waits for it.

It fails open: whatever breaks, the answer is 204 and the site answers itself.
"""

from collections.abc import MutableMapping
from typing import Any, Final

from crawlight.domains.sites import Site
from crawlight.edge.decide import Decider
from crawlight.edge.directory import Directory
from crawlight.edge.endpoints import answers
from crawlight.edge.endpoints.answers import Answer
from crawlight.edge.endpoints.call import Asked, Call
from crawlight.edge.endpoints.door import Answered, Door
from crawlight.edge.endpoints.minutes import Minutes
from crawlight.edge.tenants import Client

PATH: Final = "/v1/render"


class Render(Door):
    """The endpoint."""

    def __init__(
        self, directory: Directory, decider: Decider, *, minutes: Minutes, answered: Answered
    ) -> None:
        super().__init__(directory, minutes, answered)
        self._decider = decider

    def _client(self, call: Call) -> Client | None:
        return self._directory.client(call.authorization, call.api_key)

    def _asked(self, call: Call, _scope: MutableMapping[str, Any]) -> Asked:
        return call.asked()

    async def _answer(self, site: Site, call: Call, url: str, page: str) -> Answer:
        return answers.answer_of(await self._decider.decide(site, call.request(url, page)))

    def _nothing(self, reason: str) -> Answer:
        return answers.nothing(reason)
