"""JSON-LD of a page: whether it parses, and what Google requires of the common types."""

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from crawlight.audit.schema_org import NESTED_ONLY, REQUIRED, TYPES, Choice
from crawlight.audit.text import MAX_TEXT, bounded

_MOST_NODES: Final = 2_000
"""Nodes of a page that are looked at."""

Node = dict[str, Any]


class StructuredData:
    """The blocks of JSON-LD of one page.

    ``errors`` are of blocks that do not parse, ``unread`` of such as search engines find nothing in, ``missing`` of
    nodes.
    """

    def __init__(self, blocks: list[str]) -> None:
        self.errors: list[str] = []
        self.missing: list[str] = []
        self.unread: list[str] = []
        roots = [root for block in blocks if block.strip() for root in self._parsed(block)]
        self.unread += [bounded(reason) for root in roots[:_MOST_NODES] if (reason := _unread(root))]
        nodes = list(_nodes(roots))
        known = {node["@id"]: node for node, _ in nodes if isinstance(node.get("@id"), str) and len(node) > 1}
        for node, parent in nodes:
            if not _is_reference(node):
                self.missing += _missing(node, parent, known)

    def _parsed(self, block: str) -> list[Any]:
        try:
            root = msgspec.json.decode(block)
        except (msgspec.DecodeError, RecursionError) as error:
            reason = str(error) if isinstance(error, msgspec.DecodeError) else "nested too deeply"
            self.errors.append(bounded(f"{reason}: {bounded(block, 80)}", MAX_TEXT))
            return []
        return root if isinstance(root, list) else [root]


def _unread(root: Any) -> str:
    """Why nothing of a block is read: terms without a vocabulary mean nothing, and what has no type is nothing."""
    if not isinstance(root, dict):
        return f"No object: {msgspec.json.encode(root)[:80].decode('utf-8', 'ignore')}"
    if "@context" not in root:
        return f"No @context: {msgspec.json.encode(root)[:80].decode('utf-8', 'ignore')}"
    if not ("@type" in root or "@graph" in root or _is_reference(root)):
        return f"No @type: {msgspec.json.encode(root)[:80].decode('utf-8', 'ignore')}"
    return ""


def _nodes(roots: list[Any]) -> Iterator[tuple[Node, str]]:
    """Every object with a type, with the property that it is the value of (empty at the top)."""
    waiting = [(root, "") for root in reversed(roots)]
    seen = 0
    while waiting and seen < _MOST_NODES:
        value, parent = waiting.pop()
        seen += 1
        if isinstance(value, list):
            waiting.extend((one, parent) for one in reversed(value[:_MOST_NODES]))
        elif isinstance(value, dict):
            if "@type" in value:
                yield value, parent
            inner = "" if "@graph" in value else None
            waiting.extend(
                (one, name if inner is None else inner)
                for name, one in reversed(value.items())
                if isinstance(one, dict | list) and name != "@context"
            )


def _missing(node: Node, parent: str, known: dict[str, Node]) -> Iterator[str]:
    """Sentences such as ``Product “Anvil”: offers, review or aggregateRating``."""
    for name in _types(node):
        kind = TYPES.get(name, name)
        if parent and kind in NESTED_ONLY.get(parent, ()):
            continue
        lacking = [
            " or ".join(choice) for choice in REQUIRED.get(kind, ()) if _lacks(node, choice, parent, known)
        ]
        if kind == "BreadcrumbList":
            lacking += _crumbs(node)
        if lacking:
            title = node.get("name") or node.get("headline")
            label = f" “{bounded(title, 40)}”" if isinstance(title, str) else ""
            yield f"{bounded(name, 40)}{label}: {'; '.join(lacking)}"
            return


def _types(node: Node) -> list[str]:
    """Names of types, without schema.org in front."""
    types = node["@type"]
    listed = types if isinstance(types, list) else [types]
    return [one.rpartition("/")[2].rpartition(":")[2] for one in listed[:10] if isinstance(one, str)]


def _lacks(node: Node, choice: Choice, parent: str, known: dict[str, Node]) -> bool:
    """Whether a node has none of some properties, one of which it needs."""
    for path in choice:
        if _has(node, path, known):
            return False
    return not (parent and choice[0] == "itemReviewed")


def _has(node: Node, path: str, known: dict[str, Node]) -> bool:
    """Whether a property has a value; a dotted path goes down, into the first of several."""
    name, _, rest = path.partition(".")
    value = node.get(name)
    if isinstance(value, list):
        value = next((one for one in value if not _is_empty(one)), None)
    if _is_empty(value) or (isinstance(value, str) and not value.strip()):
        return False
    if not rest:
        return True
    if isinstance(value, dict):
        if _is_reference(value):
            value = known.get(str(value.get("@id")), {})
            return not value or _has(value, rest, known)
        return _has(value, rest, known)
    return False


def _is_empty(value: Any) -> bool:
    return value is None or (not value and isinstance(value, str | dict | list))


def _is_reference(node: Node) -> bool:
    """Whether a node only names another one, here or on another page."""
    return "@id" in node and not set(node) - {"@id", "@type"}


def _crumbs(node: Node) -> list[str]:
    """What the entries of a breadcrumb lack: all a position and a name, all but the last an address."""
    items = node.get("itemListElement")
    listed = items if isinstance(items, list) else [items] if items else []
    lacking: dict[str, None] = {}
    for place, item in enumerate(listed[:100]):
        if not isinstance(item, dict):
            continue
        target = item.get("item")
        if item.get("position") in (None, ""):
            lacking["itemListElement.position"] = None
        if not item.get("name") and not (isinstance(target, dict) and target.get("name")):
            lacking["itemListElement.name"] = None
        if place < len(listed) - 1 and not target:
            lacking["itemListElement.item"] = None
    return list(lacking)
