"""A snapshot is read as the page was: what no text of a page has is written, and what is written stays"
" what it was."""

import pytest
from aiohttp import web

from tests.rendering.conftest import Render
from tests.rendering.site import CONTENT, Site
from tests.rendering.wild import serialising, shadow
from tests.rendering.wild.page import Page, answer, faults

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("page", [*serialising.PAGES, *shadow.PAGES], ids=lambda page: page.path)
async def test_pages_of_the_web_are_whole(site: Site, render: Render, page: Page) -> None:
    site.pages[page.path] = page.document
    assert faults(page, site.url, await render(site.url + page.path)) == []


async def written(site: Site, render: Render, body: str, head: str = "<title>A page</title>") -> str:
    return (await render(site.page("/", body + CONTENT, head))).html.decode()


async def test_a_page_that_trusts_no_html_is_written(site: Site, render: Render) -> None:
    async def strict(_: web.Request) -> web.Response:
        policy = "require-trusted-types-for 'script'; trusted-types 'none'; script-src 'unsafe-inline'"
        html = f"<!doctype html><title>A page</title>{CONTENT}<script>document.body.append('by a script')</script>"
        return web.Response(text=html, content_type="text/html", headers={"Content-Security-Policy": policy})

    site.pages["/"] = strict
    page = await render(site.url + "/")
    assert b"by a script" in page.html
    assert b"<script" not in page.html


async def test_long_texts_and_first_newlines_stay(site: Site, render: Render) -> None:
    body = (
        "<script>const p = document.createElement('pre'); p.textContent = '\\n\\n two' + '.'.repeat(200000);"
    )
    body += " document.body.append(p)</script><textarea>\n\nlines</textarea><style id=s></style><script>"
    html = await written(site, render, body + "s.textContent = '/*' + '.'.repeat(200000) + '*/'</script>")
    assert "<pre>\n\n\n two" in html
    assert "<textarea>\n\nlines" in html
    assert html.count("." * 200_000) == 2


async def test_harmless_comments_stay(site: Site, render: Render) -> None:
    html = await written(
        site, render, "<!--noindex--><b>words</b><!--/noindex--><!--[if IE]><p>old</p><![endif]-->"
    )
    assert "<!--noindex--><b>words</b><!--/noindex-->" in html
    assert "old" not in html


async def test_xhtml_is_written_as_html(site: Site, render: Render) -> None:
    site.pages["/"] = answer(
        '<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="de"><head><title>Seite</title><base href="/a/"/>'
        '<meta name="robots" content="noarchive"/></head><?php echo ?><body><div id="empty"/><p><![CDATA[a < b]]></p>'
        f"{CONTENT}<svg xmlns='http://www.w3.org/2000/svg'><a/></svg><script>document.title += ' da'</script>"
        "</body></html>",
        "application/xhtml+xml",
    )
    page = await render(site.url + "/")
    html = page.html.decode()
    assert '<title>Seite da</title><base href="/a/"><meta name="robots" content="noarchive"></head>' in html
    assert '<div id="empty"></div><p>a &lt; b</p>' in html
    assert 'lang="de"' in html
    assert "<svg><a></a></svg>" in html.replace(' xmlns="http://www.w3.org/2000/svg"', "")


_SLOTS = """<x-tabs><b>one</b><i>two</i></x-tabs><script>
const root = document.querySelector("x-tabs").attachShadow({mode: "open", slotAssignment: "manual"});
root.innerHTML = "<slot></slot><hr><slot></slot>";
const [first, second] = root.querySelectorAll("slot"), [one, two] = root.host.children;
first.assign(two); second.assign(one);
</script>"""


async def test_slots_that_a_script_filled_are_filled(site: Site, render: Render) -> None:
    html = await written(site, render, _SLOTS)
    assert '<slot name="slot-0"></slot><hr><slot name="slot-1"></slot>' in html
    assert '<b slot="slot-1">one</b><i slot="slot-0">two</i>' in html


@pytest.mark.parametrize(
    "mode", ["open", "closed", "closed shadowrootclonable", "open shadowrootdelegatesfocus"]
)
async def test_roots_that_the_origin_declares_are_pages(site: Site, render: Render, mode: str) -> None:
    inner = f"<template shadowrootmode={mode}><b>within</b></template><u>light</u>"
    outer = f"<template shadowrootmode={mode}>{CONTENT}<slot></slot><x-y>{inner}</x-y></template>"
    body = f"<my-page>{outer}slotted</my-page>"
    html = (await render(site.page("/", body))).html.decode()
    assert html.count("<template shadowrootmode=") == 2
    for kept in (
        CONTENT,
        "<slot></slot>",
        "<b>within</b></template><u>light</u>",
        "</template>slotted</my-page>",
    ):
        assert kept in html


async def test_a_root_that_an_element_takes_over_is_written(site: Site, render: Render) -> None:
    body = """<x-a><template shadowrootmode=closed><b>declared</b></template></x-a><script>
    customElements.define("x-a", class extends HTMLElement {
      constructor() { super(); this.attachShadow({mode: "closed"}).innerHTML = "<b>taken over</b>"; }
    });</script>"""
    html = await written(site, render, body)
    assert "<b>taken over</b>" in html


_SHARED = """<div id=all></div><script>
const rule = (_, n) => `.c${n} { color: rgb(${n % 255}, 0, 0); padding: ${n}px; margin: 0 auto }`;
const text = Array.from({length: 600}, rule).join('') + '@media print { .c3 { color: red } .x { color: red } } '
  + '@keyframes spin { to { color: red } } :host { display: block } .c5, b > i { color: red }';
const sheet = new CSSStyleSheet();
sheet.replaceSync(text);
for (let n = 0; n < 250; n++) {
  const button = document.createElement('x-button');
  const root = button.attachShadow({mode: 'open'});
  root.innerHTML = `<b class="c3">Button ${n}</b>`;
  HOW
  all.append(button);
}</script>"""


@pytest.mark.parametrize(
    "how",
    [
        "root.adoptedStyleSheets = [sheet]",
        "root.append(Object.assign(document.createElement('style'), {textContent: text}))",
    ],
)
async def test_sheets_that_many_roots_share_are_bounded(site: Site, render: Render, how: str) -> None:
    html = await written(site, render, _SHARED.replace("HOW", how))
    assert len(html) < 400_000
    last = html.partition("Button 249")[2].partition("</template>")[0]
    for kept in (".c3 { color: rgb(3, 0, 0);", "@media print", ":host {", "@keyframes spin", "b > i"):
        assert kept in last
    for gone in (".c4 {", ".x {"):
        assert gone not in last
