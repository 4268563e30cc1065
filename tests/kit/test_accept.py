"""What clients take, as they say it."""

import pytest

from crawlight.kit.accept import encoding_of, languages, prefers_markdown, takes_gzip


@pytest.mark.parametrize(
    ("accept", "prefers"),
    [
        ("", False),
        ("*/*", False),
        ("text/*", False),
        ("text/html,application/xhtml+xml,*/*;q=0.8", False),
        ("text/markdown", True),
        ("text/markdown, text/html, */*", True),
        ("text/markdown, text/plain;q=0.9, */*;q=0.8", True),
        ("text/html, text/markdown", False),
        ("text/html, text/markdown;q=0.9", False),
        ("text/html;q=0.5, text/markdown;q=0.6", True),
        ("text/markdown;q=0", False),
        ("text/markdown;q=0, text/html;q=0", False),
        ("TEXT/Markdown ; variant=GFM ; q=1", True),
        ("text/markdown;q=0.1, */*", False),
        ("text/markdown;q=x, text/html;q=0.1", False),
        ("application/markdown", False),
        ("text/html;level=1, text/markdown;q=0.9", False),
        ("text/markdown;q=0.9, text/html;q=0.8, */*;q=0.1", True),
        ("text/html;q=0.9, text/markdown;q=0.95", True),
        ("text/markdown;q=1.000, text/html;q=0.999", True),
        (
            "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,"
            "application/signed-exchange;v=b3;q=0.7",
            False,
        ),
        ("text/markdown;q=1.5", False),
        ("text/markdown;q=inf", False),
        ("text/markdown;q=nan", False),
        ("text/markdown;q=-1, text/html;q=0", False),
        ("text/markdown;q=1_0", False),
        ("text/markdown;q=", False),
        ("text/markdown text/html", False),
        (";q=1,,;,", False),
        ("\xff\x00/markdown", False),
    ],
)
def test_whether_markdown_is_preferred(accept: str, prefers: bool) -> None:
    assert prefers_markdown(accept.encode("latin-1")) is prefers


@pytest.mark.parametrize(
    ("accept", "encoding"),
    [("gzip;q=0.5;x=1, br", "gzip"), ("zstd;q=0, *", "gzip"), ("gzip;q=", "identity"), ("br", "identity")],
)
def test_which_encoding_is_sent(accept: str, encoding: str) -> None:
    assert encoding_of(accept.encode()) == encoding


@pytest.mark.parametrize(
    ("accept", "takes"),
    [
        ("gzip", True),
        ("br, GZIP;q=0.5", True),
        ("*", True),
        ("gzip;q=0", False),
        ("*, gzip; q=0.000", False),
        ("br", False),
        ("gzipped", False),
        ("gzip;q=many", False),
        ("", False),
    ],
)
def test_whether_gzip_is_taken(accept: str, takes: bool) -> None:
    assert takes_gzip(accept) is takes


@pytest.mark.parametrize(
    ("accept", "tags"),
    [
        ("de-AT, de;q=0.9, en;q=0.8", ("de-at", "de", "en")),
        ("en;q=0.2,fr;q=0.7", ("fr", "en")),
        ("fr;q=0, en", ("en",)),
        ("", ()),
        (",,", ()),
        ("en;q=nan", ()),
    ],
)
def test_languages_come_as_they_are_wanted(accept: str, tags: tuple[str, ...]) -> None:
    assert languages(accept) == tags
