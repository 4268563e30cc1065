"""``GET /https://example.com/page``: what middleware of Prerender.io gets here instead of there. Bare ASGI.

Such middleware hands on whatever it gets, so a 204 or a 5xx would reach the crawler: where there is no page, the
answer is the site's own, and where the site gives none, a 429 that has the crawler come again.
"""

from collections.abc import MutableMapping
from typing import Any, ClassVar, Final

import msgspec
import structlog

from crawlight.domains.sites import Site
from crawlight.edge.decide import Decider
from crawlight.edge.decision import Decision, Nothing, PageRequest
from crawlight.edge.directory import Directory
from crawlight.edge.endpoints.answers import Answer, answer_of, own_answer_of, try_later
from crawlight.edge.endpoints.call import Asked, Call
from crawlight.edge.endpoints.door import Answered, Door
from crawlight.edge.endpoints.minutes import Minutes
from crawlight.edge.endpoints.whole_url import asked_in
from crawlight.edge.own_answer import own_answer
from crawlight.edge.tenants import Client
from crawlight.kit.net import FetchError

TOKEN: Final = b"x-prerender-token"
"""The header with the key. No other is looked at: where all headers are forwarded, the others are the visitor's."""

log = structlog.get_logger(__name__)


class DropIn(Door):
    """The door."""

    _tells_rate: ClassVar[bool] = False

    def __init__(
        self, directory: Directory, decider: Decider, *, minutes: Minutes, answered: Answered
    ) -> None:
        super().__init__(directory, minutes, answered)
        self._decider = decider

    def _client(self, call: Call) -> Client | None:
        return self._directory.client(b"", dict(call.headers).get(TOKEN, b""))

    def _asked(self, _call: Call, scope: MutableMapping[str, Any]) -> Asked:
        return asked_in(scope)

    async def _answer(self, site: Site, call: Call, url: str, page: str) -> Answer:
        decision = await self._decided(site, _request(call, url, page))
        if not isinstance(decision, Nothing):
            return answer_of(decision, shared=False)
        try:
            return own_answer_of(decision, await own_answer(site, page))
        except FetchError as error:
            log.warning("site_not_reached", host=site.host, reason=str(error))
            return try_later(f"{decision.reason}; site not reached", decision.outcome)

    def _nothing(self, reason: str) -> Answer:
        return try_later(reason)

    async def _decided(self, site: Site, request: PageRequest) -> Decision:
        """The decision; whatever breaks, the site can still answer."""
        try:
            return await self._decider.decide(site, request)
        except Exception:
            log.exception("drop_in_failed_open", host=site.host)
            return Nothing("internal_error")


def _request(call: Call, url: str, page: str) -> PageRequest:
    """The visitor's request, as far as the middleware tells it. Headers of ours would be the visitor's own words."""
    forwarded = (text for name, text in call.headers if name == b"x-forwarded-for")
    told = b",".join(forwarded).decode("latin-1")
    return msgspec.structs.replace(call, told=told, takes_redirects=True, passthrough=False).request(
        url, page
    )
