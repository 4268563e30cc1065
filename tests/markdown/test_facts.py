"""What JSON-LD says is told as text."""

import json
from typing import Any

import pytest

from crawlight.markdown.facts import HEADING
from crawlight.markdown.page import to_markdown
from tests.markdown.truth import HERE, URL, truth


def told(*blocks: Any, body: str = "") -> str:
    scripts = "".join(
        f'<script type="application/ld+json">{one if isinstance(one, str) else json.dumps(one)}</script>'
        for one in blocks
    )
    return (
        to_markdown(f"<head>{scripts}</head><body>{body}</body>", URL)
        .text.partition(f"{HEADING}\n\n")[2]
        .strip()
    )


@pytest.mark.parametrize(
    ("page", "facts"),
    [
        (
            "product",
            [
                "**Product**",
                "- Price: 64.90 EUR, in stock",
                "- Rating: 4.7 (132 reviews)",
            ],
        ),
        (
            "article",
            [
                "- Published: 2026-03-14T08:00:00+00:00",
                "- Publisher: The Kitchen Review",
                "- Telephone: +44 20 7946 0000",
            ],
        ),
        (
            "event",
            ["- Start: 2026-09-12T18:00+02:00", "- Place: Iron Museum, 12 Forge Lane, 4400, Steyr, AT"],
        ),
        ("recipe", ["- Preparation: 8 min", "- Nutrition: 231 kcal"]),
        ("job", ["- Salary: 48000–60000 EUR per year", "- Employer: Boil & Co"]),
        ("restaurant", ["- Opening hours: Tu-Sa 12:00-22:00, Su 12:00-17:00"]),
        ("landing", ["**Organization**", "- Contact: +43 1 234"]),
        ("property", ["- Rooms: 3", "- Floor size: 74 MTK"]),
    ],
)
def test_of_real_pages(page: str, facts: list[str]) -> None:
    text = to_markdown(truth(HERE / "pages" / f"{page}.html").html, URL).text
    for fact in facts:
        assert fact in text.partition(HEADING)[2].split("\n")


def test_questions_are_told_where_the_page_does_not_show_them() -> None:
    question = {
        "@type": "Question",
        "name": "Why?",
        "acceptedAnswer": {"@type": "Answer", "text": "<p>So &amp; <b>so</b>.</p>"},
    }
    faq = {"@context": "https://schema.org", "@type": "FAQPage", "mainEntity": [question]}
    assert told(faq) == "**Why?**\n\nSo & so."
    assert told(faq, body="<h2>Why?</h2><p>So.</p>") == ""
    assert told({"@type": "WebPage", "mainEntity": faq}) == "**Why?**\n\nSo & so."


def test_prices_of_several_offers_and_of_spans() -> None:
    offers = [
        {"price": 5, "priceCurrency": "EUR"},
        {"priceSpecification": {"price": "6", "priceCurrency": "USD"}},
    ]
    assert (
        told({"@type": "Product", "name": "A", "offers": offers}) == "**Product: A**\n\n- Price: 5 EUR; 6 USD"
    )
    span = {"@type": "AggregateOffer", "lowPrice": 5, "highPrice": 7.5, "priceCurrency": "EUR"}
    assert told({"@type": "Product", "offers": span}) == "**Product**\n\n- Price: 5–7.5 EUR"


def test_what_is_named_by_id_is_told_where_it_is_named() -> None:
    graph = [
        {"@id": "#o", "@type": "Organization", "name": "Org"},
        {"@type": "Article", "publisher": {"@id": "#o"}},
    ]
    assert told({"@graph": graph}) == "**Article**\n\n- Publisher: Org"


@pytest.mark.parametrize(
    "block",
    [
        "{",
        "null",
        "[]",
        "3",
        '"x"',
        '{"@type": 3}',
        '{"@type": "Product", "offers": 3, "brand": null}',
        '{"@type": ["Product", null], "name": {}, "aggregateRating": []}',
        '{"@graph": {"@graph": [[]]}}',
        '{"@type": "FAQPage", "mainEntity": [null, 3, {"name": 3}]}',
        '{"@type": "FAQPage"}',
        '{"@type": "Product", "brand": ' + '{"name": ' * 900 + "1" + "}" * 901,
        '{"@type": "Product", "brand": ' + "[" * 900 + "]" * 900 + "}",
        "[" * 100_000,
        '{"@type":"Recipe","totalTime":"PT","cookTime":"P","offers":[[]],"recipeYield":[true]}',
        '{"@type": "BreadcrumbList", "itemListElement": [{"name": "Home"}]}',
    ],
    ids=lambda block: block[:30],
)
def test_what_says_nothing_is_not_told(block: str) -> None:
    assert told(block) == ""


def test_no_value_ends_its_line() -> None:
    product = {"@type": "Product", "name": "A\n# B", "sku": "1\n- Price: 0", "brand": "x" * 100_000}
    lines = told(product).split("\n")
    assert lines[0] == "**Product: A # B**"
    assert all(len(line) < 400 for line in lines)
    assert "- SKU: 1 - Price: 0" in lines
