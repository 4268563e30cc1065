"""Nothing in a page ends its render: halves of characters, links to apps, documents written anew, bodies cut off."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest

from crawlight.rendering.renderer import RenderError
from crawlight.rendering.wellformed import decoded
from tests.rendering.conftest import Render
from tests.rendering.site import CONTENT, Site

pytestmark = pytest.mark.anyio

HALVES = {
    "text": r"document.body.append('end \ud83c')",
    "title": r"document.title = '\udf55 end'",
    "attribute": r"document.body.setAttribute('data-x', '\ud83c')",
    "meta": r"document.head.insertAdjacentHTML('beforeend', '<meta name=description content=\ud83c>')",
    "structured data": "document.head.insertAdjacentHTML('beforeend', "
    r"'<script type=application/ld+json>{\"name\":\"\ud83c\"}<\/script>')",
    "dialog": r"alert('\ud83c'); console.log('\ud83c')",
    "error": r"Promise.reject('\ud83c'); throw new Error('\ud83c')",
    "address": r"history.replaceState(null, '', '?\ud83c'); fetch('/\ud83c', {method: 'POST', body: '\ud83c'})",
}


@pytest.mark.parametrize("script", HALVES.values(), ids=HALVES)
async def test_half_a_character_ends_no_render(site: Site, render: Render, script: str) -> None:
    page = await render(site.page("/", f"<h1>Pizza</h1>{CONTENT}<script>{script}</script>"), look=0.1)
    assert page.status == 200
    assert "<h1>Pizza</h1>" in page.html.decode()


async def test_in_its_place_is_the_replacement_character(site: Site, render: Render) -> None:
    page = await render(
        site.page("/", rf"{CONTENT}<script>document.body.append('\ud83c\udf55 \ud83c')</script>")
    )
    assert "🍕 \ufffd" in page.html.decode()


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        (r'"\ud83c\udf55\ud83c"', "🍕\ufffd"),
        (r'"\udf55\ud83c\ud83c\udf55"', "\ufffd\ufffd🍕"),
        (r'"\\ud83c \\\ud83c \\\\ud83c"', "\\ud83c \\\ufffd \\\\ud83c"),
        (r'["\uD800", "\u00e9"]', ["\ufffd", "é"]),
    ],
)
def test_halves_are_mended_and_nothing_else(text: str, whole: object) -> None:
    assert decoded(text) == whole


APPS = {
    "location": "location.href = 'myapp://item/1'",
    "mail": "location = 'mailto:shop@example.com'",
    "telephone": "location.assign('tel:+41615550134')",
    "intent": "setTimeout(() => location.replace('intent://item#Intent;scheme=myapp;end'), 50)",
    "click": "Object.assign(document.createElement('a'), {href: 'whatsapp://send'}).click()",
    "frame": "document.body.append(Object.assign(document.createElement('iframe'), {src: 'myapp://item'}))",
    "refresh": "document.head.insertAdjacentHTML('beforeend', '<meta http-equiv=refresh content=\"0;url=myapp://x\">')",
}


@pytest.mark.parametrize("script", APPS.values(), ids=APPS)
async def test_a_link_to_an_app_leaves_the_page_where_it_is(site: Site, render: Render, script: str) -> None:
    page = await render(site.page("/item", f"{CONTENT}<script>{script}</script><h2>What follows</h2>"))
    assert (page.status, page.location) == (200, None)
    assert b"<h2>What follows</h2>" in page.html


async def test_a_document_that_is_written_anew_is_watched_on(site: Site, render: Render) -> None:
    """Its shadow roots are found, its word that it is not yet done holds, and so does what it waits for."""
    script = f"""
        addEventListener('load', () => {{
          document.open();
          document.write('<title>Written</title><h1>Written</h1><x-a></x-a><p id=late></p>');
          document.close();
          document.querySelector('x-a').attachShadow({{mode: 'open'}}).innerHTML = '{CONTENT}';
          window.prerenderReady = false;
          setTimeout(() => {{ late.textContent = 'Late text'; window.prerenderReady = true }}, 600);
        }});
    """
    page = await render(site.page("/", f"<p>shell</p><script>{script}</script>"))
    assert f'<x-a><template shadowrootmode="open">{CONTENT}</template></x-a>' in page.html.decode()
    assert b"Late text" in page.html


BODY = f"<!doctype html><title>A page</title><h1>A page</h1>{CONTENT}".encode()
SIZE = len(BODY)
CUT = {
    "short": (f"Content-Length: {SIZE + 5000}", BODY),
    "no last chunk": ("Transfer-Encoding: chunked", b"%x\r\n%s\r\n" % (SIZE, BODY)),
    "half a chunk": ("Transfer-Encoding: chunked", b"%x\r\n%s" % (SIZE + 100, BODY)),
    "not gzip": (f"Content-Encoding: gzip\r\nContent-Length: {SIZE}", BODY),
    "not brotli": (f"Content-Encoding: br\r\nContent-Length: {SIZE}", BODY),
    "not zstd": (f"Content-Encoding: zstd\r\nContent-Length: {SIZE}", BODY),
    "nothing": ("Content-Length: 10", b""),
}


@pytest.fixture
async def broken(anyio_backend: str) -> AsyncIterator[str]:
    """A server that answers ``/0``, ``/1``, ... as `CUT` has it; gives its address."""
    answers = list(CUT.values())

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError):  # a browser opens connections that it may need
            target = (await reader.readuntil(b"\r\n\r\n")).split(b" ")[1]
            head, body = answers[int(target[1:])]
            writer.write(f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n{head}\r\n\r\n".encode() + body)
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    server.close()


@pytest.mark.parametrize("number", range(len(CUT)), ids=CUT)
async def test_a_body_that_is_cut_off_fails_at_once(broken: str, render: Render, number: int) -> None:
    with pytest.raises(RenderError) as failed:
        await render(f"{broken}/{number}", timeout=60)
    assert (failed.value.reason, "did not come whole" in str(failed.value)) == ("unreachable", True)
