"""Asks again for what a page was made of, and says whether all of it is unchanged."""

import asyncio
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

import msgspec
from yarl import URL

from crawlight.domains.sites import Site
from crawlight.kit.addresses import parse_networks
from crawlight.kit.net import Answer, Client, FetchError
from crawlight.rendering.inputs import SMALL, TOLD, Input, MadeOf, is_same, told_of
from crawlight.rendering.privacy import is_private
from crawlight.rendering.requests import is_own

SECONDS: Final = 10.0
_MORE_BYTES: Final = 64 * 1024
"""What is so much larger than it was is another answer, and need not be read to its end."""
_AT_ONCE: Final = 6
"""Requests for one page at a time, as a browser has to one host."""
_PLAIN: Final = {"Cache-Control": "no-cache", "Pragma": "no-cache"}
_DOCUMENT: Final = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,"
    "application/signed-exchange;v=b3;q=0.7",
    "Upgrade-Insecure-Requests": "1",
    "Sec-Fetch-Dest": "document",
    "Sec-Fetch-Mode": "navigate",
    "Sec-Fetch-Site": "none",
}
_DATA: Final = {"Accept": "*/*", "Sec-Fetch-Dest": "empty", "Sec-Fetch-Mode": "cors"}
_FILE: Final = {"Accept": "*/*"}


class Difference(msgspec.Struct, frozen=True):
    """Why a page is not known to be unchanged. ``status`` and ``retry_after`` are of a server of the site, if any."""

    why: str
    url: str = ""
    status: int = 0
    retry_after: str = ""


class Asker:
    """Asks for pages of one site in one round. What several of them are made of is asked for once.

    ``requests`` counts what went out.
    """

    def __init__(self, site: Site) -> None:
        self.requests = 0
        self._site = site
        allowed = parse_networks(site.settings.allowed_networks)
        self._client = Client(allowed, seconds=SECONDS, origin=site.origin)
        self._asked: dict[tuple[str, ...], asyncio.Task[Answer]] = {}

    async def close(self) -> None:
        """Close the connections."""
        tasks = list(self._asked.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._client.__aexit__()

    async def difference(self, made_of: MadeOf) -> Difference | None:
        """What of a page is another than it was, or cannot be had; None where all of it is the same."""
        asked = [one for one in made_of.inputs if not one.fixed or one.url in made_of.wrong]
        for start in (0, *range(1, len(asked), _AT_ONCE)):
            some = asked[start : start + _AT_ONCE] if start else asked[:1]
            found = await asyncio.gather(*(self._difference(one, made_of) for one in some))
            for difference in found:
                if difference is not None:
                    return difference
        return None

    async def body(self, one: Input, made_of: MadeOf) -> bytes | None:
        """The body of an input as it is now, asked for whole; None where it is no longer answered in the same way."""
        try:
            self.requests += 1
            answer = await self._fetch(one, self._headers(one, made_of))
        except FetchError:
            return None
        return answer.body if answer.status == one.status and _is_at(one, answer) else None

    async def _difference(self, one: Input, made_of: MadeOf) -> Difference | None:
        condition = _condition(one) if one.url not in made_of.wrong else {}
        headers = {**self._headers(one, made_of), **condition}
        key = (one.url, *(part for pair in sorted(headers.items()) for part in pair))
        task = self._asked.get(key)
        if task is None:
            self.requests += 1
            task = self._asked[key] = asyncio.create_task(self._fetch(one, headers))
        try:
            answer = await asyncio.shield(task)
        except FetchError:
            return Difference("unreachable", one.url)
        why = self._why(one, answer, conditional=bool(condition))
        if not why:
            return None
        own = is_own(urlsplit(one.url).hostname or "", self._site.page_host)
        told = (answer.status, answer.headers.get("retry-after", "")) if own else (0, "")
        return Difference(why, one.url, *told)

    async def _fetch(self, one: Input, headers: Mapping[str, str]) -> Answer:
        url = URL(one.url.partition("#")[0], encoded=True)
        return await self._client.fetch(url, headers=headers, most_bytes=one.size + _MORE_BYTES)

    def _why(self, one: Input, answer: Answer, *, conditional: bool) -> str:
        """Why an answer is not the one that was noted; empty where it is."""
        if not _is_at(one, answer):
            return "redirect"
        if answer.status == 304 and conditional:
            return "" if _says_the_same(one, answer) else "headers"
        if answer.status != one.status:
            return "status"
        if one.kind == "document":
            if told_of(answer.headers) != one.told:
                return "headers"
            if self._site.settings.private_pages == "pass" and is_private(answer.headers):
                return "private"
        return "" if is_same(one, answer.body) else one.kind

    def _headers(self, one: Input, made_of: MadeOf) -> dict[str, str]:
        """Request headers as the browser had them."""
        plain = {"document": _DOCUMENT, "data": _DATA, "script": _FILE, "style": _FILE}[one.kind]
        fresh = {} if one.kind in ("script", "style") else _PLAIN
        headers = {**plain, **fresh, "User-Agent": made_of.agent}
        parts = urlsplit(one.url)
        if one.kind == "data" and parts.hostname != self._site.page_host:
            headers["Origin"] = f"https://{self._site.page_host}"
        mine = {name.lower() for name in one.asked}
        return {**{name: text for name, text in headers.items() if name.lower() not in mine}, **one.asked}


def _condition(one: Input) -> dict[str, str]:
    """What makes a request conditional: a strong validator of something large. What is weak may say the same of two."""
    if one.kind in ("document", "data") and one.size <= SMALL:
        return {}
    if one.etag.startswith('"'):
        return {"If-None-Match": one.etag}
    return {"If-Modified-Since": one.modified} if one.modified and not one.etag else {}


def _is_at(one: Input, answer: Answer) -> bool:
    """Say whether redirects led where they led before."""
    return answer.url == str(URL((one.final or one.url).partition("#")[0], encoded=True))


def _says_the_same(one: Input, answer: Answer) -> bool:
    """Say whether a 304 tells of what was noted: it may name other validators, and headers that go to crawlers."""
    said = answer.headers
    noted = {**{name: one.told.get(name, "") for name in TOLD if one.kind == "document"}}
    noted |= {"etag": one.etag, "last-modified": one.modified}
    noted.pop("content-type", None)  # It says nothing of a body that is not there.
    return all(said.get(name, text) == text for name, text in noted.items())
