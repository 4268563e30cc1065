"""What is served: no scripts, and nothing lost that they made."""

import re

import pytest
from aiohttp import web
from selectolax.lexbor import LexborHTMLParser

from tests.rendering.conftest import Render
from tests.rendering.site import CONTENT, Site

pytestmark = pytest.mark.anyio


async def cleaned(site: Site, render: Render, body: str, head: str = "<title>A page</title>") -> str:
    return (await render(site.page("/", body + CONTENT, head))).html.decode()


async def test_scripts_their_preloads_and_handlers_are_out(site: Site, render: Render) -> None:
    html = await cleaned(
        site,
        render,
        "<button onclick='go()' ONMOUSEOVER='go()'>Go</button><a href='javascript:go()'>Go</a>"
        "<noscript>Turn on JavaScript.</noscript><noscript><img src=/real.jpg></noscript>"
        "<template><script>1</script><b>kept</b></template><svg onload='go()'><script>1</script></svg>",
        "<title>A page</title><script src=/a.js></script><link rel=modulepreload href=/a.js>"
        "<link rel=preload as=script href=/a.js><link rel=prefetch href=/b.mjs><link rel=preload as=style href=/a.css>"
        '<link rel=stylesheet href=/a.css><script type=\'application/ld+json\'>{"@type": "Thing"}</script>',
    )
    for gone in ("go()", "a.js", "b.mjs", "Turn on", "<script>", "<script ", "onmouseover", "onload"):
        assert gone not in html.replace('<script type="application/ld+json">', "")
    for kept in ('{"@type": "Thing"}', 'as="style"', 'rel="stylesheet"', "/real.jpg", "<b>kept</b>"):
        assert kept in html


async def test_shadow_roots_are_written_out(site: Site, render: Render) -> None:
    script = """
    <my-open></my-open><my-closed></my-closed><script>
    for (const mode of ["open", "closed"]) customElements.define("my-" + mode, class extends HTMLElement {
      connectedCallback() {
        const root = this.attachShadow({ mode });
        root.innerHTML = `<style>p { color: red }</style><p onclick="x()">in ${mode}</p><slot></slot>`;
        const sheet = new CSSStyleSheet();
        sheet.replaceSync(".adopted { color: green }");
        root.adoptedStyleSheets = [sheet];
        document.title = `shadowRoot is ${this.shadowRoot}`;
      }
    });</script>"""
    html = await cleaned(site, render, script)
    assert html.count('<template shadowrootmode="open">') == 2
    assert "<p>in open</p>" in html
    assert "<p>in closed</p>" in html
    assert html.count(".adopted { color: green; }") == 2
    assert "<title>shadowRoot is null</title>" in html


async def test_styles_that_scripts_put_in_are_written_out(site: Site, render: Render) -> None:
    script = """<style id=written>.written { color: blue }</style><style id=mixed>.first { color: blue }</style><script>
    const style = document.head.appendChild(document.createElement("style"));
    style.sheet.insertRule(".inserted { color: red }");
    style.sheet.insertRule("@media print { .printed { color: red } }");
    mixed.sheet.insertRule(".second { color: red }", 1);
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(".adopted { color: red }");
    document.adoptedStyleSheets = [sheet];
    </script>"""
    html = await cleaned(site, render, script)
    for name in ("inserted", "printed", "second", "adopted", "first"):
        assert f".{name} {{ color:" in html
    assert ".written { color: blue }" in html


async def test_what_is_below_the_fold_is_there(site: Site, render: Render) -> None:
    script = """<div style="height: 6000px"></div><div id=lazy></div><script>
    new IntersectionObserver((entries) => {
      if (entries[0].isIntersecting) lazy.textContent = "came into view";
    }).observe(lazy);
    </script>"""
    assert "came into view" in await cleaned(site, render, script)


async def test_the_head_is_kept_whole(site: Site, render: Render) -> None:
    script = """<script>
    const frame = document.createElement("iframe");
    document.head.prepend(frame, document.createElement("div"));
    document.head.append("stray text", Object.assign(document.createElement("noscript"), { innerHTML: "<img src=p>" }));
    document.head.insertAdjacentHTML("beforeend", "<link rel=canonical href=/page>");
    document.head.insertAdjacentHTML("beforeend", "<meta name=description content=about>");
    </script>"""
    html = await cleaned(
        site, render, script, "<meta charset=iso-8859-1><title>Grün</title><base href=/deep/>"
    )
    parsed = LexborHTMLParser(html)
    assert parsed.head is not None
    head = parsed.head.html or ""
    for kept in ("Grün", 'rel="canonical"', 'content="about"', '<base href="/deep/">'):
        assert kept in head
    assert re.match(r'<head><meta charset="utf-8">', head)
    assert html.lower().count("charset") == 1
    assert "stray" not in html


async def test_a_charset_that_the_origin_says_is_read(site: Site, render: Render) -> None:
    async def latin(_: web.Request) -> web.Response:
        body = f"<!doctype html><title>Grüße</title>{CONTENT}".encode("latin-1")
        return web.Response(body=body, headers={"Content-Type": "text/html; charset=iso-8859-1"})

    site.pages["/"] = latin
    page = await render(site.url + "/")
    assert "<title>Grüße</title>" in page.html.decode()
    assert "<title>Grüße</title>" in page.raw_html.decode()


async def test_addresses_and_attributes_stay_as_they_are(site: Site, render: Render) -> None:
    body = '<a href="../up?a=1&amp;b=2">up</a><img src="pic.png" alt="a &quot;b&quot;" srcset="a.png 1x, b.png 2x">'
    html = await cleaned(site, render, body)
    assert '<a href="../up?a=1&amp;b=2">up</a>' in html
    assert 'src="pic.png"' in html
    assert 'srcset="a.png 1x, b.png 2x"' in html
    assert html.startswith('<!DOCTYPE html><html lang="en"><head>')


async def test_a_page_that_tampers_with_the_browser_is_read_all_the_same(site: Site, render: Render) -> None:
    script = """<script>
    Array.from = JSON.stringify = Object.keys = String.prototype.replaceAll = () => { throw new Error("no"); };
    window.MutationObserver = window.requestAnimationFrame = window.setTimeout = undefined;
    Element.prototype.getHTML = Document.prototype.querySelectorAll = () => "fooled";
    Array.prototype.toJSON = () => "fooled";
    </script>"""
    html = await cleaned(site, render, script)
    assert CONTENT in html
    assert "fooled" not in html
