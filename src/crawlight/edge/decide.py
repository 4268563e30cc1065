"""What a crawler gets of a page: decided and recorded here, once for all doors, whatever wire they speak.

A crawl is on disk before anybody answers it.
"""

import time
from collections.abc import Mapping
from typing import Final, NamedTuple

import msgspec
import structlog

from crawlight.bots.catalogue import Agent
from crawlight.bots.identity import NO_VISITOR, Identity, Verdict
from crawlight.bots.matcher import classify
from crawlight.bots.signatures import Signatures, signing_agent
from crawlight.crawls.crawl import Kind, Outcome, Record, content_number, whole_milliseconds
from crawlight.crawls.crowding import Crowds
from crawlight.crawls.recorder import Recorder
from crawlight.domains.sites import Site
from crawlight.edge import routing
from crawlight.edge.decision import Decision, File, Nothing, PageRequest, Redirect, Snapshot
from crawlight.edge.files import Files
from crawlight.kit.accept import encoding_of, prefers_markdown
from crawlight.kit.logs import first_line
from crawlight.kit.urls import kind_of, markdown_path, page_of_markdown
from crawlight.rendering.canonical import canonical_elsewhere
from crawlight.rendering.memory import Snapshot as StoredSnapshot
from crawlight.rendering.memory import Stored
from crawlight.rendering.service import Prerenderer, Served

NOT_A_CRAWLER: Final = Nothing("not_a_crawler")
_ASSET: Final = Nothing("asset")
_LIBRARY: Final = Nothing("library")
_ROBOTS: Final = Nothing("robots")
_SPOOFED: Final = Nothing("spoofed", "passthrough")
_UNPROVEN: Final = Nothing("unproven", "passthrough")
_PASSTHROUGH: Final = Nothing("passthrough_mode", "passthrough")
_BLOCKED: Final = Nothing("blocked_path", "blocked")

log = structlog.get_logger(__name__)


class _Crawler(NamedTuple):
    """Who asks, as far as it is known. ``address`` is empty where something better than it decided."""

    agent: Agent
    verdict: Verdict
    address: str = ""


class Decider:
    """Decides for all sites of one process. ``unrecorded`` counts crawls that no disk took."""

    def __init__(
        self,
        prerenderer: Prerenderer,
        recorder: Recorder,
        identity: Identity,
        signatures: Signatures,
        crowds: Crowds,
        files: Files,
    ) -> None:
        self.unrecorded = 0
        self._files = files
        self._prerenderer = prerenderer
        self._recorder = recorder
        self._identity = identity
        self._signatures = signatures
        self._crowds = crowds

    async def decide(self, site: Site, request: PageRequest) -> Decision:
        """What is to be sent, once the crawl is on disk. A disk that takes nothing keeps no crawler from its page.

        May raise anything where something breaks: a door then has the site answer itself.
        """
        ruled = await routing.ruled(site, request) or await self._files.asked(site, request)
        crawler = await self._crawler(site, request)
        if crawler is None:
            return ruled or NOT_A_CRAWLER
        kind = kind_of(request.path)
        if ruled is not None:
            told = kind if crawler.agent.category != "library" else "library"
            return ruled if told == "asset" else await self._recorded(site, request, crawler, told, ruled)
        if kind == "asset":
            return _ASSET
        if crawler.agent.category == "library":
            return await self._recorded(site, request, crawler, "library", _LIBRARY)
        if kind == "robots":
            return await self._recorded(site, request, crawler, kind, _ROBOTS)
        offered = site.agents.gives_markdown(crawler.agent.name)
        wanted, by_path = _page_wanted(request) if offered else (request, False)
        decision = _without_page(site, wanted, crawler) or await self._page(
            site, wanted, crawler, offered=offered, by_path=by_path
        )
        if by_path and isinstance(decision, Nothing):
            # What the site answers itself was asked for as it was asked for.
            wanted = msgspec.structs.replace(wanted, path=request.path)
        return await self._recorded(site, wanted, crawler, kind, decision)

    async def _crawler(self, site: Site, request: PageRequest) -> _Crawler | None:
        """The crawler or library that asks; None where it is a person."""
        agent, signed = classify(request.agent), request.signed
        if signed is not None and (signer := signing_agent(signed)):
            agent = agent if agent and agent.name == signer.name else signer
            verdict = await self._signatures.check("GET", request.url, signed)
            if verdict is not None and verdict.identity != "unchecked":  # else the address may decide
                return _Crawler(agent, verdict)
        if agent is None:
            return None
        now, address = time.time(), self._identity.visitor(request.told)
        verdict = self._identity.judge(agent, address, now)
        if verdict.identity == "spoofed" and self._crowds.doubts(site.id, address):
            verdict = NO_VISITOR
        if verdict.pending and site.settings.identity_policy == "strict":
            verdict = await self._identity.check(agent, address, now)
        return _Crawler(agent, verdict, address)

    async def _page(
        self, site: Site, request: PageRequest, crawler: _Crawler, *, offered: bool, by_path: bool
    ) -> Decision:
        """The page.

        ``offered`` says that Markdown may be had, ``by_path`` that it was asked for by name, and that nothing else
        will do.
        """
        served = self._prerenderer.at_once(site, request.path, time.time())
        if served is None:
            served = await self._prerenderer.get(site, request.path)
        stored = served.stored
        if stored is None:
            return Nothing(served.reason, _outcome(served))
        led = await self._led(site, served, stored, crawler)
        if led is not None:
            return _redirect(site, *led, request, by_path)
        if by_path and stored.snapshot.status != 200:
            return Nothing("no_markdown", _outcome(served))  # The site may have a file of that name.
        if by_path or (offered and prefers_markdown(request.accept)):
            markdown = await self._markdown(site, served, stored, request)
            if markdown is not None or by_path:
                return markdown or Nothing("no_markdown", _outcome(served))
        return self._snapshot(site, served, stored, request, offered)

    async def _led(
        self, site: Site, served: Served, stored: Stored, crawler: _Crawler
    ) -> tuple[Served, Stored] | None:
        """The redirect that the page is, or that the domain makes of it for a crawler; None where it is a page."""
        if stored.snapshot.location is not None:
            return served, stored
        if not site.agents.canonical_redirects or crawler.agent.category != "ai_training":
            return None
        elsewhere = await canonical_elsewhere(self._prerenderer.snapshots, site, stored)
        if elsewhere is None:
            return None
        moved = msgspec.structs.replace(stored.snapshot, status=301, location=site.page_url(elsewhere))
        return msgspec.structs.replace(served, reason="canonical"), Stored(moved, stored.body)

    def _snapshot(
        self, site: Site, served: Served, stored: Stored, request: PageRequest, offered: bool
    ) -> Snapshot:
        encoding = encoding_of(request.accept_encoding)
        if encoding == "identity":
            body = self._prerenderer.snapshots.plain(stored)
        else:
            body = stored.body.gzip if encoding == "gzip" else stored.body.zstd
        found, outcome = stored.snapshot, _outcome(served)
        link = site.page_url(markdown_path(request.path)) if offered and found.status == 200 else ""
        headers = _headers(site, found, request.path)
        told = (outcome, served.reason, found.status, headers, served.fresh_for, encoding, body)
        return Snapshot(*told, content_number(found.content_hash), link=link)

    async def _markdown(
        self, site: Site, served: Served, stored: Stored, request: PageRequest
    ) -> Snapshot | None:
        found = stored.snapshot
        written = await self._prerenderer.snapshots.markdown.of(stored, site.page_url(request.path))
        if written is None:
            return None
        encoding = encoding_of(request.accept_encoding)
        bodies = {"identity": written.text, "gzip": written.body.gzip, "zstd": written.body.zstd}
        headers = _headers(site, found, request.path)
        told = (_outcome(served), served.reason, found.status, headers, served.fresh_for)
        number = content_number(found.content_hash)
        return Snapshot(
            *told, encoding, bodies[encoding], number, "markdown", written.canonical, written.tokens
        )

    async def _recorded(
        self, site: Site, request: PageRequest, crawler: _Crawler, kind: Kind, decision: Decision
    ) -> Decision:
        try:
            kept = await self._recorder.record_or_lose((_record(site, request, crawler, kind, decision),))
        except (RuntimeError, ValueError) as error:
            log.error("crawl_not_recorded", reason=first_line(error))
            kept = False
        if kept:
            return decision
        self.unrecorded += 1
        return msgspec.structs.replace(decision, reason=f"{decision.reason}; not_recorded")


def _page_wanted(request: PageRequest) -> tuple[PageRequest, bool]:
    """The request for the page itself, and whether its Markdown was asked for by name: ``PATH.md``."""
    page = page_of_markdown(request.path)
    if page is None or kind_of(page) != "crawl":
        return request, False
    return msgspec.structs.replace(request, path=page, accept=b"text/markdown"), True


def _without_page(site: Site, request: PageRequest, crawler: _Crawler) -> Nothing | None:
    """The decision on a crawl that is owed no page; None where it is owed one."""
    policy, identity = site.settings.identity_policy, crawler.verdict.identity
    if identity == "spoofed" and policy != "off":
        return _SPOOFED
    if identity == "unchecked" and policy == "strict":
        return _UNPROVEN
    if request.passthrough:
        return _PASSTHROUGH
    return _BLOCKED if site.blocks(request.path) else None


def _redirect(
    site: Site, served: Served, stored: Stored, request: PageRequest, by_path: bool
) -> Redirect | Snapshot:
    """The redirect itself only where it reaches the crawler, else a page that leads there.

    Whoever asks for somebody else would follow it, and hand the key that it sends to its target. Who asked for
    Markdown by name is led to that of the other page.
    """
    found = stored.snapshot
    location = found.location or ""
    if by_path and (own := site.own_path(location)) is not None:
        location = site.page_url(markdown_path(own.partition("#")[0] or "/"))
    outcome: Outcome = "redirect" if served.hit else "miss"
    if request.follows:
        return Redirect(outcome, served.reason, found.status, found.headers, served.fresh_for, location)
    body = routing.leading_to(location)
    return Snapshot(outcome, served.reason, 200, found.headers, served.fresh_for, None, body)


def _headers(site: Site, found: StoredSnapshot, path: str) -> Mapping[str, str]:
    """The page's own headers, with what the domain says about uses of its content, and the seconds since its render."""
    own = dict(found.headers)
    if site.lifts(path):
        own.pop("x-robots-tag", None)
    age = max(int(time.time() - found.taken_at), 0)
    return {**own, **site.signals, "x-crawlight-age": str(age)}


def _outcome(served: Served) -> Outcome:
    return "hit" if served.hit else "miss"


def _record(site: Site, request: PageRequest, crawler: _Crawler, kind: Kind, decision: Decision) -> Record:
    agent, verdict, library = crawler.agent, crawler.verdict, kind == "library"
    sent = decision if isinstance(decision, Snapshot | File) and not request.head else None
    page = sent if isinstance(sent, Snapshot) else None
    timed = request.began and not isinstance(
        decision, Nothing
    )  # else the site goes on, and we do not see its end
    return Record(
        site.id,
        int(time.time()),
        kind,
        agent.name,
        agent.key or "",
        agent.category,
        "none" if library else verdict.identity,
        decision.outcome,
        0 if isinstance(decision, Nothing) else decision.status,
        request.source,
        request.path,
        # Kept only where it may still matter, and only until the record is loaded.
        crawler.address if verdict.may_change and not library else "",
        bytes=len(sent.body) if sent else 0,
        milliseconds=whole_milliseconds(time.monotonic() - request.began) if timed else 0,
        asked_markdown=prefers_markdown(request.accept),
        content=page.content if page else 0,
        format=page.format if page else "other" if sent else "none",
    )
