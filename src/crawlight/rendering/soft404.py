"""Soft 404s: the app answers 200, and says to a reader that there is no such page.

https://developers.google.com/search/docs/crawling-indexing/troubleshoot-crawling-errors#soft-404-errors
"""

import re
from collections.abc import Iterable
from typing import Final

import msgspec

_PHRASES: Final = r"""
not found|no longer (?:available|exists)|(?:can.?t|cannot|can not|could ?n.?t|could not|unable to) (?:be )?f(?:i|ou)nd
does(?: not|n.?t) exist|page (?:is )?(?:missing|unavailable)|no such page|nothing (?:was )?found here|lost your way
nicht gefunden|existiert nicht|nicht (?:mehr )?verf[üu]gbar|nicht vorhanden
introuvable|n.existe (?:pas|plus)|pas (?:été )?trouvée?|n.est plus disponible
no (?:se )?(?:ha sido )?(?:encontr(?:ad[ao]|amos|ó)|existe)|p[áa]gina no disponible
n[ãa]o (?:foi )?encontrad[ao]|n[ãa]o existe|n[ãa]o est[áa] (?:mais )?dispon[íi]vel
non (?:è stata )?trovat[ao]|non esiste|non (?:è )?(?:più )?disponibile
niet gevonden|bestaat niet|niet (?:meer )?beschikbaar
hittades inte|finns inte|ikke funnet|finnes ikke|ikke fundet|findes ikke|ei löy[dt]\w+|ei ole olemassa
nie (?:została )?znalezion[oay]|nie istnieje|nenalezena|neexistuje|nebyla nalezena|nenájden[áé]
nem található|nem létezik|nu (?:a fost )?găsit[ăa]?|nu există|не е намерена|не съществува
не найдена?о?|не существует|не знайден[оа]|не існує|nije pronađena|ne postoji|ni bilo mogoče najti
bulunamadı|mevcut değil|δεν βρέθηκε|δεν υπάρχει|לא נמצא|אינו קיים|غير موجودة?|لم يتم العثور|یافت نشد
नहीं मिला|मौजूद नहीं|পাওয়া যায়নি|ไม่พบ|không tìm thấy|không tồn tại|tidak ditemukan|tidak ada
見つかりません|見つかりませんでした|存在しません|找不到|未找到|不存在|無法找到|찾을 수 없|존재하지 않
""".strip().replace("\n", "|")
_NOT_FOUND = re.compile(rf"(?:{_PHRASES})", re.IGNORECASE)
_NUMBER = re.compile(r"(?<![\d.,$€£])404(?!\d|[.,]\d)")
_NOINDEX = re.compile(r"\b(?:noindex|none)\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+")

_SHORT: Final = 80
"""Characters of a heading that says nothing else: a longer one tells a story about it."""
_THIN: Final = 800
"""Characters of text of a page that says little but that."""
_SOME: Final = 3000
_LIKE: Final = 0.85
"""Part of the text that a page has in common with the answer to a path that cannot exist."""


class Page(msgspec.Struct, frozen=True):
    """What of a page tells: its title, first heading, visible text, and robots meta or header."""

    title: str
    heading: str
    text: str
    robots: str


class Suspicion(msgspec.Struct, frozen=True):
    """``certain`` without asking further; else ``ask`` what a path that cannot exist looks like."""

    certain: bool = False
    ask: bool = False


def suspect(page: Page) -> Suspicion:
    """Say whether a page that was answered with 200 says that it is none."""
    headed = any(_says_so(text) for text in (page.title, page.heading))
    says = headed or bool(_NOT_FOUND.search(page.text[:_SOME]))
    hidden = bool(_NOINDEX.search(page.robots))
    says = says or (hidden and bool(_NUMBER.search(page.text[:_SHORT])))
    thin = len(page.text) < _THIN
    if (hidden and says and len(page.text) < _SOME) or (headed and thin):
        return Suspicion(certain=True)
    return Suspicion(ask=says or (hidden and thin))


def is_like(page: Page, other: Page) -> bool:
    """Say whether two pages have nearly the same text, whatever numbers and paths are in it."""
    mine, theirs = _shingles(page.text), _shingles(other.text)
    if not mine or not theirs:
        return False
    return len(mine & theirs) / len(mine | theirs) >= _LIKE


def _says_so(text: str) -> bool:
    if len(text) > _SHORT:
        return False
    return bool(_NOT_FOUND.search(text) or _NUMBER.search(text))


def _shingles(text: str) -> frozenset[tuple[str, ...]]:
    words = _WORD.findall(text.lower())
    return frozenset(_windows(words)) if len(words) >= 3 else frozenset((word,) for word in words)


def _windows(words: list[str]) -> Iterable[tuple[str, ...]]:
    return zip(words, words[1:], words[2:], strict=False)
