"""What all doors do through which middleware asks for pages: who calls, how often, for which page of which site."""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, ClassVar

import structlog

from crawlight.domains.sites import Site
from crawlight.edge.directory import Directory
from crawlight.edge.endpoints.answers import Answer, Header, refusal
from crawlight.edge.endpoints.call import Asked, Call, read_call
from crawlight.edge.endpoints.minutes import Minutes
from crawlight.edge.tenants import Client
from crawlight.errors import CrawlightError

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
Answered = Counter[tuple[int, str]]
"""Answers by status and outcome."""

log = structlog.get_logger(__name__)


class Door(ABC):
    """A door. Refusals (4xx) are for the caller's own mistakes only; whatever else breaks is `_nothing`.

    Several doors may share the ``minutes`` that limit an account's calls, and the count of what was ``answered``.
    """

    _tells_rate: ClassVar[bool] = True
    """Whether the caller keeps headers about its own calls from the visitor."""

    def __init__(self, directory: Directory, minutes: Minutes, answered: Answered) -> None:
        self._directory = directory
        self._minutes = minutes
        self._answered = answered

    async def __call__(self, scope: MutableMapping[str, Any], _receive: object, send: Send) -> None:
        """Answer one HTTP request (ASGI)."""
        call = read_call(scope)
        rate: tuple[Header, ...] = ()
        try:
            if self._directory.outdated:
                await self._directory.catch_up()
            client = self._enter(call)
            if client is None:
                answer = self._nothing("unavailable")
            else:
                seconds, rate = self._minutes.hit(client.account_id)
                answer = await self._answered_to(call, scope, client, seconds)
        except CrawlightError as error:
            answer = refusal(error)
        except Exception:
            log.exception("page_not_answered", door=type(self).__name__)
            answer = self._nothing("internal_error")
        self._answered[answer.status, answer.outcome] += 1
        own = (*(rate if self._tells_rate else ()), (b"x-request-id", call.request_id))
        status = call.nothing if answer.status == 204 else answer.status
        await send_answer(send, answer, own, status=status, head=call.method == "HEAD")

    @abstractmethod
    def _client(self, call: Call) -> Client | None:
        """The caller by the key that the call brings."""

    @abstractmethod
    def _asked(self, call: Call, scope: MutableMapping[str, Any]) -> Asked:
        """The page that is asked for. Raises CrawlightError 400."""

    @abstractmethod
    async def _answer(self, site: Site, call: Call, url: str, page: str) -> Answer:
        """The answer about a page of a site of the caller's."""

    @abstractmethod
    def _nothing(self, reason: str) -> Answer:
        """The answer where something of ours is broken."""

    def _enter(self, call: Call) -> Client | None:
        """The caller; None where nobody can be told apart. Raises 405, 401."""
        if call.method not in ("GET", "HEAD"):
            raise CrawlightError("method_not_allowed", headers={"Allow": "GET, HEAD"})
        client = self._client(call)
        if client is None and self._directory.loaded:
            raise CrawlightError("invalid_api_key")
        return client

    async def _answered_to(
        self, call: Call, scope: MutableMapping[str, Any], client: Client, over_for: int
    ) -> Answer:
        if over_for:
            raise CrawlightError("rate_limit_exceeded", "calls per minute", retry_after=over_for)
        asked = self._asked(call, scope)
        site = client.sites.get(asked.host)
        if site is None:
            raise CrawlightError("domain_not_authorized", "the account neither owns nor manages this domain")
        page = site.page(asked.path)
        if page is None:
            raise CrawlightError("invalid_request", "url names no page")
        return await self._answer(site, call, asked.url, page)


async def send_answer(
    send: Send, answer: Answer, own: tuple[Header, ...] = (), *, status: int, head: bool
) -> None:
    """Put an answer on the wire, with headers of the door's ``own``; of a ``head`` no body is sent."""
    headers = [
        *answer.headers,
        (b"x-crawlight-outcome", answer.outcome.encode()),
        (b"x-crawlight-reason", answer.reason.encode("ascii", "replace")),
        *own,
    ]
    if status != 204:
        headers.append((b"content-length", b"%d" % len(answer.body)))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if head else answer.body})
