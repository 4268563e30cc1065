"""What ``crawlight audit --agents`` asks a site for, beside the page: as an agent, and as one that nobody knows."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Final
from urllib.parse import urljoin

from crawlight.audit import Audit, PageInputs
from crawlight.domains.readiness import AgentCheck, Seen, readiness
from crawlight.kit.net import Answer, FetchError

Ask = Callable[[str, Mapping[str, str]], Awaitable[Answer]]
"""Asks for a URL with headers. Raises FetchError."""

_MARKDOWN: Final = {"Accept": "text/markdown, text/html;q=0.5"}
_TEXTS: Final = ("text/plain", "text/markdown")
_UNKNOWN: Final = {"User-Agent": "Mozilla/5.0 (compatible; ReadinessCheck/1.0)"}


async def agent_checks(
    ask: Ask, inputs: PageInputs, audited: Audit, robots_txt: str | None, *, hosted_llms_txt: bool
) -> tuple[AgentCheck, ...]:
    """All checks of a page that was audited."""
    markdown, llms_txt, unknown = await asyncio.gather(
        _answer(ask, inputs.url, _MARKDOWN),
        _answer(ask, urljoin(inputs.url, "/llms.txt"), {}),
        _answer(ask, inputs.url, _UNKNOWN),
    )
    missing = next((issue.found for issue in audited.issues if issue.check == "raw-text"), "")
    given = markdown is not None and markdown.status == 200 and _kind(markdown) == "text/markdown"
    seen = Seen(
        url=inputs.url,
        headers=markdown.headers if markdown else {},
        missing_text=missing if inputs.raw_html is not None else None,
        markdown=given,
        robots_txt=robots_txt,
        # An app that answers everything with its shell has no llms.txt.
        llms_txt=hosted_llms_txt
        or (llms_txt is not None and llms_txt.status == 200 and _kind(llms_txt) in _TEXTS),
        unknown_agent=unknown.status if unknown else 0,
    )
    return readiness(seen)


async def _answer(ask: Ask, url: str, headers: Mapping[str, str]) -> Answer | None:
    try:
        return await ask(url, headers)
    except FetchError:
        return None


def _kind(answer: Answer) -> str:
    return answer.headers.get("content-type", "").partition(";")[0].strip().lower()
