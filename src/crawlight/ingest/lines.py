"""Lines of a log in columns: what the readers of formats answer and `staging` turns into records."""

import sys
from collections.abc import Callable, Iterable
from functools import cache
from typing import TYPE_CHECKING, NamedTuple, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from crawlight.ingest.importers.format import FORWARDED

if TYPE_CHECKING:
    from importlib.abc import MetaPathFinder

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
    ``clients`` are texts that begin with the addresses told of a visitor, and ``behind`` fields that may be a list of
    more, all together as `chains` makes them. ``reasons`` say why a line is no request, mostly the
    empty value; ``texts`` hold such lines, and are missing where there are none. ``hosts`` are missing where
    the format has none. ``sizes`` are in bytes and ``times`` in milliseconds, 0 where none was told and -1 where it
    cannot be read (`measures`); missing where the format has none.
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
    behind: tuple[pa.Array, ...] = ()
    sizes: Numbers | None = None
    times: Numbers | None = None

    def only(self, rows: Mask) -> "Lines":
        """Some of the lines."""

        def chosen(column: object) -> object:
            if isinstance(column, Coded):
                return Coded(column.values, column.codes[rows])
            if isinstance(column, pa.Array):
                return column.filter(pa.array(rows))
            if isinstance(column, tuple):
                return tuple(map(chosen, column))
            return None if column is None else column[rows]  # type: ignore[index]

        return Lines(*map(chosen, self))  # type: ignore[arg-type]


class _NoPandas:
    """Finds no module, and no pandas either."""

    @staticmethod
    def find_spec(name: str, *_: object) -> None:
        if name == "pandas":
            raise ModuleNotFoundError(name)


@cache
def leave_out_pandas() -> None:
    """Have pyarrow work without pandas, for which it looks when it converts something for the first time.

    Nothing here needs pandas, and to import it takes as long as to read 200 MB of a log.
    """
    finder = cast("MetaPathFinder", _NoPandas)
    sys.meta_path.insert(0, finder)
    try:
        pa.array(np.zeros(1)).equals(pa.array([0]))
    finally:
        sys.meta_path.remove(finder)


def coded(column: pa.ChunkedArray) -> Coded:
    """A column of bytes by its distinct values."""
    encoded = one(column.dictionary_encode())
    codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    return Coded(encoded.dictionary.to_pylist(), codes)


def one(column: pa.ChunkedArray) -> pa.Array:
    """The pieces of a column as one array."""
    whole = column.combine_chunks()
    return whole.combine_chunks() if isinstance(whole, pa.ChunkedArray) else whole


def measured(column: Coded, read: Callable[[bytes], int]) -> Numbers:
    """A column of texts as numbers, each distinct text read once; 0 where there is none."""
    values: Numbers = np.array([*map(read, column.values), 0], np.int64)
    return values[column.codes]


def words(values: Iterable[str], codes: Numbers) -> pa.DictionaryArray:
    """A column of texts; ``values`` may hold a text more than once."""
    texts = list(values)
    places = {text: place for place, text in enumerate(dict.fromkeys(texts))}
    place_of = np.array([places[text] for text in texts], np.int32)
    return pa.DictionaryArray.from_arrays(pa.array(place_of[codes]), pa.array(list(places), pa.string()))


def chains(lines: Lines, rows: Numbers) -> Coded:
    """What some lines say of whose requests they were, as `bots.visitors.visitor_of` takes it.

    Of the clients' texts that is the first word, or several with commas between them; before it goes the first of the
    fields behind that is a list of addresses.
    """
    places = pa.array(rows)
    together = pc.replace_substring_regex(lines.clients.take(places), pattern=b", +", replacement=b",")
    told = pc.list_element(pc.split_pattern(together, b" ", max_splits=1), 0)
    if lines.behind:
        forwarded = pa.scalar(b"", pa.binary())
        for fields in reversed(lines.behind):
            some = fields.take(places)
            forwarded = pc.if_else(pc.match_substring_regex(some, FORWARDED), some, forwarded)
        told = pc.binary_join_element_wise(forwarded, told, b",")
    return coded(pa.chunked_array([told]))
