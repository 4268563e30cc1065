"""Pages with known faults, and pages that only look as if they had one.

Each differs from one page without fault; ``{origin}`` stands for scheme and host that it is served from.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

ROBOTS_TXT: Final = (
    "User-agent: *\nDisallow: /blocked\n\nUser-agent: bingbot\nDisallow: /blocked\nDisallow: /no-bing\n"
)

TITLE = "<title>Blue kettles for every stove – Example shop</title>"
DESCRIPTION = '<meta name="description" content="Twelve blue kettles compared by price, speed and noise.">'
CANONICAL = '<link rel="canonical" href="{origin}/{name}">'
IMAGE = '<img src="/kettle.png" alt="A blue kettle">'
LINK = '<a href="/red-kettles">Red kettles, too</a>'
_TEXT = "Kettles boil water for tea, coffee and soup, quickly and quietly. " * 20
_PAGE = f"""<!doctype html><html lang="en"><head><meta charset="utf-8">{TITLE}{DESCRIPTION}{CANONICAL}
<meta name="viewport" content="width=device-width, initial-scale=1"><!--head--></head>
<body><main><h1>Blue kettles</h1><p>{_TEXT}</p>{IMAGE}{LINK}<!--body--></main></body></html>"""


_PAST = "unavailable_after: 25 Jun 2010 15:00:00 UTC"
_GERMAN = {'lang="en"': 'lang="de"'}
_SELF = "{origin}/{name}"


@dataclass(frozen=True)
class Case:
    """One page: its name is its path. ``changes`` are replaced in the page without fault."""

    name: str
    fault: str
    changes: Mapping[str, str] = field(default_factory=dict)
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    def html(self, origin: str) -> str:
        """The page as it is served."""
        page = _PAGE
        for old, new in self.changes.items():
            assert old in page, (self.name, old)
            page = page.replace(old, new)
        return page.replace("{origin}", origin).replace("{name}", self.name)


def _head(name: str, fault: str, html: str) -> Case:
    return Case(name, fault, {"<!--head-->": html})


def _body(name: str, fault: str, html: str) -> Case:
    return Case(name, fault, {"<!--body-->": html})


def _alternate(code: str, url: str) -> str:
    return f'<link rel="alternate" hreflang="{code}" href="{url}">'


CASES: Final = (
    Case("good", "none"),
    Case("title-none", "no title", {TITLE: ""}),
    Case("title-empty", "an empty title", {TITLE: "<title> </title>"}),
    Case("title-svg", "no title but that of a drawing", {TITLE: "", "<!--body-->": "<svg><title>x</title></svg>"}),
    Case("title-script", "the title is set by a script", {TITLE: "<script>document.title = 'Blue kettles'</script>"}),
    Case("description-none", "no description", {DESCRIPTION: ""}),
    Case("description-empty", "an empty description", {DESCRIPTION: '<meta name="description" content=" ">'}),
    Case(
        "description-script",
        "the description is set by a script",
        {
            DESCRIPTION: "",
            "<!--body-->": "<script>const m = document.createElement('meta'); m.name = 'description';"
            "m.content = 'Blue kettles compared'; document.head.append(m)</script>",
        },
    ),
    Case("description-property", "the description is a property", {'name="description"': 'property="description"'}),
    _head("noindex", "noindex", '<meta name="robots" content="noindex">'),
    _head("noindex-list", "noindex among others", '<meta name="robots" content="nofollow, NoIndex">'),
    _head("none", "robots none", '<meta name="robots" content="none">'),
    _head("nofollow", "only nofollow", '<meta name="robots" content="nofollow, max-snippet:-1">'),
    _head("noindex-google", "noindex for Googlebot alone", '<meta name="googlebot" content="noindex">'),
    _head("noindex-bing", "noindex for Bing alone", '<meta name="bingbot" content="noindex">'),
    Case("header-noindex", "noindex in the header", headers={"X-Robots-Tag": "noindex, nofollow"}),
    Case("header-bing", "noindex in the header for Bing alone", headers={"X-Robots-Tag": "bingbot: noindex"}),
    Case("header-date", "not available after a past date", headers={"X-Robots-Tag": _PAST}),
    Case("blocked", "disallowed by robots.txt"),
    Case("no-bing", "disallowed by robots.txt for Bing alone"),
    Case("status-404", "status 404", status=404),
    Case("status-410", "status 410", status=410),
    Case("status-500", "status 500", status=500),
    Case("canonical-none", "no canonical link", {CANONICAL: ""}),
    Case("canonical-relative", "a relative canonical link", {CANONICAL: '<link rel="canonical" href="/{name}">'}),
    Case("canonical-two", "two canonical links", {"<!--head-->": '<link rel="canonical" href="{origin}/other">'}),
    Case("canonical-same", "the same canonical link twice", {"<!--head-->": CANONICAL}),
    Case("canonical-broken", "an unreadable canonical link", {CANONICAL: '<link rel="canonical" href="https://[">'}),
    Case("canonical-root", "the home page as canonical", {CANONICAL: '<link rel="canonical" href="{origin}/">'}),
    Case("canonical-other", "another page as canonical", {CANONICAL: '<link rel="canonical" href="{origin}/pots">'}),
    Case("canonical-body", "the canonical link in the body", {CANONICAL: "", "<!--body-->": CANONICAL}),
    Case("image-none", "an image without alt", {IMAGE: '<img src="/kettle.png">'}),
    Case("image-blank", "an alt of a space", {IMAGE: '<img src="/kettle.png" alt=" ">'}),
    Case("image-empty", "an empty alt", {IMAGE: '<img src="/kettle.png" alt="">'}),
    Case("image-role", "an image for decoration", {IMAGE: '<img src="/kettle.png" role="presentation">'}),
    Case("image-label", "an image with a label", {IMAGE: '<img src="/kettle.png" aria-label="A kettle">'}),
    Case("image-hidden", "a hidden image", {IMAGE: '<img src="/kettle.png" aria-hidden="true">'}),
    _body("image-noscript", "an image for those without scripts", '<noscript><img src="/pixel.png"></noscript>'),
    _body("image-script", "a script adds an image without alt", "<script>document.body.append(new Image())</script>"),
    _body("link-void", "a link for a script", '<a href="javascript:void(0)">Green kettles</a>'),
    _body("link-function", "a link that calls a function", '<a href="javascript:show()">Green kettles</a>'),
    _body("link-click", "a link without address", '<a onclick="show()">Green kettles</a>'),
    _body("link-placeholder", "a link without anything", "<a>Green kettles</a>"),
    _body("link-target", "a target without address", '<a target="_blank">Green kettles</a>'),
    _body("link-broken", "an unreadable address", '<a href="https://[">Green kettles</a>'),
    _body("link-role", "a button made of a link", '<a role="button" href="javascript:void(0)">Green kettles</a>'),
    _body("link-name", "an old anchor", '<a name="top"></a><a id="here"></a>'),
    _body("link-mail", "mail and telephone", '<a href="mailto:a@example.com">Mail</a><a href="tel:1">Call</a>'),
    _body("text-here", "click here", '<a href="/pots">click here</a>'),
    _body("text-more", "read more", '<a href="/pots"> Read  more </a>'),
    _body("text-nofollow", "read more, not followed", '<a href="/pots" rel="nofollow">Read more</a>'),
    _body("text-fragment", "here, within the page", '<a href="#prices">here</a>'),
    _body("text-arrow", "read more with an arrow", '<a href="/pots">Read more »</a>'),
    Case("text-german", "read more in German", {**_GERMAN, "<!--body-->": '<a href="/pots">weiterlesen</a>'}),
    Case("text-foreign", "an English text on a German page", {**_GERMAN, "<!--body-->": '<a href="/pots">go</a>'}),
    _body("text-image", "a link around an image", '<a href="/pots"><img src="/kettle.png" alt="Pots"></a>'),
    _head("hreflang-good", "valid language versions", _alternate("de", "{origin}/de") + _alternate("x-default", _SELF)),
    _head("hreflang-unknown", "an unknown language", _alternate("xx", _SELF)),
    _head("hreflang-relative", "a relative language version", _alternate("de", "/{name}")),
    _head("hreflang-country", "an unknown country", _alternate("en-UK", _SELF)),
    _head("hreflang-underscore", "an underscore", _alternate("en_GB", _SELF)),
    _head("hreflang-script", "a script and a country", _alternate("zh-Hant-TW", _SELF)),
)  # fmt: skip
