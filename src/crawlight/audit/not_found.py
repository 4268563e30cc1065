"""How pages say that there is no such page."""

import re
from typing import Final

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
NOT_FOUND: Final = re.compile(rf"(?:{_PHRASES})", re.IGNORECASE)
"""Finds such a sentence, in the languages of most of the web; case does not matter."""
