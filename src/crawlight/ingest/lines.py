"""Lines of a log in columns: what the readers of formats answer and `staging` turns into records."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Numbers = NDArray[np.int64]
Mask = NDArray[np.bool_]


class Coded(NamedTuple):
    """A column of few distinct values: the values, and the place of each row's value; -1 where it has none."""

    values: list[bytes]
    codes: Numbers


class Lines(NamedTuple):
    """Some lines of one chunk, a row each.

    ``ts`` is in Unix seconds, and anything where there is a reason. ``fetched`` says whether the method is GET or
    HEAD. A user agent is missing where the line has no such field, and empty where the client sent none.
    ``clients`` are texts whose first word is an address. ``reasons`` say why a line is no request, mostly the
    empty value; ``texts`` hold such lines, and are missing where there are none. ``hosts`` are missing where
    the format has none.
    """

    ts: Numbers
    user_agents: Coded
    fetched: Mask
    targets: Coded
    status: NDArray[np.uint16]
    clients: pa.Array
    reasons: Coded
    texts: pa.Array | None = None
    hosts: Coded | None = None


def coded(column: pa.ChunkedArray) -> Coded:
    """A column of bytes by its distinct values."""
    encoded = one(column.dictionary_encode())
    codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    return Coded(encoded.dictionary.to_pylist(), codes)


def one(column: pa.ChunkedArray) -> pa.Array:
    """The pieces of a column as one array."""
    whole = column.combine_chunks()
    return whole.combine_chunks() if isinstance(whole, pa.ChunkedArray) else whole


def words(values: Iterable[str], codes: Numbers) -> pa.DictionaryArray:
    """A column of texts; ``values`` may hold a text more than once."""
    texts = list(values)
    places = {text: place for place, text in enumerate(dict.fromkeys(texts))}
    place_of = np.array([places[text] for text in texts], np.int32)
    return pa.DictionaryArray.from_arrays(pa.array(place_of[codes]), pa.array(list(places), pa.string()))


def first_words(texts: pa.Array) -> Coded:
    """What stands before the first space of each text."""
    return coded(pa.chunked_array([pc.list_element(pc.split_pattern(texts, b" ", max_splits=1), 0)]))
