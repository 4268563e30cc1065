"""The front's door: Caddy asks here what a visitor gets, by the visitor's own request. Bare ASGI, on a Unix socket.

Only Caddy reaches it. It fails open: whatever breaks, the answer is 204 and the visitor gets the origin.
"""

import time
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

from crawlight.bots.assistants import assistant_of
from crawlight.crawls.crawl import referral
from crawlight.crawls.recorder import Recorder
from crawlight.domains.sites import Site
from crawlight.edge import routing
from crawlight.edge.decide import NOT_A_CRAWLER, Decider
from crawlight.edge.decision import PageRequest
from crawlight.edge.directory import Directory
from crawlight.edge.endpoints import answers
from crawlight.edge.endpoints.answers import Answer
from crawlight.edge.endpoints.call import LONGEST_ACCEPT, text_headers
from crawlight.edge.endpoints.door import Send, send_answer
from crawlight.kit.urls import kind_of, split_url

log = structlog.get_logger(__name__)


class FrontDoor:
    """Answers for every domain on the front."""

    def __init__(self, directory: Directory, decider: Decider, recorder: Recorder) -> None:
        self._directory = directory
        self._decider = decider
        self._recorder = recorder

    async def __call__(self, scope: MutableMapping[str, Any], _receive: object, send: Send) -> None:
        """Answer one HTTP request (ASGI)."""
        try:
            if self._directory.outdated:
                await self._directory.catch_up()
            answer = await self._answer(scope)
        except Exception:
            log.exception("front_failed_open")
            answer = answers.nothing("internal_error")
        await send_answer(send, answer, status=answer.status, head=scope["method"] == "HEAD")

    async def _answer(self, scope: MutableMapping[str, Any]) -> Answer:
        headers = text_headers(scope["headers"])
        url = _url(scope, headers.get("host", ""))
        parts = split_url(url)
        site = self._directory.site(parts[0].partition(":")[0]) if parts else None
        page = site.page(parts[1]) if parts and site and site.settings.front else None
        if site is None or page is None:
            return answers.nothing("not_on_the_front")
        request = _request(scope, headers, url, page)
        if _method(scope, headers) not in ("GET", "HEAD"):
            decision = await routing.ruled(site, request, reads=False)
            return answers.nothing("method") if decision is None else answers.answer_of(decision)
        decision = await self._decider.decide(site, request)
        if decision is NOT_A_CRAWLER:
            await self._note_assistant(site, request, headers.get("referer", ""))
        return answers.answer_of(decision, shared=False)

    async def _note_assistant(self, site: Site, request: PageRequest, referer: str) -> None:
        """Record a person where an AI assistant sent them."""
        assistant = assistant_of(request.url, referer)
        if assistant is not None and kind_of(request.path) == "crawl" and not request.head:
            record = referral(site.id, assistant, request.path, int(time.time()))
            await self._recorder.record_or_lose((record,))


def _request(scope: Mapping[str, Any], headers: Mapping[str, str], url: str, page: str) -> PageRequest:
    return PageRequest(
        url,
        page,
        headers.get("user-agent", ""),
        headers.get("x-forwarded-for", ""),
        headers if "signature-agent" in headers else None,
        headers.get("accept-encoding", "")[:LONGEST_ACCEPT].encode("latin-1"),
        accept=headers.get("accept", "")[:LONGEST_ACCEPT].encode("latin-1"),
        head=_method(scope, headers) == "HEAD",
        began=time.monotonic(),
        source="proxy",
    )


def _method(scope: Mapping[str, Any], headers: Mapping[str, str]) -> str:
    """The visitor's: where a body may come, Caddy asks by a GET and says so."""
    return headers.get("x-crawlight-method", str(scope["method"]))


def _url(scope: Mapping[str, Any], host: str) -> str:
    """The URL that was asked for, bytes as they came."""
    raw, query = scope["raw_path"], scope["query_string"]
    target = raw + b"?" + query if query else raw
    return f"https://{host}{target.decode('utf-8', 'surrogateescape')}"
