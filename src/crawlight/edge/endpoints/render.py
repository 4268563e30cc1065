"""``GET /v1/render``: what a crawler gets of a page. Bare ASGI, because each crawler waits for it.

It fails open: whatever breaks, the answer is 204 and the site answers itself. Refusals (4xx) are for the caller's
own mistakes only.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

import structlog

from crawlight.edge.decide import Decider
from crawlight.edge.directory import Directory
from crawlight.edge.endpoints import answers
from crawlight.edge.endpoints.answers import Answer, Header
from crawlight.edge.endpoints.call import Call, read_call
from crawlight.edge.endpoints.minutes import Minutes
from crawlight.edge.tenants import Client
from crawlight.errors import CrawlightError

PATH: Final = "/v1/render"

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]

log = structlog.get_logger(__name__)


class Render:
    """The endpoint. ``answered`` counts answers by status and outcome."""

    def __init__(self, directory: Directory, decider: Decider, *, calls_per_minute: int) -> None:
        self.answered: Counter[tuple[int, str]] = Counter()
        self._directory = directory
        self._decider = decider
        self._minutes = Minutes(calls_per_minute)

    async def __call__(self, scope: MutableMapping[str, Any], _receive: object, send: Send) -> None:
        """Answer one HTTP request (ASGI)."""
        call = read_call(scope)
        rate: tuple[Header, ...] = ()
        try:
            if self._directory.outdated:
                await self._directory.catch_up()
            client = self._enter(call)
            if client is None:
                answer = answers.nothing("unavailable")
            else:
                seconds, rate = self._minutes.hit(client.account_id)
                answer = await self._answer(call, client, seconds)
        except CrawlightError as error:
            answer = answers.refusal(error)
        except Exception:
            log.exception("render_failed_open")
            answer = answers.nothing("internal_error")
        self.answered[answer.status, answer.outcome] += 1
        await _send(send, call, answer, rate)

    def _enter(self, call: Call) -> Client | None:
        """The caller; None where nobody can be told apart. Raises 405, 401."""
        if call.method not in ("GET", "HEAD"):
            raise CrawlightError("method_not_allowed", headers={"Allow": "GET, HEAD"})
        client = self._directory.client(call.authorization, call.api_key)
        if client is None and self._directory.loaded:
            raise CrawlightError("invalid_api_key")
        return client

    async def _answer(self, call: Call, client: Client, over_for: int) -> Answer:
        if over_for:
            headers = {"Retry-After": str(over_for)}
            raise CrawlightError("rate_limit_exceeded", "calls per minute", headers=headers)
        asked = call.asked()
        site = client.sites.get(asked.host)
        if site is None:
            raise CrawlightError("domain_not_authorized", "the account neither owns nor manages this domain")
        page = site.page(asked.path)
        if page is None:
            raise CrawlightError("invalid_request", "url names no page")
        return answers.answer_of(await self._decider.decide(site, call.request(asked.url, page)))


async def _send(send: Send, call: Call, answer: Answer, rate: tuple[Header, ...]) -> None:
    headers = [
        *answer.headers,
        *rate,
        (b"x-crawlight-outcome", answer.outcome.encode()),
        (b"x-crawlight-reason", answer.reason.encode("ascii", "replace")),
        (b"x-request-id", call.request_id),
    ]
    status = call.nothing if answer.status == 204 else answer.status
    if status != 204:
        headers.append((b"content-length", b"%d" % len(answer.body)))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if call.method == "HEAD" else answer.body})
