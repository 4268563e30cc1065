"""How pages say that there is no such page."""

import re
from typing import Final

_PHRASES: Final = r"""
not found|no longer (?:available|exists)|(?:can.?t|cannot|can not|could ?n.?t|could not|unable to) (?:be )?f(?:i|ou)nd
does(?: not|n.?t) exist|page (?:is )?(?:missing|unavailable)|no such page|nothing (?:was )?found here|lost your way
nicht gefunden|existiert nicht|nicht (?:mehr )?verf[üu]gbar|nicht vorhanden
introuvable|n.existe (?:pas|plus)|pas (?:été )?trouvée?|n.est plus disponible
no (?:se )?(?:ha (?:sido )?)?(?:encontr(?:ad[ao]|amos|ó)|existe)|p[áa]gina no disponible
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

NUMBER: Final = re.compile(r"(?<![\d.,$€£])404(?!\d|[.,]\d)")
"""Finds the status where it is no part of a longer number, or a price."""

_PIECES: Final = re.compile(r"\s[-–—]\s|[|·•:;.,!?…()\[\]«»›/\n\"“”„]|–|—")
_SITE: Final = re.compile(r"\s[-–—·•»]\s|\s*\|\s*")
_WORD: Final = re.compile(r"[^\W\d_]+")
_USUAL_WORDS: Final = """
a an and are at be been but by cannot error errors exist for from has have http https i is it just looks like looking m
may might moved of on oh oops ooops uh ohh or our page pages product products article articles item post content
document file link address url requested request resource server re removed sorry ve s seems site such t that the there
this to trying unfortunately was we website were what whoops you your yikes hmm
diese dieser dieses die der das den es tut uns leid leider wurde werden konnte seite fehler hoppla angeforderte gesuchte
gesuchten sie ihre ist auf haben produkt artikel inhalt
la le les l cette ce cet erreur désolé désolée oups demandée demandé que vous cherchez recherchez n est été
el los las esta este página pagina producto artículo lo siento sentimos ups vaya solicitada buscas erro
o os as ops desculpe produto artigo conteúdo foi
il questa questo siamo spiacenti spiacente prodotto articolo contenuto errore richiesta cercata stai cercando ci
de het deze dit helaas fout u werd
sidan siden sida side det denne denna vi kunde kunne inte ikke hittade fejl feil fel beklager ursäkta tyvärr ble blev
sivua sivu sivustoa valitettavasti virhe
strona strony ta tej ten przepraszamy błąd produktu stránka stránku tato požadovaná chyba bohužel
oldal az keresett hiba sajnos căutată eroare
страница страницы страницу запрашиваемая ошибка извините к сожалению эта такой такая товар ой упс
сторінка сторінку сторінки помилка вибачте на жаль страницата грешка stranica stranicu greška žao nam je
sayfa sayfası aradığınız hata üzgünüz ürün
σελίδα η αυτή που ζητήσατε σφάλμα λυπούμαστε
הדף עמוד שגיאה הזה המבוקש מצטערים
الصفحة هذه المطلوبة خطأ عذرا عذرًا التي تبحث عنها عفوا صفحه
trang này lỗi xin bạn halaman laman ini maaf yang anda cari kesalahan
"""
_USUAL: Final = frozenset(_USUAL_WORDS.split())
"""Words beside such a sentence that say nothing else, in lower case."""
_USUAL_PARTS: Final = re.compile(
    "お探しの|ご指定の|申し訳(?:ありません|ございません)(?:が)?|指定された|この|ページ|は|が|を|でした|ません|エラー|"
    "抱歉|对不起|對不起|您|你|访问|訪問|请求|請求|要查找|查找|的|该|此|頁面|页面|网页|網頁|内容|错误|錯誤|了|"
    "죄송합니다|요청하신|요청한|이|해당|페이지를|페이지가|페이지|오류|습니다|없습니다|을|를|หน้าเว็บ|หน้านี้|หน้า|นี้|ที่คุณต้องการ|"
    "ขออภัย|पृष्ठ|पेज|यह|क्षमा करें|পৃষ্ঠা|পাতা"
)
"""The same in scripts without spaces, or with endings."""


def says_only(text: str) -> bool:
    """Say whether a title, heading or line says that there is no such page, and nothing else.

    "Error 404", "Sorry, this page could not be found." do; "Peugeot 404 Cabriolet", "(404) 555-0134" and "Page not
    found: how to mend it" say more.
    """
    pieces = [piece for piece in map(str.strip, _PIECES.split(text)) if piece]
    return any(_tells(piece) for piece in pieces) and all(map(_is_usual, pieces))


def names_of(title: str) -> list[str]:
    """A title, and what it consists of where it has the name of the site beside that of the page."""
    return [title, *(part for part in _SITE.split(title) if part and part != title)]


def _tells(piece: str) -> bool:
    return bool(NOT_FOUND.search(piece) or NUMBER.search(piece))


def _is_usual(piece: str) -> bool:
    rest = _USUAL_PARTS.sub(" ", NUMBER.sub(" ", NOT_FOUND.sub(" ", piece)))
    if any(letter.isdigit() for letter in rest):
        return False
    return all(word in _USUAL for word in _WORD.findall(rest.lower()))
