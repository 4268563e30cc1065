"""One fault each: the check finds it, finds it alone where nothing else is wrong, and passes the page without it."""

from datetime import UTC, datetime
from typing import Any

import pytest

from crawlight.audit import CHECKS
from tests.audit.pages import BODY, HEAD, TEXT, URL, audited, changed, found, html

TITLE = "<title>Blue kettles for every stove – Example shop</title>"
DESCRIPTION = HEAD[HEAD.index('<meta name="description"') : HEAD.index('<meta name="viewport"')]
CANONICAL = f'<link rel="canonical" href="{URL}">'
VIEWPORT = '<meta name="viewport" content="width=device-width, initial-scale=1">'
IMAGE = '<img src="/kettle.jpg" alt="A blue kettle">'
NOINDEX = '<meta name="robots" content="noindex">'
NOW = datetime(2026, 11, 29, tzinfo=UTC)
LINK = '<a href="/shop/red-kettles">Red kettles, too</a>'


def head(extra: str) -> str:
    return html(HEAD + extra)


def body(extra: str) -> str:
    return html(body=BODY.replace("</main>", f"{extra}</main>"))


def alternates(*pairs: tuple[str, str]) -> str:
    return head("".join(f'<link rel="alternate" hreflang="{code}" href="{url}">' for code, url in pairs))


def json_ld(*blocks: str) -> str:
    return head("".join(f'<script type="application/ld+json">{block}</script>' for block in blocks))


FAULTS: list[tuple[str, str | bytes | None, dict[str, Any]]] = [
    ("http-status", None, {"status": 404}),
    ("http-status", None, {"status": 500}),
    ("http-status", None, {"status": 301}),
    ("http-status", None, {"status": 999}),
    ("soft-404", html(HEAD.replace(TITLE, "<title>Page not found | Example shop for kettles</title>")), {}),
    ("soft-404", changed("<h1>Blue kettles</h1>", "<h1>404</h1>"), {}),
    ("soft-404", changed("<h1>Blue kettles</h1>", "<h1>Seite nicht gefunden</h1>"), {}),
    ("soft-404", changed("<h1>Blue kettles</h1>", "<h1>This page doesn't exist</h1>"), {}),
    ("robots-meta", head('<meta name="robots" content="noindex, nofollow">'), {}),
    ("robots-meta", head('<META NAME="ROBOTS" CONTENT="NONE">'), {}),
    ("robots-meta", head('<meta name="googlebot" content="noindex">'), {}),
    ("robots-header", None, {"headers": {"X-Robots-Tag": "noindex"}}),
    (
        "robots-header",
        None,
        {"headers": {"x-robots-tag": "otherbot: noarchive, googlebot: nofollow, noindex"}},
    ),
    ("robots-header", None, {"headers": {"x-robots-tag": "max-snippet: 20, none"}}),
    ("robots-txt", None, {"robots_txt": "User-agent: *\nDisallow: /shop/"}),
    ("robots-txt", None, {"robots_txt": "User-agent: Googlebot\nDisallow: /"}),
    ("canonical-elsewhere", changed(CANONICAL, '<link rel="canonical" href="https://example.com/">'), {}),
    ("canonical-elsewhere", changed(CANONICAL, '<link rel="canonical" href="https://example.org/shop">'), {}),
    ("bots-blocked", head('<meta name="bingbot" content="noindex">'), {}),
    ("bots-blocked", None, {"headers": {"x-robots-tag": "bingbot: noindex"}}),
    ("bots-blocked", None, {"robots_txt": "User-agent: bingbot\nDisallow: /"}),
    ("title-missing", changed(TITLE, ""), {}),
    ("title-missing", changed(TITLE, "<title> \n </title>"), {}),
    ("titles-several", head("<title>Blue kettles, once more</title>"), {}),
    ("title-width", changed(TITLE, "<title>Home</title>"), {}),
    ("title-width", changed(TITLE, f"<title>{'W' * 40}</title>"), {}),
    ("description-missing", changed(DESCRIPTION, ""), {}),
    ("description-missing", changed(DESCRIPTION, '<meta name="description" content=" ">'), {}),
    ("description-width", changed(DESCRIPTION, '<meta name="description" content="Kettles.">'), {}),
    ("description-width", changed(DESCRIPTION, f'<meta name="description" content="{TEXT[:200]}">'), {}),
    ("h1-missing", changed("<h1>Blue kettles</h1>", ""), {}),
    ("h1-missing", changed("<h1>Blue kettles</h1>", "<h1><span> </span></h1>"), {}),
    ("h1-several", changed("<h2>Prices</h2>", "<h1>Prices</h1>"), {}),
    ("heading-order", changed("<h2>Prices</h2>", "<h3>Prices</h3>"), {}),
    ("canonical-missing", changed(CANONICAL, ""), {}),
    ("canonical-missing", changed(CANONICAL, '<link rel="canonical" href="">'), {}),
    ("canonical-invalid", changed(CANONICAL, '<link rel="canonical" href="/shop/blue-kettles">'), {}),
    ("canonical-invalid", changed(CANONICAL, '<link rel="canonical" href="https://[">'), {}),
    ("canonical-invalid", head('<link rel="canonical" href="https://example.com/other">'), {}),
    ("html-lang", html(lang=""), {}),
    ("html-lang", html(lang=' lang="english"'), {}),
    ("html-lang", html(lang=' lang="xx"'), {}),
    ("viewport", changed(VIEWPORT, ""), {}),
    ("viewport", changed(VIEWPORT, '<meta name="viewport" content="user-scalable=no">'), {}),
    ("hreflang-invalid", alternates(("xx", "https://example.com/xx"), ("en", URL)), {}),
    ("hreflang-invalid", alternates(("en-UK", URL)), {}),
    ("hreflang-invalid", alternates(("en_GB", URL)), {}),
    ("hreflang-invalid", alternates(("en", "/shop/blue-kettles")), {}),
    ("hreflang-self", alternates(("de", "https://example.com/de")), {}),
    ("open-graph", changed('<meta property="og:type" content="article">', ""), {}),
    ("social-image", changed('content="https://example.com/kettle.jpg"', 'content="/kettle.jpg"'), {}),
    ("twitter-card", changed('<meta name="twitter:card" content="summary">', ""), {}),
    ("twitter-card", changed('content="summary"', 'content="huge"'), {}),
    ("json-ld-syntax", json_ld('{"@type": "Product",}'), {}),
    ("json-ld-syntax", json_ld("[" * 5_000), {}),
    ("json-ld-context", json_ld('{"@type": "Article", "name": "Kettle"}'), {}),
    ("json-ld-context", json_ld('{"@context": "https://schema.org", "name": "Kettle"}'), {}),
    ("json-ld-context", json_ld('"Kettle"'), {}),
    (
        "structured-data",
        json_ld('{"@context": "https://schema.org", "@type": "Product", "name": "Kettle"}'),
        {},
    ),
    ("image-alt", changed(IMAGE, '<img src="/kettle.jpg">'), {}),
    ("image-alt", changed(IMAGE, '<img src="/kettle.jpg" alt=" ">'), {}),
    ("links-crawlable", body('<a href="javascript:void(0)">More kettles</a>'), {}),
    ("links-crawlable", body('<a onclick="go()">More kettles</a>'), {}),
    ("links-crawlable", body('<a href="https://[bad">More kettles</a>'), {}),
    ("link-text", body('<a href="/more">Read more</a>'), {}),
    ("link-text", body('<a href="/more">click here »</a>'), {}),
    ("link-empty", body('<a href="/more"><svg></svg></a>'), {}),
    ("link-empty", body('<a href="/more"><img src="/a.png" alt=""></a>'), {}),
    ("thin-content", changed(TEXT, "Only a few words."), {}),
    ("https", changed(CANONICAL, ""), {"url": "http://example.com/shop/blue-kettles"}),
    ("mixed-content", body('<img src="http://example.com/a.png" alt="A">'), {}),
    ("mixed-content", body('<form action="HTTP://example.com/"></form>'), {}),
    ("mixed-content", body('<img srcset="/a.png 1x,HTTP://example.com/b.png 2x" alt="A">'), {}),
    ("mixed-content", body('<object data="http://example.com/a.pdf"></object>'), {}),
    ("raw-title", None, {"raw_html": changed(TITLE, "<title>Loading</title>")}),
    ("raw-title", None, {"raw_html": changed(TITLE, "")}),
    ("raw-heading", None, {"raw_html": changed("<h1>Blue kettles</h1>", "<b>Blue kettles</b>")}),
    ("raw-text", None, {"raw_html": changed(TEXT, "Loading")}),
    ("raw-links", None, {"raw_html": changed(LINK, "").replace('<a href="/">Start page</a>', "")}),
    (
        "unavailable-after",
        head('<meta name="robots" content="unavailable_after: 2020-09-21">'),
        {"now": NOW},
    ),
    (
        "unavailable-after",
        head('<meta name="googlebot" content="index, unavailable_after: Wednesday, 25-Jun-10 15:00:00 PST">'),
        {"now": NOW},
    ),
    (
        "unavailable-after",
        None,
        {
            "now": NOW,
            "headers": {"x-robots-tag": "unavailable_after: Fri, 25 Jun 2010 15:00:00 PST, max-snippet: -1"},
        },
    ),
    ("no-snippet", head('<meta name="robots" content="nosnippet">'), {}),
    ("no-snippet", head('<meta name="robots" content="max-snippet:0">'), {}),
    ("no-snippet", None, {"headers": {"X-Robots-Tag": "bingbot: max-snippet: 0"}}),
    ("no-snippet", changed(f"<p>{TEXT}</p>", f"<div data-nosnippet><p>{TEXT}</p></div>"), {}),
    ("robots-nofollow", head('<meta name="robots" content="index, nofollow">'), {}),
    ("robots-images", head('<meta name="robots" content="max-image-preview: none">'), {}),
    ("bing-answers", head('<meta name="bingbot" content="nocache">'), {}),
    ("bing-answers", head('<meta name="robots" content="noarchive">'), {}),
    ("robots-unknown", head('<meta name="robots" content="no-index">'), {}),
    ("robots-unknown", head('<meta name="robots" content="noindex;nofollow">'), {}),
    ("robots-unknown", head('<meta name="robots" content="unavailable_after: soon">'), {"now": NOW}),
    ("robots-txt-syntax", None, {"robots_txt": "User-agent: *\nDisallow\n"}),
    ("head-ended", html(f'<img src="/pixel.gif" alt="">{HEAD}'), {}),
    ("head-ended", body(f'<link rel="alternate" hreflang="en" href="{URL}">'), {}),
    ("canonical-http", changed(CANONICAL, CANONICAL.replace("https:", "http:")), {}),
    ("descriptions-several", head('<meta name="description" content="Another one.">'), {}),
    ("meta-refresh", head('<meta http-equiv="refresh" content="5; url=/new">'), {}),
    ("canonical-invalid", changed(CANONICAL, f'<link rel="canonical" href="{URL}#top">'), {}),
    ("canonical-invalid", head(f'<link rel="canonical" media="print" href="{URL}">'), {}),
    ("canonical-invalid", None, {"headers": {"Link": '<https://example.com/b>; rel="canonical"'}}),
    (
        "canonical-elsewhere",
        changed(CANONICAL, ""),
        {"headers": {"link": "<https://example.com/b>; rel=canonical"}},
    ),
    ("viewport", changed(VIEWPORT, '<meta name="viewport" content="width=1024">'), {}),
    ("viewport", changed(VIEWPORT, '<meta name="viewport" content="width=1024, initial-scale=1">'), {}),
    ("viewport", changed(VIEWPORT, '<meta name="viewport" content="initial-scale=0.5">'), {}),
    ("hreflang-twice", alternates(("en", URL), ("x-default", URL), ("en", f"{URL}-2")), {}),
    ("hreflang-default", alternates(("en", URL), ("de", f"{URL}-de")), {}),
    ("hreflang-lang", alternates(("fr", URL), ("x-default", URL)), {}),
    ("hreflang-invalid", None, {"headers": {"link": f'<{URL}>; rel="alternate"; hreflang="en-UK"'}}),
    ("hreflang-self", None, {"headers": {"link": "<https://example.com/de>; rel=alternate; hreflang=de"}}),
    ("hreflang-invalid", None, {"alternates": (("en", URL), ("x-default", URL), ("en-UK", URL))}),
    ("hreflang-self", None, {"alternates": (("de", "https://example.com/de"),)}),
    ("hreflang-twice", alternates(("en", URL)), {"alternates": (("en", f"{URL}-2"), ("x-default", URL))}),
    ("raw-robots", None, {"raw_html": head('<meta name="robots" content="noindex">')}),
    (
        "raw-canonical",
        None,
        {"raw_html": changed(CANONICAL, '<link rel="canonical" href="https://example.com/">')},
    ),
    (
        "og-url",
        changed(f'<meta property="og:url" content="{URL}">', '<meta property="og:url" content="/">'),
        {},
    ),
    ("links-http", body('<a href="http://example.com/shop/pans">Pans</a>'), {}),
    ("links-nofollow", body('<a rel="nofollow" href="/shop/pans">Pans</a>'), {}),
    ("links-local", body('<a href="http://localhost:3000/pans">Pans</a>'), {}),
    ("links-none", changed(LINK, "").replace('<a href="/">Start page</a>', "Start page"), {}),
    ("url-hygiene", html(HEAD.replace(URL, f"{URL}_2")), {"url": f"{URL}_2"}),
    ("url-hygiene", html(HEAD.replace(URL, f"{URL}?sid=1")), {"url": f"{URL}?sid=1"}),
    ("document-size", html() + " " * 2_000_000, {}),
    (
        "document-encoding",
        html().replace("boil", "b\N{LATIN SMALL LETTER O WITH DIAERESIS}il").encode("latin-1", "replace"),
        {},
    ),
    ("document-encoding", html().replace("boil", "bo\x00il"), {}),
    ("document-structure", body("<div>" * 20_000), {}),
    ("document-structure", body(f"<p {' '.join(f'a{n}=1' for n in range(40_000))}>"), {}),
    ("document-structure", body("<img alt='' src=/a>" * 20_001), {}),
]


@pytest.mark.parametrize(
    ("check", "document", "inputs"), FAULTS, ids=[f"{n}-{one[0]}" for n, one in enumerate(FAULTS)]
)
def test_one_fault_is_one_issue(check: str, document: str | bytes | None, inputs: dict[str, Any]) -> None:
    issues = audited(document, **inputs).issues
    # A page by http of which the canonical link was taken away has two faults.
    (issue,) = (issue for issue in issues if issue.check == check)
    assert {issue.check for issue in issues} - {check} <= {"canonical-missing"}
    assert issue.found.endswith((".", "…"))
    assert all(len(element) <= 200 for element in issue.elements)
    assert len(issue.elements) == min(issue.count, 5)


def test_every_check_of_a_page_has_a_fault_here() -> None:
    assert {check.id for check in CHECKS if check.find} == {check for check, _, _ in FAULTS}


def test_a_page_without_a_fault_has_the_full_score() -> None:
    result = audited(raw_html=html(), robots_txt="User-agent: *\nAllow: /", headers={"X-Robots-Tag": "all"})
    assert result.issues == ()
    assert (result.score, result.indexable, result.gone) == (100, True, False)


FINE: list[tuple[str, str | bytes | None, dict[str, Any]]] = [
    ("unavailable-after", head('<meta name="robots" content="unavailable_after: 2031-01-01">'), {"now": NOW}),
    ("unavailable-after", head('<meta name="robots" content="unavailable_after: 2020-09-21">'), {}),
    ("unavailable-after", None, {"now": NOW, "headers": {"x-robots-tag": "otherbot: unavailable_after: 2020-09-21"}}),
    ("robots-unknown", head('<meta name="robots" content="unavailable_after: Wed, 25 Jun 2031 15:00:00 EST">'), {}),
    ("robots-unknown", head('<meta name="googlebot" content="max-snippet:-1, max-image-preview:large,">'), {}),
    ("robots-header", None, {"headers": {"x-robots-tag": "otherbot: noarchive, noindex"}}),
    ("robots-meta", head('<meta name="robots" content="indexifembedded">'), {}),
    ("no-snippet", head('<meta name="robots" content="max-snippet:50">'), {}),
    ("no-snippet", changed("<h2>Prices</h2>", "<div data-nosnippet>It is <b data-nosnippet>blue</b></div>"), {}),
    ("no-snippet", head('<meta name="robots" content="noindex, nosnippet">'), {}),
    ("robots-nofollow", head('<meta name="robots" content="noindex, nofollow">'), {}),
    ("robots-images", head('<meta name="robots" content="max-image-preview:large">'), {}),
    ("bing-answers", head('<meta name="googlebot" content="noarchive">'), {}),
    ("robots-txt-syntax", None, {"robots_txt": "\ufeffUser-agent: *\nDisallow: # nothing\n\n# Sitemaps\nSitemap: https://a/"}),
    ("head-ended", html(f'<noscript><img src="/pixel.gif"></noscript>{HEAD}'), {}),
    ("head-ended", html(f'<template><img></template><script>"<img>"</script><!-- <img> -->{HEAD}'), {}),
    ("head-ended", body('<link rel="stylesheet" href="/a.css"><meta itemprop="name" content="Kettle">'), {}),
    ("canonical-elsewhere", body('<link rel="canonical" href="https://example.com/">'), {}),
    ("canonical-elsewhere", changed(CANONICAL, '<link rel="canonical" media="print" href="https://example.com/">'), {}),
    ("canonical-missing", changed(CANONICAL, ""), {"headers": {"Link": f'<{URL}>; rel="canonical"'}}),
    ("canonical-invalid", None, {"headers": {"Link": f'</a.css>; rel=preload, <{URL}>; rel="canonical"'}}),
    ("canonical-http", changed(CANONICAL, CANONICAL.replace("https:", "http:")), {"url": URL.replace("s:", ":")}),
    ("descriptions-several", head('<meta name="description" content="">'), {}),
    ("meta-refresh", head('<meta http-equiv="refresh" content="300">'), {}),
    ("meta-refresh", head(f'<meta http-equiv="refresh" content="300; url={URL}#top">'), {}),
    ("viewport", changed(VIEWPORT, '<meta name="viewport" content="initial-scale=1">'), {}),
    ("viewport", changed(VIEWPORT, '<meta name="viewport" content="width=1024">' + VIEWPORT), {}),
    ("hreflang-twice", alternates(("en", URL), ("x-default", URL), ("en", URL)), {}),
    ("hreflang-default", alternates(("en", URL)), {}),
    ("hreflang-self", alternates(("de", "https://example.com/de")), {"alternates": (("en", URL),)}),
    ("hreflang-lang", alternates(("en-GB", URL), ("x-default", URL)), {}),
    ("raw-robots", head(NOINDEX), {"raw_html": head(NOINDEX)}),
    ("raw-canonical", None, {"raw_html": changed(CANONICAL, "")}),
    ("og-url", changed(f'<meta property="og:url" content="{URL}">', ""), {}),
    ("links-http", body('<a href="http://example.org/">Another site</a>'), {}),
    ("links-nofollow", body('<a rel=nofollow href="https://example.org/">B</a><a rel=nofollow href="#a">a</a>'), {}),
    ("links-nofollow", body('<a rel="nofollow" href="/cart?add=1">Buy</a>'), {}),
    ("links-local", body('<a href="https://localhost.example/">Another site</a>'), {}),
    ("json-ld-context", json_ld('[{"@context": "https://schema.org", "@graph": []}]', " "), {}),
    ("soft-404", changed("<h1>Blue kettles</h1>", "<h1>Why error 404 pages matter</h1>"), {}),
    ("soft-404", changed("<h1>Blue kettles</h1>", "<h1>The 404 area code</h1>"), {}),
    ("robots-meta", head('<meta name="robots" content="index, follow, max-snippet:-1">'), {}),
    ("robots-meta", head('<meta name="bingbot" content="noindex">'), {}),
    ("robots-header", None, {"headers": {"x-robots-tag": "otherbot: noindex, nofollow"}}),
    ("robots-header", None, {"headers": {"x-robots-tag": "unavailable_after: 25 Jun 2010 15:00:00 PST"}}),
    ("robots-txt", None, {"robots_txt": "User-agent: *\nDisallow: /shop/\nAllow: /shop/blue"}),
    ("robots-txt", None, {"robots_txt": "User-agent: GPTBot\nDisallow: /"}),
    ("robots-txt", None, {"robots_txt": ""}),
    ("robots-txt", None, {"robots_txt": "\x00\xff<html>not a robots.txt</html>"}),
    ("canonical-elsewhere", changed(CANONICAL, f'<link rel="canonical" href="{URL}?utm_source=x#top">'), {}),
    ("canonical-elsewhere", None, {"url": URL.replace("https://", "http://www.")}),
    ("title-missing", html(HEAD.replace(TITLE, f"<svg><title>Icon</title></svg>{TITLE}")), {}),
    ("titles-several", body("<svg><title>Icon</title></svg>"), {}),
    ("title-width", changed(TITLE, f"<title>{'i' * 90}</title>"), {}),
    ("h1-missing", changed("<h1>Blue kettles</h1>", '<h1><img src="/a.png" alt="Blue kettles"></h1>'), {}),
    ("canonical-invalid", head(CANONICAL), {}),
    ("html-lang", html(lang=' lang="pt-BR"'), {}),
    ("html-lang", html(lang=' lang="fil"'), {}),
    ("hreflang-invalid", alternates(("x-default", URL), ("zh-Hant-TW", f"{URL}/tw"), ("DE", f"{URL}/de")), {}),
    ("image-alt", changed(IMAGE, '<img src="/kettle.jpg" alt="">'), {}),
    ("image-alt", changed(IMAGE, '<img src="/kettle.jpg" role="presentation">'), {}),
    ("image-alt", changed(IMAGE, '<noscript><img src="/pixel.gif"></noscript>'), {}),
    ("links-crawlable", body('<a href="mailto:a@example.com">Write</a><a id="here"></a><a name="x"></a>'), {}),
    ("links-crawlable", body('<a role="button" href="javascript:void(0)">Open</a>'), {}),
    ("link-text", body('<a href="/more" rel="nofollow">here</a><a href="#top">more</a>'), {}),
    ("link-text", changed('lang="en"', 'lang="de"').replace("Red kettles, too", "das go"), {}),
    ("link-empty", body('<a href="/more" aria-label="More kettles"><svg></svg></a>'), {}),
    ("link-empty", body('<a href="/more"><img src="/a.png" alt="More kettles"></a>'), {}),
    ("thin-content", html(body=f"<h1>茶壶</h1><main>{'水壶可以烧水泡茶煮咖啡' * 20}</main>"), {}),
    ("mixed-content", body('<a href="http://example.org/">Another site</a>'), {}),
    ("mixed-content", body('<img srcset="/a.png?from=http://example.org/ 1x" alt="A">'), {}),
    ("url-hygiene", None, {"url": "https://example.com/caf%C3%A9?a=1&b=2"}),
    ("document-encoding", html().replace("boil", "böil").encode(), {}),
    (
        "document-encoding",
        html().replace("utf-8", "iso-8859-1").replace("–", "-").replace("boil", "böil").encode("latin-1"),
        {},
    ),
    ("document-structure", body("<ul>" + "<li>one" * 12_000 + "</ul>"), {}),
    ("document-structure", body("<div><b>x</b></div>" * 12_000), {}),
    ("document-structure", body("<script>" + "'<div>';" * 12_000 + "</script>"), {}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("check", "document", "inputs"), FINE, ids=[f"{n}-{one[0]}" for n, one in enumerate(FINE)]
)
def test_what_is_right_is_no_issue(check: str, document: str | bytes | None, inputs: dict[str, Any]) -> None:
    assert found(check, document, **inputs) is None
