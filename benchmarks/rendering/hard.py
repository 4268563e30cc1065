"""Pages that are hard to render: what comes of each, in how many milliseconds, and whether that is right."""

import argparse
import asyncio
import json
import os
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from tests.edge.rendered import Edge, rendering_edge
from tests.rendering import hard
from tests.rendering.hard import CASES, Case
from tests.rendering.site import serving

from benchmarks.rendering.site import page as content_of
from crawlight.ids import DomainId
from crawlight.rendering.renderer import Renderer, RenderError, RenderRequest

WHOLE = "".join(
    f"<section><h2>{one['title']}</h2>{one['text']}</section>" for one in content_of("/")["sections"]
)
LITTLE = "<h1>A thing</h1><p>In stock</p>"
WAIT_SECONDS = 12
"""How long the endpoint lets a crawler wait."""

OVERHEAD = 300
"""Milliseconds that the way through the endpoint may add: the page becomes wanted, is stored, and recorded."""

Ask = Callable[[str], Awaitable[str]]


async def rendered(renderer: Renderer, url: str, content: str) -> str:
    """What a render ended with."""
    request = RenderRequest(url=url, domain_id=DomainId(1), account_id=1, allowed_networks=("127.0.0.0/8",))
    try:
        page = await renderer.render(request)
    except RenderError as error:
        return error.reason
    whole = page.status == 200 and content in page.html.decode()
    return str(page.status) if page.location else "whole" if whole else "half"


async def answered(edge: Edge, path: str, content: str) -> str:
    """What a crawler got of the render endpoint: its status, and "half" where the content is not whole."""
    answer = await edge.get(path, headers={"x-crawlight-redirects": "manual"})
    half = answer.status_code == 200 and content not in answer.text
    return "half" if half else str(answer.status_code)


async def timed(ask: Ask, path: str) -> tuple[str, float]:
    began = time.monotonic()
    return await ask(path), 1000 * (time.monotonic() - began)


async def rows(ask: Ask, rounds: int, expected: Callable[[Case], tuple[str, int]]) -> list[dict[str, object]]:
    """Every case, each round a page that is not known yet."""
    found = []
    for number, case in enumerate(CASES):
        print(case.name, file=sys.stderr)
        wished, most = expected(case)
        # What runs into the limit takes as long each time.
        turns = 1 if case.expected == "timeout" else rounds
        runs = [await timed(ask, f"/hard/{number}?turn={turn}") for turn in range(turns)]
        took = statistics.median(ms for _, ms in runs)
        found.append({
            "page": case.name, "came": "/".join(sorted({came for came, _ in runs})), "ms": round(took),
            "bar": most, "right": all(came == wished for came, _ in runs), "in time": took <= most,
        })  # fmt: skip
    return found


async def by_renderer(content: str, rounds: int) -> list[dict[str, object]]:
    renderer = Renderer(concurrency=1)
    async with serving() as site:
        hard.put(site, content)
        await rendered(renderer, site.url + "/other", content)
        try:
            return await rows(
                lambda path: rendered(renderer, site.url + path, content),
                rounds,
                lambda case: (case.expected, case.most),
            )
        finally:
            await renderer.close()


async def by_endpoint(content: str, rounds: int) -> list[dict[str, object]]:
    """The same as a crawler sees it, and then how soon pages come again after the browser was killed or frozen."""
    with tempfile.TemporaryDirectory() as folder:
        async with rendering_edge(Path(folder) / "data", render_wait=WAIT_SECONDS) as edge:
            hard.put(edge.origin, content)
            await answered(edge, "/other", content)
            found = await rows(lambda path: answered(edge, path, content), rounds, _of_endpoint)
            for name, number, most in (("killed", signal.SIGKILL, 2000), ("frozen", signal.SIGSTOP, 10_000)):
                found.append(await recovery(edge, content, name, number, most))
            return found


def _of_endpoint(case: Case) -> tuple[str, int]:
    return str(case.status), min(case.most, 1000 * WAIT_SECONDS) + OVERHEAD


async def recovery(
    edge: Edge, content: str, name: str, number: signal.Signals, most: int
) -> dict[str, object]:
    """Seven crawlers wait for pages when the browser goes; the time until a page that is asked for then is there."""
    load = [asyncio.create_task(answered(edge, f"/hard/0?{name}={n}", content)) for n in range(7)]
    await asyncio.sleep(0.2)
    browser = edge.services.renderer.supervisor.current
    if browser is None or browser.process is None:
        sys.exit("there is no browser to end")
    os.killpg(browser.process.pid, number)
    came, took = await timed(lambda path: answered(edge, path, content), f"/hard/0?{name}=after")
    right = [came, *await asyncio.gather(*load)] == ["200"] * 8
    row = {"page": f"browser {name} under load", "came": came, "ms": round(took), "bar": most}
    return {**row, "right": right, "in time": took <= most}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="renders of each page; the median counts")
    parser.add_argument(
        "--content", choices=["whole", "little"], default="whole", help="how much there is to read"
    )
    parser.add_argument("--endpoint", action="store_true", help="ask GET /v1/render instead of the renderer")
    parser.add_argument("--json", action="store_true", help="JSON instead of a table")
    options = parser.parse_args()
    content = {"whole": WHOLE, "little": LITTLE}[options.content]
    measure = by_endpoint if options.endpoint else by_renderer
    found = asyncio.run(measure(content, options.rounds))
    if options.json:
        print(json.dumps(found, indent=2))
    else:
        print(f"{'page':<28}{'came':<14}{'ms':>8}{'bar':>8}  right  in time")
        for row in found:
            print(
                f"{row['page']:<28}{row['came']:<14}{row['ms']:>8}{row['bar']:>8}  {row['right']!s:<7}{row['in time']}"
            )
    if not all(row["right"] for row in found):
        sys.exit("a page did not come as it should")


if __name__ == "__main__":
    main()
