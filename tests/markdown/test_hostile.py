"""HTML made by strangers: bounded in time and memory."""

import asyncio

import pytest

from crawlight.kit.confined import TooMuchError
from crawlight.markdown.page import to_markdown
from crawlight.markdown.sparing import markdown_confined
from tests.kit.test_confined import DEEP, MANY_COPIES

URL = "https://example.com/"


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 900 + "deep",
        "<ul><li>" * 400 + "deep",
        "<blockquote>" * 900 + "<p>deep",
        "<table><tr><td>" * 300 + "deep",
        "<b><i>" * 400 + "deep",
        "<a href=/x><div>" * 300 + "deep",
        "<details><summary>" * 300 + "deep",
        "<article><header><section>" * 300 + "deep",
        "<dl><dd>" * 400 + "deep",
        "<h1>" * 500 + "deep",
        "<table>" + "<tr><td rowspan=1000 colspan=1000>deep" * 2_000,
        "<ol><li>deep" * 3_000,
        "<p>deep<br>" * 50_000,
        "<p>" + "*_`[](< deep " * 50_000,
        "<pre>" + "`" * 200_000 + "deep",
        "<p>" + "<a href=/x>deep</a>" * 9_000,
        "<div class='" + "nav-" * 100_000 + "'>deep</div>",
        "<img alt=deep srcset='" + "x," * 200_000 + "'><p>deep",
        "<button aria-controls='" + "x " * 100_000 + "'></button><p>deep",
    ],
    ids=lambda html: html[:24],
)
def test_what_is_only_much_is_written(html: str) -> None:
    assert "deep" in to_markdown(html, URL).text


@pytest.mark.parametrize("html", [MANY_COPIES, DEEP], ids=["memory", "time"])
def test_what_no_parser_can_bear_is_given_up(html: str) -> None:
    with pytest.raises(TooMuchError):
        asyncio.run(markdown_confined(html.encode(), URL))
    assert "Good" in asyncio.run(markdown_confined(b"<p>Good", URL)).text
