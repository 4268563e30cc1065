"""What a page says in JSON-LD, as text: prices, dates, addresses, questions and answers."""

import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, Final

import msgspec
from selectolax.lexbor import LexborHTMLParser

from crawlight.audit.text import bounded
from crawlight.markdown.values import duration, price, rating, said

Node = dict[str, Any]

HEADING: Final = "## Structured data"
_MOST_BLOCKS: Final = 50
_MOST_NODES: Final = 500
_MOST_TOLD: Final = 30
_MOST_QUESTIONS: Final = 200
_LONGEST_ANSWER: Final = 5_000

# Of these, a reader has everything from the page itself, or it is about the site and not about the page.
_ALREADY_SAID = """
BreadcrumbList WebSite WebPage ItemPage CollectionPage AboutPage ContactPage SearchResultsPage ItemList ListItem
ImageObject VideoObject SearchAction ReadAction SiteNavigationElement WPHeader WPFooter SpeakableSpecification Comment
"""
_SKIPPED: Final = frozenset(_ALREADY_SAID.split())

_PROPERTIES: Final = {
    "author": "Author",
    "publisher": "Publisher",
    "datePublished": "Published",
    "dateModified": "Modified",
    "brand": "Brand",
    "sku": "SKU",
    "mpn": "MPN",
    "gtin": "GTIN",
    "gtin13": "GTIN",
    "color": "Color",
    "material": "Material",
    "offers": "Price",
    "aggregateRating": "Rating",
    "startDate": "Start",
    "endDate": "End",
    "eventStatus": "Status",
    "eventAttendanceMode": "Attendance",
    "location": "Place",
    "organizer": "Organizer",
    "performer": "Performer",
    "prepTime": "Preparation",
    "cookTime": "Cooking",
    "totalTime": "Total time",
    "recipeYield": "Yield",
    "nutrition": "Nutrition",
    "datePosted": "Posted",
    "validThrough": "Valid through",
    "employmentType": "Employment",
    "hiringOrganization": "Employer",
    "jobLocation": "Place of work",
    "baseSalary": "Salary",
    "numberOfRooms": "Rooms",
    "floorSize": "Floor size",
    "applicationCategory": "Category",
    "operatingSystem": "Operating system",
    "softwareVersion": "Version",
    "telephone": "Telephone",
    "email": "Email",
    "contactPoint": "Contact",
    "address": "Address",
    "openingHours": "Opening hours",
    "openingHoursSpecification": "Opening hours",
    "priceRange": "Price range",
    "servesCuisine": "Cuisine",
    "url": "Website",
    "sameAs": "Elsewhere",
}
"""Properties that are told, in this order, and what they are called."""

_OF_SITES: Final = frozenset({"url", "sameAs"})
"""Told of organisations only: of others it is the page itself."""
_SPECIAL: Final = {
    "offers": price,
    "aggregateRating": rating,
    "prepTime": duration,
    "cookTime": duration,
    "totalTime": duration,
}
_ORGANISATION: Final = re.compile(r"Organization$|Business$|Corporation$|Store$|Restaurant$|Hotel$")


class Facts(msgspec.Struct, frozen=True):
    """What JSON-LD says of a page: ISO dates as they are written, and what is told as text."""

    published: str = ""
    modified: str = ""
    nodes: tuple[Node, ...] = ()


def read_facts(tree: LexborHTMLParser) -> Facts:
    """The facts of a page; blocks that do not parse are left out."""
    scripts = tree.css('script[type="application/ld+json"]')[:_MOST_BLOCKS]
    nodes = tuple(_resolved(list(_nodes([_parsed(script.text()) for script in scripts]))))
    return Facts(_first(nodes, "datePublished"), _first(nodes, "dateModified"), nodes)


def written(facts: Facts, body: str) -> str:
    """The facts as markdown, without what the body says already; empty where there is nothing to tell."""
    blocks: list[str] = []
    for node in facts.nodes[:_MOST_TOLD]:
        with suppress(RecursionError):  # Objects in objects in objects: of these, nothing is told.
            blocks += _questions(node, body) if _is_asked(node) else _told(node, body)
    return "\n\n".join([HEADING, *dict.fromkeys(blocks)]) if blocks else ""


def _parsed(block: str) -> Any:
    try:
        return msgspec.json.decode(block)
    except (msgspec.DecodeError, RecursionError):
        return None


def _nodes(roots: list[Any]) -> Iterator[Node]:
    """The objects at the top, those of graphs and lists, and what pages are about."""
    waiting = list(reversed(roots))
    seen = 0
    while waiting and seen < _MOST_NODES:
        value = waiting.pop()
        seen += 1
        if isinstance(value, list):
            waiting.extend(reversed(value[:_MOST_NODES]))
        elif isinstance(value, dict):
            if "@type" in value:
                yield value
            inner = [value.get("@graph"), value.get("mainEntity") if not _is_asked(value) else None]
            waiting.extend(one for one in inner if one is not None)


def _resolved(nodes: list[Node]) -> Iterator[Node]:
    """The same with the objects that they name by id in the place of the names."""
    known = {str(node["@id"]): node for node in nodes if "@id" in node and len(node) > 2}
    for node in nodes:
        yield {name: _named(value, known) for name, value in node.items()}


def _named(value: Any, known: dict[str, Node]) -> Any:
    if isinstance(value, dict) and not set(value) - {"@id", "@type"}:
        return known.get(str(value.get("@id")), value)
    return value


def _kinds(node: Node) -> list[str]:
    kinds = node.get("@type")
    listed = kinds if isinstance(kinds, list) else [kinds]
    return [one.rpartition("/")[2].rpartition(":")[2] for one in listed[:5] if isinstance(one, str)]


def _is_asked(node: Node) -> bool:
    return any(kind in ("FAQPage", "QAPage") for kind in _kinds(node))


def _told(node: Node, body: str) -> list[str]:
    """What a node says, below its kind, and its name where that cannot be read on the page."""
    kinds = _kinds(node)
    if not kinds or any(kind in _SKIPPED for kind in kinds):
        return []
    of_site = any(map(_ORGANISATION.search, kinds))
    lines: dict[str, None] = {}
    for name, label in _PROPERTIES.items():
        if name in node and (of_site or name not in _OF_SITES):
            text = _SPECIAL.get(name, said)(node[name])
            if text:
                lines[f"- {label}: {text}"] = None
    if not lines:
        return []
    name = said(node.get("name") or node.get("headline") or node.get("title"))
    kind = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", kinds[0])
    return [f"**{bounded(kind, 60)}{f': {name}' if name and name not in body else ''}**", "\n".join(lines)]


def _questions(node: Node, body: str) -> list[str]:
    """Questions and answers that cannot be read on the page."""
    asked = node.get("mainEntity")
    listed = asked if isinstance(asked, list) else [asked]
    blocks: list[str] = []
    for question in listed[:_MOST_QUESTIONS]:
        if isinstance(question, dict) and (name := said(question.get("name"))) and name not in body:
            answer = _answer(question)
            blocks += [f"**{name}**", answer] if answer else []
    return blocks


def _answer(question: Node) -> str:
    answer = question.get("acceptedAnswer") or question.get("suggestedAnswer")
    first = answer[0] if isinstance(answer, list) and answer else answer
    return said(first.get("text"), _LONGEST_ANSWER) if isinstance(first, dict) else ""


def _first(nodes: tuple[Node, ...], name: str) -> str:
    return next((value for node in nodes if isinstance(value := node.get(name), str) and value), "")[:40]
