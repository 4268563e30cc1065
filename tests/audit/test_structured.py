import json
from typing import Any

import pytest

from crawlight.audit.structured import StructuredData

OFFER = {"@type": "Offer", "price": 1}
STARS = {"ratingValue": 1}
CRUMB = {"@type": "ListItem", "position": 1, "name": "Shop", "item": "https://example.com/"}


def missing(*nodes: Any) -> list[str]:
    return StructuredData([json.dumps(node) for node in nodes]).missing


@pytest.mark.parametrize(
    ("node", "lacking"),
    [
        ({"@type": "Product"}, "Product: name; offers or review or aggregateRating"),
        ({"@type": "Product", "name": "Kettle", "offers": {"@type": "Offer"}}, "Offer: price or"),
        ({"@type": "https://schema.org/Product", "name": "K", "offers": []}, "Product “K”: offers or"),
        ({"@type": ["Product", "Thing"], "name": "", "offers": OFFER}, "Product: name"),
        ({"@type": "Recipe", "name": "Soup"}, "Recipe “Soup”: image"),
        ({"@type": "MusicEvent", "name": "Song", "startDate": "2026-01-01"}, "MusicEvent “Song”: location"),
        ({"@type": "Restaurant", "name": "Inn"}, "Restaurant “Inn”: address"),
        ({"@type": "VideoObject", "name": "V", "thumbnailUrl": "x"}, "VideoObject “V”: uploadDate"),
        ({"@type": "QAPage", "mainEntity": [{"name": "Q"}]}, "QAPage: mainEntity.answerCount"),
        ({"@type": "WebSite", "url": "https://example.com"}, "WebSite: name"),
        ({"@type": "BreadcrumbList"}, "BreadcrumbList: itemListElement"),
        ({"@type": "BreadcrumbList", "itemListElement": [{"@type": "ListItem"}, CRUMB]}, "BreadcrumbList: itemList"),
        ({"@type": "Review", "author": "A", "reviewRating": {"ratingValue": 1}}, "Review: itemReviewed"),
        ({"@type": "JobPosting", "title": "Cook"}, "JobPosting: description; datePosted"),
        ({"@graph": [{"@type": "WebSite", "name": "A"}]}, "WebSite “A”: url"),
        ([{"@type": "Movie", "name": "A"}], "Movie “A”: image"),
        ({"@type": "Article", "video": {"@type": "VideoObject"}}, "VideoObject: name"),
    ],
)  # fmt: skip
def test_what_is_missing_is_named(node: Any, lacking: str) -> None:
    found = missing(node)
    assert len(found) == 1
    assert found[0].startswith(lacking)


@pytest.mark.parametrize(
    "node",
    [
        {"@type": "Article"},
        {"@type": "FAQPage"},
        {"@type": "Organization", "@context": {"@type": "x"}},
        {"@type": "Product", "name": "K", "offers": OFFER},
        {"@type": "Product", "name": "K", "review": {"@type": "Review", "author": "A", "reviewRating": STARS}},
        {"@type": "Review", "author": "A", "reviewRating": STARS, "itemReviewed": {"@type": "Product"}},
        {"@graph": [{"@type": "Product", "@id": "#p", "name": "K", "offers": {"@id": "#o"}}, {"@id": "#o", **OFFER}]},
        {"@type": "Event", "@id": "https://example.com/#event"},
        {"@type": "BreadcrumbList", "itemListElement": [CRUMB, {"position": 2, "item": {"name": "Here"}}]},
        {"@type": 7}, {"@type": []}, {"@type": None}, {"@type": {"@type": []}}, 1, None, "text", [], {}, [[[[]]]],
    ],
)  # fmt: skip
def test_what_is_complete_lacks_nothing(node: Any) -> None:
    assert missing(node) == []


def test_blocks_that_do_not_parse_are_told_and_the_others_read() -> None:
    data = StructuredData(['{"@type": "Movie",}', "", '{"@type": "WebSite", "name": "A"}', "[" * 100_000])
    assert len(data.errors) == 2
    assert '{"@type": "Movie",}' in data.errors[0]
    assert all(len(error) <= 200 for error in data.errors)
    assert data.missing == ["WebSite “A”: url"]


def test_as_many_nodes_as_there_are_do_not_take_forever() -> None:
    data = StructuredData([json.dumps([{"@type": "Product"}] * 50_000)])
    assert len(data.missing) < 2_100
