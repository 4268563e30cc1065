"""Work on hostile input: it is cut off, and takes nothing else down."""

import asyncio
import os
from collections.abc import Callable
from functools import partial

import pytest

from crawlight.audit import PageInputs, audit
from crawlight.dashboard.reading import compare, harmless
from crawlight.kit.confined import TooMuchError, confined

# Each block is parsed with a copy of all the unclosed formatting before it: gigabytes from 60 KB.
MANY_COPIES = "".join(f"<p><b x={number}>" for number in range(4_900))
DEEP = "<div></x>" * 200_000


def test_results_and_errors_come_back_from_one_process_that_stays() -> None:
    first = asyncio.run(confined(os.getpid))
    with pytest.raises(ValueError, match="invalid literal"):
        asyncio.run(confined(int, "no number"))
    assert first != os.getpid()
    assert asyncio.run(confined(os.getpid)) == first


@pytest.mark.parametrize("html", [MANY_COPIES, DEEP], ids=["memory", "time"])
def test_a_page_that_would_take_the_server_down_is_given_up(html: str) -> None:
    inputs = PageInputs(url="https://example.com/", status=200, html=html.encode())
    with pytest.raises(TooMuchError):
        asyncio.run(confined(audit, inputs))
    # The next one has a new process.
    good = PageInputs(url="https://example.com/", status=200, html=b"<!doctype html><title>Good</title>")
    assert asyncio.run(confined(audit, good)) == audit(good)


@pytest.mark.parametrize("work", [harmless, partial(compare, b"<p>a")])
def test_previews_and_comparisons_are_given_up_too(work: Callable[[bytes], object]) -> None:
    with pytest.raises(TooMuchError):
        asyncio.run(confined(work, MANY_COPIES.encode()))


def test_nobody_pays_for_what_another_left_behind() -> None:
    asyncio.run(confined(exec, "import builtins; builtins.left = bytearray(700 << 20)"))
    first = asyncio.run(confined(os.getpid))
    asyncio.run(confined(exec, "bytearray(600 << 20)"))  # too much only beside what is there
    assert asyncio.run(confined(os.getpid)) != first
