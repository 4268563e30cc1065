"""Sizes read by whole columns are those that are read one by one."""

import pyarrow as pa
import pytest

from crawlight.ingest.fields import found, sizes
from crawlight.ingest.measures import UNREADABLE, size_of

ANSWERS = {
    b" 200 1234 ": 1234,
    b" 200 1234": 1234,
    b" 304 - ": 0,
    b" 304 -": 0,
    b" 200 0 ": 0,
    b" 200 ": 0,
    b" 200": 0,
    b"": 0,
    b" 200 12.0 ": 12,
    b" 200 1234 0.005 ": 1234,
    b" 200 -1 ": UNREADABLE,
    b" 200 12a ": UNREADABLE,
    b" 200 a12 ": UNREADABLE,
    b" 200 4294967295 ": 4294967295,
    b" 200 4294967296 ": UNREADABLE,
    b" 200 99999999999 ": UNREADABLE,
    b" 200 99999999999999999999999 ": UNREADABLE,
    b" 200 00000000001 ": UNREADABLE,
    b" 200  12 ": 0,
}


@pytest.mark.parametrize("answer", ANSWERS)
def test_one_size(answer: bytes) -> None:
    assert sizes(pa.array([answer], pa.binary())).tolist() == [ANSWERS[answer]]


def test_a_column_of_all_kinds() -> None:
    column = pa.array([*ANSWERS] * 3, pa.binary())
    read = sizes(column).tolist()
    one_by_one = found(pa.chunked_array([column]), r"^ [0-9]{3} ([^ ]*).*$", size_of).tolist()
    assert read == one_by_one == [*ANSWERS.values()] * 3


def test_no_lines() -> None:
    assert sizes(pa.array([], pa.binary())).tolist() == []
