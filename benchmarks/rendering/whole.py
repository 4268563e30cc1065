"""Whether crawlers get what people see: at the first visit, at the second, and of npm prerender."""

import argparse
import asyncio
import json
import sys
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp
from tests.edge.rendered import Edge, rendering_edge
from tests.rendering import hard, wild
from tests.rendering.wild.page import Page

from benchmarks.rendering import builds
from benchmarks.rendering.hard import WHOLE
from benchmarks.rendering.site import build as build_peer
from benchmarks.rendering.subject import Render, peer
from crawlight.domains import wanted
from crawlight.kit.origin import Origin
from crawlight.rendering.browser import Browser
from crawlight.rendering.comparison import Comparison, Seen, compare, failed, redirect
from crawlight.rendering.plain import PlainError, crawlers, people
from crawlight.rendering.renderer import RenderRequest

AT_ONCE = 3
SUBJECTS = ("first visit", "second visit", "prerender")
KINDS = ("wild", "hard", "builds")
_AGAIN_SECONDS = 5.0
"""Between two visits: a page is looked at for some more seconds after its first render."""

_TRIES = 3

Given = tuple[bytes, str]
"""What a crawler got: HTML, and where it is led to, if it is."""


async def measure(kinds: list[str], with_peer: bool) -> list[dict[str, Any]]:
    """A row for each page."""
    with tempfile.TemporaryDirectory() as folder:
        async with rendering_edge(Path(folder) / "data", render_wait=25) as edge:
            paths = put(edge, kinds)
            other = peer(edge.origin.url, 1, lambda html: "<h1>" in html) if with_peer else nullcontext()
            async with other as theirs:
                turns = asyncio.Semaphore(AT_ONCE)

                async def one(path: str) -> dict[str, Any]:
                    async with turns:
                        row = await compared(edge, path, theirs)
                        print(f"{row['page']}: {row['second visit'] or 'whole'}", file=sys.stderr)
                        return row

                return list(await asyncio.gather(*map(one, paths)))


def put(edge: Edge, kinds: list[str]) -> list[str]:
    """Serve the pages of all kinds, and answer their paths."""
    edge.page("/", "Start")
    paths = []
    if "wild" in kinds:
        wild.put(edge.origin)
        paths += [quote(page.path) for page in wild.PAGES]
    if "hard" in kinds:
        hard.put(edge.origin, WHOLE)
        paths += [f"/hard/{n}" for n, case in enumerate(hard.CASES) if case.expected == "whole"]
    if "builds" in kinds:
        paths += builds.put(edge.origin)
    return paths


async def compared(edge: Edge, path: str, theirs: Render | None) -> dict[str, Any]:
    """What is wrong with a page at each visit, in words; nothing where it is whole."""
    request = request_for(edge, path)
    # One after the other: a render must not share the cores with the browser that it is measured by.
    given = {"first visit": await visit(edge, path)}
    await asyncio.sleep(_AGAIN_SECONDS)
    await render_again(edge, path)
    given["second visit"] = await visit(edge, path)
    if theirs is not None:
        given["prerender"] = await theirs_of(edge, path, theirs)
    seen = await tried(lambda browser: people(browser, request), edge)

    page = next((one for one in wild.PAGES if quote(one.path) == path), None)

    async def judge(got: Given | None) -> str:
        if got is None:
            return "no page"
        html, location = got
        if page is not None and seen is not None and not is_here(page, seen[1]):
            return by_marks(page, html.decode())
        if location or seen is None:
            return of_redirect(request, seen, location).failure
        ours = await tried(lambda browser: crawlers(browser, request, html), edge)
        return told(compare(request.url, seen[0], seen[1], ours)) if ours is not None else "not shown"

    return {"page": path} | {name: await judge(got) for name, got in given.items()}


def is_here(page: Page, seen: Seen) -> bool:
    """Whether a person here sees what a page is to show: some need files and tags that are elsewhere on the network."""
    return not any(piece.strip() in " ".join(seen.text) for piece in page.lacks)


def by_marks(page: Page, html: str) -> str:
    """What a page lacks of what it is to have, or has that it must not have."""
    lost = [piece for piece in page.has if piece not in html] + [one for one in page.lacks if one in html]
    return f"not as it should be: {lost[0]}" if lost else ""


async def tried(show: Callable[[Browser], Awaitable[Any]], edge: Edge) -> Any:
    """What a browser shows; none where it does not, a few times: on a busy machine that may be chance."""
    for _ in range(_TRIES):
        with suppress(PlainError):
            return await show(await edge.services.renderer.supervisor.browser())
    return None


def of_redirect(request: RenderRequest, seen: tuple[Seen, Seen] | None, location: str) -> Comparison:
    if seen is None:
        return redirect(request.url, "") if location else failed(request.url, "people see no page")
    stay = seen[1].url.partition("#")[0].rstrip("/") == request.url.rstrip("/")
    return redirect(request.url, f"led to {location}, people stay" if stay else "")


def told(found: Comparison) -> str:
    """What is not as people see it, shortly."""
    if found.whole:
        return ""
    parts = [
        f"{change.percent} % of {name}"
        for name, change in (
            ("text missing", found.text_missing),
            ("text added", found.text_added),
            ("links missing", found.links_missing),
            ("pictures missing", found.pictures_missing),
        )
        if change.count
    ]
    return ", ".join([*parts, *(f"another {one.name}" for one in found.head)])


async def visit(edge: Edge, path: str) -> Given | None:
    """What a crawler gets of the render endpoint; none where there is no page."""
    answer = await edge.get(path, headers={"x-crawlight-redirects": "manual"})
    if answer.status_code == 204:
        return None
    return answer.content, answer.headers.get("location", "")


async def render_again(edge: Edge, path: str) -> None:
    """Have a page rendered anew, and wait for that."""
    database, key = edge.services.database, (edge.domain_id, path)
    await wanted.want(database, edge.domain_id, [path], "purge")
    edge.services.worker.wake()
    while (state := (await wanted.states(database, [key])).get(key)) is not None and state.pending:
        await asyncio.sleep(0.2)


async def theirs_of(edge: Edge, path: str, theirs: Render) -> Given | None:
    """What npm prerender gives. It knows the site by its address on loopback only, so that is set right for it."""
    try:
        html = await theirs(0, path)
    except aiohttp.ClientError:
        return None
    own = html.replace(edge.origin.url, "https://example.com").replace(
        edge.origin.url.partition("//")[2], "example.com"
    )
    return own.encode(), "" if html else "another page"


def request_for(edge: Edge, path: str) -> RenderRequest:
    return RenderRequest(
        url=f"https://example.com{path}",
        domain_id=edge.domain_id,
        account_id=1,
        origin=Origin(frozenset({"example.com", "www.example.com"}), edge.origin.url, False, True),
        allowed_networks=("127.0.0.0/8",),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=KINDS, help="one kind of pages")
    parser.add_argument("--no-peer", action="store_true", help="leave out npm prerender")
    parser.add_argument("--json", action="store_true", help="JSON instead of a table")
    options = parser.parse_args()
    kinds = [options.only] if options.only else list(KINDS)
    if "builds" in kinds:
        builds.build()
    if not options.no_peer:
        build_peer()
    rows = asyncio.run(measure(kinds, not options.no_peer))
    subjects = [name for name in SUBJECTS if name in rows[0]]
    shares = {name: sum(not row[name] for row in rows) for name in subjects}
    if options.json:
        print(json.dumps({"pages": rows, "whole": shares, "of": len(rows)}, indent=2))
    else:
        print(table(rows, subjects, shares))
    if shares["second visit"] < len(rows):
        sys.exit("a page is not whole at the second visit")


def table(rows: list[dict[str, Any]], subjects: list[str], shares: dict[str, int]) -> str:
    """Every page, and the share of whole ones."""
    lines = [f"{'page':<24}" + "".join(f"{name:<44}" for name in subjects)]
    lines += [
        f"{row['page']:<24}" + "".join(f"{(row[name] or 'whole')[:42]:<44}" for name in subjects)
        for row in rows
    ]
    total = [f"{shares[name]} of {len(rows)}: {100 * shares[name] / len(rows):.0f} %" for name in subjects]
    return "\n".join([*lines, "", f"{'whole':<24}" + "".join(f"{one:<44}" for one in total)])


if __name__ == "__main__":
    main()
