"""A page without a fault, and pages that differ from it in one thing."""

from typing import Any

from crawlight.audit import Audit, Issue, PageInputs, audit

URL = "https://example.com/shop/blue-kettles"
TEXT = " ".join(["Kettles boil water for tea, coffee and soup, quickly and quietly."] * 20)
HEAD = f"""
<meta charset="utf-8">
<title>Blue kettles for every stove – Example shop</title>
<meta name="description" content="We compare twelve blue kettles by price, speed and noise, and say which of them \
suits your stove and your kitchen best.">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="canonical" href="{URL}">
<meta property="og:title" content="Blue kettles"><meta property="og:type" content="article">
<meta property="og:url" content="{URL}"><meta property="og:image" content="https://example.com/kettle.jpg">
<meta name="twitter:card" content="summary">
"""
BODY = f"""
<header><nav><a href="/">Start page</a></nav></header>
<main><h1>Blue kettles</h1><p>{TEXT}</p><h2>Prices</h2><img src="/kettle.jpg" alt="A blue kettle">
<p><a href="/shop/red-kettles">Red kettles, too</a></p></main>
"""


def html(head: str = HEAD, body: str = BODY, lang: str = ' lang="en"') -> str:
    return f"<!doctype html><html{lang}><head>{head}</head><body>{body}</body></html>"


def audited(document: str | bytes | None = None, **inputs: Any) -> Audit:
    defaults: dict[str, Any] = {"url": URL, "status": 200, "html": html() if document is None else document}
    return audit(PageInputs(**{**defaults, **inputs}))


def changed(old: str, new: str) -> str:
    """The page without a fault, with one thing replaced that must be in it."""
    page = html()
    assert old in page
    return page.replace(old, new)


def found(check: str, document: str | bytes | None = None, **inputs: Any) -> Issue | None:
    """The issue of one check, if it was found."""
    return next((one for one in audited(document, **inputs).issues if one.check == check), None)
