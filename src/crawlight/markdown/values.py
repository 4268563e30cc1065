"""Values of JSON-LD as a person would say them."""

import re
from typing import Any, Final

from selectolax.lexbor import LexborHTMLParser

from crawlight.audit.text import bounded
from crawlight.markdown.tree import build

LONGEST: Final = 300
_MOST: Final = 12
_DURATION: Final = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:\d+(?:\.\d+)?S)?)?", re.IGNORECASE)
_ENUMERATION: Final = re.compile(r"https?://schema\.org/([A-Za-z]+)/?")
_ADDRESS: Final = ("streetAddress", "postalCode", "addressLocality", "addressRegion", "addressCountry")
_NAMES: Final = ("name", "headline", "telephone", "email", "url", "calories", "text", "@id")


def said(value: Any, longest: int = LONGEST) -> str:
    """A value as text of one line; empty where it says nothing."""
    if isinstance(value, bool) or value is None:
        return ""
    if isinstance(value, str):
        return _text(value, longest)
    if isinstance(value, int | float):
        return f"{value:g}" if isinstance(value, float) and value < 1e6 else str(value)
    if isinstance(value, list):
        return bounded(", ".join(dict.fromkeys(filter(None, map(said, value[:_MOST])))), longest)
    return _object(value, longest) if isinstance(value, dict) else ""


def price(value: Any) -> str:
    """Offers as prices with their currency, and whether the thing can be had."""
    offers = value if isinstance(value, list) else [value]
    return bounded("; ".join(dict.fromkeys(filter(None, map(_offer, offers[:_MOST])))), LONGEST)


def rating(value: Any) -> str:
    """A rating with how many gave it."""
    if not isinstance(value, dict) or not (stars := said(value.get("ratingValue"))):
        return ""
    best = said(value.get("bestRating"))
    count, noun = said(value.get("reviewCount")), "reviews"
    if not count:
        count, noun = said(value.get("ratingCount")), "ratings"
    return f"{stars}{f' of {best}' if best else ''}{f' ({count} {noun})' if count else ''}"


def duration(value: Any) -> str:
    """An ISO 8601 duration in days, hours and minutes."""
    match = _DURATION.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        return said(value)
    parts = [
        f"{int(one[:6])} {unit}" for one, unit in zip(match.groups(), ("d", "h", "min"), strict=True) if one
    ]
    return " ".join(parts)


def _text(text: str, longest: int) -> str:
    if found := _ENUMERATION.fullmatch(text.strip()):
        return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", found[1]).lower()
    if "<" in text or "&" in text:
        text = build(LexborHTMLParser(text[: longest * 10])).text()
    return bounded(" ".join(text.split()), longest)


def _object(value: dict[str, Any], longest: int) -> str:
    if any(name in value for name in _ADDRESS):
        return bounded(", ".join(filter(None, (said(value.get(name)) for name in _ADDRESS))), longest)
    if "currency" in value or "unitText" in value or "unitCode" in value or "minValue" in value:
        return _quantity(value)
    if "opens" in value or "dayOfWeek" in value:
        return (
            f"{said(value.get('dayOfWeek'))} {said(value.get('opens'))}–{said(value.get('closes'))}".strip()
        )
    name = next((text for one in _NAMES if (text := said(value.get(one), longest))), "")
    address = said(value.get("address"))
    return bounded(", ".join(filter(None, (name, address))), longest)


def _quantity(value: dict[str, Any]) -> str:
    inner = value.get("value")
    span = "–".join(filter(None, (said(value.get("minValue")), said(value.get("maxValue")))))
    amount = (
        _quantity({**inner, "currency": value.get("currency")})
        if isinstance(inner, dict)
        else said(inner) or span
    )
    if isinstance(inner, dict) or not amount:
        return amount
    unit = said(value.get("unitText") or value.get("unitCode"))
    currency = said(value.get("currency"))
    return " ".join(filter(None, (amount, currency, f"per {unit.lower()}" if unit and currency else unit)))


def _offer(offer: Any) -> str:
    if not isinstance(offer, dict):
        return ""
    given = offer.get("priceSpecification")
    first = given[0] if isinstance(given, list) and given else given
    terms = {**first, **offer} if isinstance(first, dict) else offer
    span = "–".join(filter(None, (said(terms.get("lowPrice")), said(terms.get("highPrice")))))
    amount = said(terms.get("price")) or span
    cost = f"{amount} {said(terms.get('priceCurrency'))}".strip() if amount else ""
    return ", ".join(filter(None, (said(offer.get("name")), cost, said(offer.get("availability")))))
