"""An answer that changed is never taken for the one that was noted, whatever of it is left out."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from crawlight.rendering.inputs import (
    Input,
    MadeOf,
    digest_of,
    is_fixed,
    is_hash_named,
    is_same,
    mask_of,
    packed,
    text_of,
    unpacked,
    without,
)
from crawlight.rendering.noting import learned

MONDAY = datetime(2026, 6, 15, 12, tzinfo=UTC)
TUESDAY = MONDAY + timedelta(days=1)
URL = "https://example.com/api"


@pytest.mark.parametrize(
    "name", ["index-Di3rgTda.js", "main.4f3e2d1c.js", "1a2b-0c3d4e5f.css", "chunk-1A2b3C4d.mjs"]
)
def test_hashes_in_names_are_known(name: str) -> None:
    assert is_hash_named(f"https://example.com/assets/{name}")
    assert is_fixed(f"https://example.com/assets/{name}", "script", "")
    assert not is_fixed(f"https://example.com/assets/{name}", "data", "immutable")


@pytest.mark.parametrize(
    "name",
    ["app.js", "jquery-3.7.1.min.js", "main-20261130.js", "MyWidgetV2.js", "facade2024.js", "product-overview1.js",
     "app.js?v=4f3e2d1c", "bundle-12345678.js", "vendor-MyWidgetFrame.js"],
)  # fmt: skip
def test_dates_versions_and_words_are_no_hashes(name: str) -> None:
    assert not is_hash_named(f"https://example.com/4f3e2d1c/{name}")


def noted(body: bytes, mask: tuple[int, ...] = ()) -> Input:
    """An answer as it is noted."""
    masked = without(body, mask) if mask else b""
    return Input(URL, "data", 200, digest_of(body), len(body), mask=mask, masked=masked)


def test_values_that_are_others_at_each_ask_are_left_out_and_no_more() -> None:
    bodies = [
        json.dumps({"at": f"2026-06-15T12:00:0{n}Z", "id": f"r{n}", "stock": 5, "price": 10}).encode()
        for n in range(3)
    ]
    mask = mask_of(bodies)
    assert len(mask) == 2
    for body in bodies:
        assert is_same(noted(bodies[0], mask), body)
    assert not is_same(noted(bodies[0], mask), bodies[1].replace(b"10", b"11"))
    assert not is_same(noted(bodies[0], mask), bodies[1].replace(b'"stock"', b'"stocks"'))
    # What two of three share changes now and then: that is news.
    assert mask_of([bodies[0], bodies[0].replace(b"5", b"4"), bodies[0]]) == ()
    # A text that is another each time is no moment and no token.
    assert mask_of([json.dumps({"html": f"{n} " + "word " * 20}).encode() for n in range(3)]) == ()
    assert mask_of([b"a 1", b"a 2 b", b"a 3"]) == ()


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)


@given(VALUES, VALUES, st.lists(st.integers(0, 10**12), min_size=3, max_size=3, unique=True))
def test_data_that_changed_is_never_taken_for_unchanged(
    before: object, after: object, tokens: list[int]
) -> None:
    def answer(value: object, token: int) -> bytes:
        return json.dumps({"token": token, "value": value}).encode()

    mask = mask_of([answer(before, token) for token in tokens])
    for one in (noted(answer(before, tokens[0])), noted(answer(before, tokens[0]), mask)):
        now = answer(after, tokens[1])
        if is_same(one, now):
            assert json.dumps(before) == json.dumps(after)


@given(st.binary(max_size=200), st.binary(max_size=200), st.lists(st.integers(0, 40), max_size=5))
def test_whatever_is_left_out_the_rest_is_compared(before: bytes, after: bytes, places: list[int]) -> None:
    mask = tuple(sorted(set(places)))
    if is_same(noted(before, mask), after) and before != after:
        found = re.compile(r'"(?:[^"\\]|\\.)*"|[^\s"\'<>=,:;&?/{}\[\]()]+')

        def rest(body: bytes) -> list[str]:
            text, last, kept = body.decode(), 0, []
            for number, value in enumerate(found.finditer(text)):
                if number in mask:
                    kept.append(text[last : value.start()])
                    last = value.end()
            return [*kept, text[last:]]

        assert rest(before) == rest(after)


def test_a_note_is_kept_and_what_is_none_is_none() -> None:
    made_of = MadeOf((noted(b"{}"),), days=(1, 2), under=b"u")
    assert unpacked(packed(made_of)) == made_of
    assert unpacked(b"") is None
    assert unpacked(b"nonsense") is None
    assert unpacked(packed(made_of)[:-3]) is None
    long = ["".join(digest_of(f"{n} {k}".encode()).hex() for k in range(100)) for n in range(60)]
    many = tuple(replace(noted(b""), url=f"{URL}?{query}") for query in long)
    assert packed(MadeOf(many)) == b""


def test_the_text_of_a_page_has_links_and_data_and_no_tokens() -> None:
    page = b'<meta name="csrf" content="%b"><a href="/%b">Price</a> %b<script type="application/ld+json">%b</script>'
    first = text_of(page % (b"t1", b"a", b"10", b'{"a":1}'))
    assert text_of(page % (b"t2", b"a", b"10", b'{"a":1}')) == first
    for other in (
        (b"t1", b"b", b"10", b'{"a":1}'),
        (b"t1", b"a", b"11", b'{"a":1}'),
        (b"t1", b"a", b"10", b"{}"),
    ):
        assert text_of(page % other) != first


def rendered(body: bytes, text: bytes = b"text", **changes: object) -> MadeOf:
    """What a render was made of."""
    return MadeOf((replace(noted(body), **changes),), text=text, under=b"u")


def test_two_days_without_a_difference_prove_a_page() -> None:
    first = learned(None, rendered(b"a"), {}, MONDAY)
    assert not first.proven
    same_day = learned(first, rendered(b"a"), {}, MONDAY + timedelta(hours=3))
    assert not same_day.proven
    proven = learned(same_day, rendered(b"a"), {}, TUESDAY)
    assert proven.proven
    # It has other inputs, and other text: that is what a page does that is made of its inputs.
    assert learned(proven, rendered(b"b", b"other"), {}, TUESDAY).proven
    # Another text from the same inputs: it hangs on something else.
    assert not learned(proven, rendered(b"a", b"other"), {}, TUESDAY).proven
    # Other settings, or something that cannot be asked for.
    assert not learned(proven, replace(rendered(b"a"), under=b"v"), {}, TUESDAY).proven
    assert not learned(proven, MadeOf(why_not="post"), {}, TUESDAY).proven


def test_validators_and_names_that_stay_while_bodies_change_are_believed_no_more() -> None:
    for changes in ({"etag": '"1"'}, {"modified": "Mon, 15 Jun 2026 12:00:00 GMT"}, {"fixed": True}):
        first = learned(None, rendered(b"a", **changes), {}, MONDAY)
        assert first.wrong == ()
        second = learned(first, rendered(b"b", b"other", **changes), {}, TUESDAY)
        assert second.wrong == (URL,)
        assert learned(second, rendered(b"b", b"other", **changes), {}, TUESDAY).wrong == (URL,)
    first = learned(None, rendered(b"a", etag='"1"'), {}, MONDAY)
    assert learned(first, rendered(b"b", etag='"2"'), {}, TUESDAY).wrong == ()


def test_values_left_out_are_compared_again_once_the_text_was_another() -> None:
    bodies = [json.dumps({"n": n, "price": 10}).encode() for n in range(3)]
    mask = mask_of(bodies)
    first = learned(None, rendered(bodies[0]), {}, MONDAY)
    told = MadeOf((noted(bodies[1], mask),), text=b"text", under=b"u")
    proven = learned(first, told, {URL: bodies[1]}, TUESDAY)
    assert proven.proven
    again = learned(proven, rendered(bodies[2]), {URL: bodies[2]}, TUESDAY)
    assert again.proven
    assert again.inputs[0].masked
    other = learned(again, rendered(bodies[0], b"other"), {URL: bodies[0]}, TUESDAY)
    assert not other.proven
    assert not other.inputs[0].masked
