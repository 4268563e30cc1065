"""Heads as they are found on the web, and all that search engines would hold against each."""

from datetime import UTC, datetime
from typing import Any

import pytest

from crawlight.audit.dates import parsed_date
from crawlight.audit.heads import scanned
from tests.audit.pages import HEAD, URL, audited, changed, html

NOW = datetime(2026, 11, 29, tzinfo=UTC)
CANONICAL = f'<link rel="canonical" href="{URL}">'
ELSEWHERE = '<link rel="canonical" href="https://example.com/">'
PIXEL = '<img height="1" width="1" src="https://tags.example/p" alt="">'


def robots(content: str, name: str = "robots") -> str:
    return html(f'{HEAD}<meta name="{name}" content="{content}">')


def headers(*lines: str) -> dict[str, Any]:
    return {"headers": {"X-Robots-Tag": "\n".join(lines)}}


HEADS: dict[str, tuple[str | None, dict[str, Any], set[str]]] = {
    "a pixel of a tag manager before everything": (html(PIXEL + HEAD), {}, {"head-ended"}),
    "a pixel in noscript": (html(f"<noscript>{PIXEL}</noscript>{HEAD}"), {}, set()),
    "a frame in noscript, in capitals": (html(f"<NOSCRIPT><iframe></iframe></NOSCRIPT >{HEAD}"), {}, set()),
    "a custom element": (html(f"<app-config></app-config>{HEAD}"), {}, {"head-ended"}),
    "text": (html(f"&nbsp;{HEAD}"), {}, {"head-ended"}),
    "an end tag of a div": (html(f"</div>{HEAD}"), {}, set()),
    "an end tag of the body": (html(f"</body>{HEAD}"), {}, {"head-ended"}),
    "links after the end of the head": (changed(CANONICAL, f"</head>{CANONICAL}"), {}, set()),
    "a div after the canonical link": (changed(CANONICAL, f"{CANONICAL}<div></div>"), {}, set()),
    "tags in a comment, a script and a style": (
        html(f'<!-- <img> --><script>"<img>"</script><style>a:after{{content:"<img>"}}</style>{HEAD}'),
        {},
        set(),
    ),
    "canonical in the body beside one in the head": (
        html(body=f"{ELSEWHERE}{html().partition('<body>')[2]}"),
        {},
        {"head-ended"},
    ),
    "robots in the body": (
        changed("<main>", '<main><meta name="robots" content="noindex">'),
        {},
        {"robots-meta"},
    ),
    "robot without s": (robots("noindex", "robot"), {}, {"robots-meta"}),
    "capitals and spaces": (robots(" NOINDEX , FOLLOW "), {}, {"robots-meta"}),
    "index and noindex": (robots("index, noindex"), {}, {"robots-meta"}),
    "index for one, noindex for all": (
        html(f'{HEAD}<meta name="googlebot" content="index"><meta name="robots" content="noindex">'),
        {},
        {"robots-meta"},
    ),
    "noindex for news": (robots("noindex", "googlebot-news"), {}, {"bots-blocked"}),
    "noindex for Yandex": (robots("noindex", "yandex"), {}, {"bots-blocked"}),
    "noindex for an unknown bot": (robots("noindex", "adsbot"), {}, set()),
    "noindex, indexifembedded": (robots("noindex, indexifembedded"), {}, {"robots-meta"}),
    "all rules at their defaults": (
        robots("index, follow, max-snippet:-1, max-image-preview:large, max-video-preview:-1"),
        {},
        set(),
    ),
    "one header for another bot, one for all": (None, headers("otherbot: nosnippet", "noindex"), {"robots-header"}),
    "nofollow for one, noindex for another": (
        None,
        headers("googlebot: nofollow", "otherbot: noindex, nofollow"),
        {"robots-nofollow"},
    ),
    "a date with commas, and a rule after it": (
        None,
        {**headers("unavailable_after: Wed, 25 Jun 2031 15:00:00 GMT, nosnippet"), "now": NOW},
        {"no-snippet"},
    ),
    "a date that is none": (robots("unavailable_after: 2020-13-45"), {"now": NOW}, {"robots-unknown"}),
    "a date of today": (robots("unavailable_after: 2026-11-29"), {"now": NOW}, {"unavailable-after"}),
    "a date that has not come yet where it is written": (
        robots("unavailable_after: 2026-11-28T23:00:00-02:00"),
        {"now": NOW},
        set(),
    ),
    "max-snippet without a number": (robots("max-snippet"), {}, {"robots-unknown"}),
    "a snippet of any length": (robots("max-snippet: -1"), {}, set()),
    "canonical for print": (
        changed(CANONICAL, f'{CANONICAL}<link rel="canonical" media="print" href="https://example.com/">'),
        {},
        {"canonical-invalid"},
    ),
    "canonical in header and link, the same": (None, {"headers": {"Link": f'<{URL}>;rel="canonical"'}}, set()),
    "canonical in header and link, another": (
        None,
        {"headers": {"Link": '<https://example.com/>; rel="canonical"'}},
        {"canonical-invalid"},
    ),
    "a header with a comma in an address": (
        changed(CANONICAL, ""),
        {"headers": {"Link": f'<https://example.com/a,b>; rel=preload; as=style, <{URL}>; rel=canonical'}},
        set(),
    ),
    "a fixed width of a desktop": (
        changed("width=device-width, initial-scale=1", "width=1024"),
        {},
        {"viewport"},
    ),
    "a width without spaces and commas": (
        changed("width=device-width, initial-scale=1", "WIDTH=device-width;user-scalable=no"),
        {},
        set(),
    ),
    "language versions in a header": (
        None,
        {"headers": {"Link": f'<{URL}>; rel="alternate"; hreflang="en", <{URL}>; rel=alternate; hreflang=x-default'}},
        set(),
    ),
    "JSON-LD of another type name": (
        html(f'{HEAD}<script type="application/ld+json; charset=utf-8">{{</script>'),
        {},
        {"json-ld-syntax"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", HEADS)
def test_a_head_is_judged_as_search_engines_judge_it(name: str) -> None:
    document, inputs, expected = HEADS[name]
    assert {issue.check for issue in audited(document, **inputs).issues} == expected


def test_what_ended_the_head_is_told() -> None:
    (issue,) = audited(html(PIXEL + HEAD)).issues
    assert 'The head ends at <img height="1" width="1"' in issue.found


@pytest.mark.parametrize(
    "octets",
    [b"", b"<", b"<head", b"<script>", b"<!--", b"<noscript>", b"<img", b'<meta a="', b"\xff\xfe<", b"<" * 100_000]
    + [piece * 100_000 for piece in (b"<!---->", b"<meta>", b"<noscript>", b"<title ", b"<a b='", b" ", b"<?")],
)  # fmt: skip
def test_any_bytes_have_a_head(octets: bytes) -> None:
    assert len(scanned(octets).octets) <= len(octets)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2020-09-21", "2020-09-21T00:00:00+00:00"),
        ("2020-09-21t10:00:00z", "2020-09-21T10:00:00+00:00"),
        ("2020-09-21 10:00:00 +02:00", "2020-09-21T08:00:00+00:00"),
        ("25 jun 2010 15:00:00 pst", "2010-06-25T23:00:00+00:00"),
        ("Wednesday, 25-Aug-07 15:00:00 EST", "2007-08-25T20:00:00+00:00"),
        ("25-Aug-2007 15:00:00 EST", "2007-08-25T20:00:00+00:00"),
        ("25 Jun 2010", "2010-06-25T00:00:00+00:00"),
    ],
)
def test_dates_are_read_in_all_formats_that_google_names(text: str, moment: str) -> None:
    assert (parsed_date(text) or NOW).isoformat() == moment


@pytest.mark.parametrize("text", ["", "soon", "2020-13-45", "25", "99999999999-01-01", "0000-00-00", "+-:"])
def test_what_is_no_date_is_none(text: str) -> None:
    assert parsed_date(text) is None
