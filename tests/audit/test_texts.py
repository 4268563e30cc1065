"""Widths, words, and codes of languages and countries."""

import pytest
from babel import Locale
from hypothesis import given
from hypothesis import strategies as st

from crawlight.audit.languages import COUNTRIES, LANGUAGES, is_hreflang
from crawlight.audit.reading import read
from crawlight.audit.text import bounded
from crawlight.audit.widths import width
from crawlight.audit.words import count_words


def test_widths_are_those_of_arial() -> None:
    assert width("", 20) == 0
    assert width("i" * 1024, 20) == round(455 * 1024 * 20 / 2048)
    assert width("W", 2048) == 1933
    assert width("日本", 20) == 40
    assert width("e\N{COMBINING ACUTE ACCENT}", 20) == width("e", 20)
    assert width("MMMM", 20) > 3 * width("iiii", 20)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", 0),
        (" \n ", 0),
        ("one two\nthree", 3),
        ("a\x1cb\x0bc\td ", 4),
        ("naïve café", 2),
        ("naïve\xa0café\u2003au\u3000lait", 4),
        ("水壶可以烧水", 4),
        ("สวัสดีครับ", 6),
    ],
)
def test_words(text: str, words: int) -> None:
    assert count_words(text).number == words


@given(st.text(), st.text())
def test_words_of_two_texts_are_those_of_both(one: str, other: str) -> None:
    together = count_words(one) + count_words(other)
    assert together == count_words(f"{one} {other}")
    assert together.spaced == len(one.split()) + len(other.split())


def test_codes_are_known_to_unicode_too() -> None:
    english = Locale("en")
    assert set(english.languages) >= LANGUAGES
    assert set(english.territories) >= COUNTRIES
    assert (len(LANGUAGES), len(COUNTRIES)) == (183, 249)
    assert all(len(code) == 2 for code in LANGUAGES | COUNTRIES)


def test_hreflang() -> None:
    assert all(map(is_hreflang, ("en", "en-GB", "zh-Hant", "zh-Hant-TW", "x-default", "X-Default", "be-BY")))
    assert not any(map(is_hreflang, ("", "xx", "en-UK", "en_GB", "eng", "en-", "GB", "en-GB-x", "es-419")))


def test_quotes_from_pages_are_one_bounded_line() -> None:
    assert bounded("a\n b\x1b[31m\t c") == "a b [31m c"
    assert len(bounded("x" * 10_000_000)) == 200
    assert bounded("x" * 201).endswith("x…")


@pytest.mark.parametrize(
    ("html", "content_type", "text", "broken"),
    [
        ("é".encode(), "", "é", 0),
        ("é".encode("latin-1"), "text/html; charset=ISO-8859-1", "é", 0),
        ("<meta charset='windows-1251'>Ж".encode("cp1251"), "", "<meta charset='windows-1251'>Ж", 0),
        ("é".encode("utf-16"), "text/html; charset=utf-8", "\ufeffé", 0),
        ("あ".encode("shift_jis"), "text/html;charset=Shift_JIS", "あ", 0),
        (b"a\xffb", "text/html", "a\ufffdb", 1),
        (b"a\x00b", "text/html; charset=base64", "a\ufffdb", 1),
        ("é".encode(), "text/html; charset=idna", "é", 0),
        ("é".encode(), "text/html; charset=punycode", "é", 0),
        ("a\ufffdb".encode(), "", "a\ufffdb", 1),
    ],
)
def test_bytes_are_read_as_browsers_do(html: bytes, content_type: str, text: str, broken: int) -> None:
    given = read(html, content_type)
    assert (given.octets.decode(), given.broken, given.cut) == (text, broken, False)
