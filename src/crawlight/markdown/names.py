"""What classes, ids and tags call the parts of a page that are none of its content."""

import re
from enum import Enum
from functools import lru_cache
from typing import Final

_PIECE: Final = re.compile(r"[^A-Za-z0-9]+")
_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_LONGEST: Final = 500

_OF_OVERLAYS = """
cookie cookies consent gdpr cmp modal popup lightbox toast snackbar tooltip newsletter newsletters subscribe
subscription signup optin respond skiplink editsection paywall interstitial
"""
_OVERLAYS: Final = frozenset(_OF_OVERLAYS.split())
"""What says something of its own, in sentences: it is left out with all that it says."""

_LEADING_ELSEWHERE = """
breadcrumb breadcrumbs crumb crumbs topicpath share sharing sharer sharebar social socials sns related recommended
recommendation recommendations suggested suggestions similar upsell upsells crosssell pagination paginate paginator
pager toc catlinks navbox skip jump trending popular sponsored sponsor promo advert advertisement advertising ads
toolbar teilen anzeige werbung publicidad announcement pagenav postnav prevnext siblings backlink filters facets
"""
_ELSEWHERE: Final = frozenset(_LEADING_ELSEWHERE.split())
"""What leads elsewhere, where it is links for the most part or says next to nothing."""

_OF_FRAMES = """
nav navi navbar navigation gnav menu menubar sidebar sidenav sidemenu side rail topbar appbar masthead header
banner drawer offcanvas switcher dropdown portlet
"""
_FRAME: Final = frozenset(_OF_FRAMES.split())
"""What stands around the content, where it is links to a good part."""

_FEET: Final = frozenset(
    {"footer", "fuss", "fusszeile", "foot", "colophon", "subfooter", "pagefooter", "sitefooter"}
)
"""What stands below the content."""

_OF_PARTS = "card cards table box panel item list tile modal block quote comment post entry"
_PARTS: Final = frozenset(_OF_PARTS.split())
"""A foot or a header of these is no page's."""

_OF_ADVERTS: Final = frozenset({"slot", "unit", "banner", "container", "wrapper"})
"""What else a place for advertisements is called."""

_PHRASES: Final = (
    "related",
    "you may also",
    "you might also",
    "read next",
    "read more",
    "more from",
    "more like this",
    "recommended",
    "similar",
    "customers also",
    "customers who",
    "frequently bought",
    "people also",
    "others also",
    "more events",
    "lesen sie auch",
    "kunden kauften",
    "wird oft zusammen",
    "most read",
    "most popular",
    "popular posts",
    "recent posts",
    "latest posts",
    "on this page",
    "in this article",
    "table of contents",
    "contents",
    "share this",
    "das könnte",
    "ähnliche",
    "mehr zum thema",
    "weitere artikel",
    "auf dieser seite",
    "inhaltsverzeichnis",
    "à lire aussi",
    "articles similaires",
    "también te puede",
    "artículos relacionados",
    "potrebbe interessarti",
    "leia também",
    "関連記事",
    "人気記事",
    "مواضيع ذات صلة",
)


class Kind(Enum):
    """What the names of a part say that it is."""

    UNSAID = 0
    OVERLAY = 1
    ELSEWHERE = 2
    FOOT = 3
    ADVERT = 4
    FRAME = 5


@lru_cache(maxsize=4096)
def kind_of(names: str) -> Kind:
    """What the names of a part, with spaces between, say that it is."""
    words = _words_of(names)
    if not words.isdisjoint(_OVERLAYS):
        return Kind.OVERLAY
    if not words.isdisjoint(_ELSEWHERE):
        return Kind.ELSEWHERE
    of_part = not words.isdisjoint(_PARTS)
    if not of_part and not words.isdisjoint(_FEET):
        return Kind.FOOT
    if "ad" in words and not words.isdisjoint(_OF_ADVERTS):
        return Kind.ADVERT
    return Kind.FRAME if not of_part and not words.isdisjoint(_FRAME) else Kind.UNSAID


def _words_of(names: str) -> frozenset[str]:
    """The words that classes and ids are made of. Generated ones, with digits in them, are none."""
    pieces = [piece for piece in _PIECE.split(names[:_LONGEST]) if not any(map(str.isdigit, piece))]
    found = {word.lower() for piece in pieces for word in _WORD.findall(piece)}
    found.update(piece.lower() for piece in pieces)
    if "table-of-contents" in names or "tableOfContents" in names:
        found.add("toc")
    return frozenset(found)


def leads_elsewhere(heading: str) -> bool:
    """Whether a heading says that what follows leads elsewhere."""
    lower = heading.lower()
    return len(lower) < 60 and lower.startswith(_PHRASES)
