"""What clients take, as they say it."""

import pytest

from crawlight.edge.encodings import chosen, prefers_markdown


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
    assert chosen(accept.encode()) == encoding
