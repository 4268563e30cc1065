"""The demo's crawlers: several bots ask for the pages of the sample site, as an edge worker would for them."""

import random
from collections.abc import Awaitable, Callable
from typing import Any, Final
from urllib.parse import quote

from crawlight.demo.addresses import Addresses
from crawlight.demo.site import HOST, PATHS

Render = Callable[[dict[str, Any], object, Callable[[Any], Awaitable[None]]], Awaitable[None]]
"""The render endpoint (ASGI)."""

BOTS: Final = (
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "Mozilla/5.0 (compatible; ClaudeBot/1.0; +claudebot@anthropic.com)",
    "Mozilla/5.0 (compatible; PerplexityBot/1.0; +https://perplexity.ai/perplexitybot)",
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)",
)


async def crawl(render: Render, key: str, told: Callable[[int, str, str], None]) -> None:
    """Have every bot ask for every page; ``told`` gets status, outcome and path of each answer."""
    addresses, draw = Addresses(), random.Random(1)  # noqa: S311 - a demo, no secret
    for agent in BOTS:
        address = addresses.draw(draw, agent)
        for path in PATHS:
            status, outcome = await _ask(render, key, agent, address, path)
            told(status, outcome, path)


async def _ask(render: Render, key: str, agent: str, address: str, path: str) -> tuple[int, str]:
    url = quote(f"https://{HOST}{path}", safe="")
    answer: dict[str, Any] = {}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            answer.update(message)

    headers = {
        "authorization": f"Bearer {key}",
        "user-agent": agent,
        "x-hadoseo-client-ip": address,
        "accept-encoding": "gzip",
    }
    raw = [(name.encode(), text.encode()) for name, text in headers.items()]
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/v1/render",
        "query_string": f"url={url}".encode(),
        "headers": raw,
    }
    await render(scope, None, send)
    return answer["status"], dict(answer["headers"])[b"x-crawlight-outcome"].decode()
