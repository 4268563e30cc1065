"""``GET /v1/render``: what a crawler gets of a page. Bare ASGI, because each crawler waits for it.

It fails open: whatever breaks, the answer is 204 and the site answers itself. Refusals (4xx) are for the caller's
own mistakes only. A crawl is on disk before it is answered.
"""

import time
from collections import Counter
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

import structlog

from crawlight.bots.catalogue import Agent
from crawlight.bots.identity import NO_VISITOR, Identity, Verdict
from crawlight.bots.matcher import classify
from crawlight.bots.signatures import Signatures, signing_agent
from crawlight.crawls.crawl import Kind, Outcome, Record
from crawlight.crawls.crowding import Crowds
from crawlight.crawls.recorder import Recorder
from crawlight.domains.sites import Site
from crawlight.edge import answers
from crawlight.edge.answers import Answer, Header
from crawlight.edge.directory import Client, Directory
from crawlight.edge.minutes import Minutes
from crawlight.edge.request import Call, read_call
from crawlight.errors import CrawlightError
from crawlight.kit.logs import first_line
from crawlight.kit.urls import kind_of
from crawlight.rendering.service import Prerenderer

PATH: Final = "/v1/render"

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]

log = structlog.get_logger(__name__)


class _Visit:
    """A crawler's visit to a page of a site, and what is known of who it is."""

    __slots__ = ("address", "agent", "call", "path", "site", "verdict")

    def __init__(
        self, call: Call, site: Site, path: str, agent: Agent, verdict: Verdict, address: str = ""
    ) -> None:
        self.call = call
        self.site = site
        self.path = path
        self.agent = agent
        self.verdict = verdict
        self.address = address


class Render:
    """The endpoint. ``answered`` counts answers by status and outcome, ``unrecorded`` crawls that no disk took."""

    def __init__(
        self,
        directory: Directory,
        prerenderer: Prerenderer,
        recorder: Recorder,
        identity: Identity,
        signatures: Signatures,
        crowds: Crowds,
        *,
        calls_per_minute: int,
    ) -> None:
        self.answered: Counter[tuple[int, str]] = Counter()
        self.unrecorded = 0
        self._directory = directory
        self._prerenderer = prerenderer
        self._recorder = recorder
        self._identity = identity
        self._signatures = signatures
        self._crowds = crowds
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
                answer = answers.nothing("none", "unavailable")
            else:
                seconds, rate = self._minutes.hit(client.account_id)
                answer = await self._answer(call, client, seconds)
        except CrawlightError as error:
            answer = answers.refusal(error)
        except Exception:
            log.exception("render_failed_open")
            answer = answers.nothing("none", "internal_error")
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
        visit = await self._visit(call, asked.url, site, page)
        if visit is None:
            return answers.nothing("none", "not_a_crawler")
        return await self._serve(visit)

    async def _visit(self, call: Call, url: str, site: Site, path: str) -> _Visit | None:
        """The visit of a crawler or a library; None for a person's."""
        agent = classify(call.agent)
        headers = call.text_headers() if call.signed else {}
        if signer := signing_agent(headers):
            agent = agent if agent and agent.name == signer.name else signer
            verdict = await self._signatures.check("GET", url, headers)
            if verdict is not None and verdict.identity != "unchecked":  # else the address may decide
                return _Visit(call, site, path, agent, verdict)
        if agent is None:
            return None
        now, address = time.time(), self._identity.visitor(call.told)
        verdict = self._identity.judge(agent, address, now)
        if verdict.identity == "spoofed" and self._crowds.doubts(site.id, address):
            verdict = NO_VISITOR
        if verdict.pending and site.settings.identity_policy == "strict":
            verdict = await self._identity.check(agent, address, now)
        return _Visit(call, site, path, agent, verdict, address)

    async def _serve(self, visit: _Visit) -> Answer:
        kind = kind_of(visit.path)
        if kind == "asset":
            return answers.nothing("none", "asset")
        if visit.agent.category == "library":
            return await self._recorded(visit, "library", answers.nothing("none", "library"))
        if kind == "robots":
            return await self._recorded(visit, "robots", answers.nothing("none", "robots"))
        answer = _without_snapshot(visit)
        if answer is None:
            answer = await self._page(visit)
        return await self._recorded(visit, "crawl", answer)

    async def _page(self, visit: _Visit) -> Answer:
        served = self._prerenderer.at_once(visit.site, visit.path, time.time())
        if served is None:
            served = await self._prerenderer.get(visit.site, visit.path)
        outcome: Outcome = "hit" if served.hit else "miss"
        if served.stored is None:
            return answers.nothing(outcome, served.reason)
        call = visit.call
        return answers.page(
            served.stored,
            outcome,
            served.reason,
            served.fresh_for,
            call.accept_encoding,
            call.takes_redirects,
            self._prerenderer.snapshots.plain,
        )

    async def _recorded(self, visit: _Visit, kind: Kind, answer: Answer) -> Answer:
        """The answer, once the visit is on disk. A disk that takes nothing keeps no crawler from its page."""
        try:
            kept = await self._recorder.record_or_lose((_record(visit, kind, answer),))
        except (RuntimeError, ValueError) as error:
            log.error("crawl_not_recorded", reason=first_line(error))
            kept = False
        if kept:
            return answer
        self.unrecorded += 1
        return Answer(
            answer.status, answer.outcome, f"{answer.reason}; not_recorded", answer.headers, answer.body
        )


def _without_snapshot(visit: _Visit) -> Answer | None:
    """The answer to a crawl that is owed no snapshot; None where it is owed one."""
    policy, identity = visit.site.settings.identity_policy, visit.verdict.identity
    if identity == "spoofed" and policy != "off":
        return answers.nothing("passthrough", "spoofed")
    if identity == "unchecked" and policy == "strict":
        return answers.nothing("passthrough", "unproven")
    if visit.call.passthrough:
        return answers.nothing("passthrough", "passthrough_mode")
    return answers.blocked() if visit.site.blocks(visit.path) else None


def _record(visit: _Visit, kind: Kind, answer: Answer) -> Record:
    agent, verdict, library = visit.agent, visit.verdict, kind == "library"
    return Record(
        visit.site.id,
        int(time.time()),
        kind,
        agent.name,
        agent.key or "",
        agent.category,
        "none" if library else verdict.identity,
        answer.outcome,
        answer.recorded_status,
        "render",
        visit.path,
        # Kept only where it may still matter, and only until the record is loaded.
        visit.address if verdict.may_change and not library else "",
    )


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
