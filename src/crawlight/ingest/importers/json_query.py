"""The query that reads records of JSON: one extraction of all places that are wanted, by their types."""

from collections.abc import Iterable
from typing import Final

import msgspec

from crawlight.ingest.importers.json_records import First, Key, Paired, Place, Step

# Servers leave bytes that are no UTF-8 as they are, and no JSON may hold them: they go percent-encoded, which is what
# they are in a canonical path. The engine does it for the lines that need it, and for no other.
_OCTET: Final = "substring(line, number, 1)"
VALID: Final = f"""if(isValidUTF8(line), line, arrayStringConcat(arrayMap(
    number -> if({_OCTET} < '\\x80', {_OCTET}, concat('%', hex({_OCTET}))), range(1, length(line) + 1))))"""


class _Node(msgspec.Struct):
    """Some places with the same start, in the order of their first steps."""

    steps: dict[Step, "_Node"] = msgspec.field(default_factory=dict)


class Extraction:
    """Places that are extracted together."""

    def __init__(self, places: Iterable[Place]) -> None:
        self._root = _Node()
        for place in places:
            node = self._root
            for step in place:
                node = node.steps.setdefault(step, _Node())

    def type(self) -> str:
        """The engine's type of a whole record, as it stands in a text of SQL."""
        return _type(self._root).replace("\\", "\\\\").replace("'", "\\'")

    def value(self, place: Place) -> str:
        """SQL: the Nullable(String) of a place in ``entry``, which has this type."""
        node, sql = self._root, "entry"
        for step in place:
            if isinstance(step, Key):
                number = [one for one in node.steps if isinstance(one, Key)].index(step) + 1
                sql = f"tupleElement({sql}, {number})"
            elif isinstance(step, First):
                sql = f"{sql}[1]"
            else:
                sql = _paired(sql, step)
            node = node.steps[step]
        return _text_of(node, sql)


def _text_of(node: _Node, sql: str) -> str:
    """SQL: a place as a text, also where it is extracted as something else for the places after it."""
    if not node.steps:
        return sql
    return f"{sql}[1]" if _type(node) == "Array(Nullable(String))" else "CAST(NULL, 'Nullable(String)')"


def _paired(sql: str, step: Paired) -> str:
    name, value = ("pair.1", ".2") if step.name else ("pair[1]", "[2]")
    found = f"arrayFirst(pair -> lower({name}) = '{step.header}', {sql}){value}"
    return f"nullIf({found}, '')"


def _type(node: _Node) -> str:
    """A place is extracted as what most places after it need: an object, a list, or a text."""
    keys = [(step, inner) for step, inner in node.steps.items() if isinstance(step, Key)]
    if keys:
        return f"Tuple({', '.join(f'`{step.name}` {_type(inner)}' for step, inner in keys)})"
    for step in node.steps:
        if isinstance(step, First):
            return "Array(Nullable(String))"
        if isinstance(step, Paired):
            pair = f"Tuple(`{step.name}` String, `{step.value}` String)" if step.name else "Array(String)"
            return f"Array({pair})"
    return "Nullable(String)"
