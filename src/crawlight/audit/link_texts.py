"""Texts of links that could stand for any page, in the languages that most sites are written in."""

from typing import Final

_TEXTS: Final = {
    "en": """click|click here|click me|click this|continue|continue reading|details|download|find out more|
        full story|go|here|info|information|keep reading|learn more|link|more|more details|more info|
        more information|read|read more|read this|right here|see all|see details|see more|show more|start|
        tap here|this|this link|this page|view|view all|view details|view more|visit|website""",
    "de": """das|details|dies|erfahren sie mehr|hier|hier klicken|jetzt lesen|klick hier|klicke hier|
        klicken sie hier|mehr|mehr anzeigen|mehr dazu|mehr erfahren|mehr infos|mehr lesen|siehe|weiter|
        weiterlesen|weitere informationen|zum artikel""",
    "fr": """cliquez ici|clique ici|continuer|en savoir plus|ici|lire|lire la suite|lire plus|plus|
        plus d'infos|plus d'informations|suite|voir|voir plus""",
    "es": """aquí|aqui|click aqui|click aquí|clicka aqui|clicka aquí|continuar|enlace|este|este enlace|
        haz clic aquí|leer más|leer mas|más|mas|más info|más informacion|más información|mas informacion|
        mas información|empezar|pincha aqui|pincha aquí|saber más|seguir leyendo|ver más|ver mas""",
    "pt": """aqui|clique aqui|continuar|ir|leia mais|mais|mais informação|mais informações|saiba mais|
        ver mais|veja mais""",
    "it": "clicca qui|continua|continua a leggere|di più|leggi|leggi di più|leggi tutto|qui|scopri di più|vai",
    "nl": "hier|klik hier|lees meer|lees verder|meer|meer info|meer informatie|meer lezen|verder lezen",
    "sv": "här|klicka här|läs mer|mer|mer info|mer information",
    "da": "her|klik her|læs mere|mere|mere info",
    "nb": "her|klikk her|les mer|mer|mer info",
    "fi": "klikkaa tästä|lisää|lisätietoja|lue lisää|tästä|täältä",
    "pl": "czytaj dalej|czytaj więcej|dowiedz się więcej|kliknij|kliknij tutaj|tutaj|więcej|zobacz więcej",
    "cs": "číst dál|číst více|klikněte zde|více|více informací|zde",
    "tr": "buraya tıklayın|burada|daha fazla|daha fazla bilgi|devamı|devamını oku|tıklayın",
    "ru": "далее|здесь|нажмите здесь|подробнее|тут|узнать больше|читать далее|читать дальше",
    "uk": "далі|детальніше|докладніше|натисніть тут|тут|читати далі",
    "ja": """こちら|ここ|ここをクリック|こちらをクリック|リンク|もっと見る|続きを読む|続きを見る|続く|詳細|
        詳しくはこちら|全文表示""",
    "ko": "계속|더 보기|더보기|링크|여기|여기를 클릭|이동|자세히|자세히 보기|전체 보기|클릭",
    "zh": "更多|查看更多|点击这里|點擊這裡|点此|這裡|这里|阅读更多|閱讀更多|了解更多|详情",
    "fa": "اطلاعات|اطلاعات بیشتر|این|اینجا|اینجا بزنید|اینجا کلیک کنید|برو|بیشتر|بیشتر بخوانید|بیشتر بدانید|شروع",
    "ar": "اضغط هنا|اقرأ المزيد|المزيد|انقر هنا|هنا",
}

_BY_LANGUAGE: Final = {
    language: frozenset(text.strip() for text in texts.split("|")) for language, texts in _TEXTS.items()
}
_BY_LANGUAGE[""] = frozenset[str]().union(*_BY_LANGUAGE.values())
_INITIALS: Final = {
    language: frozenset(text[0] for text in texts) for language, texts in _BY_LANGUAGE.items()
}
"""Most texts begin with another letter, and need no closer look."""

_NONE: Final = frozenset[str]()


def says_nothing(text: str, language: str) -> bool:
    """Say whether a link text could stand for any page. ``language`` is the page's, empty where it names none."""
    if text[:1].lower()[:1] not in _INITIALS.get(language, _NONE):
        return False
    one_line = text if text.isprintable() and "  " not in text else " ".join(text.split())
    bare = one_line.lower().rstrip(".…!>›»→: ").strip()
    return bare in _BY_LANGUAGE[language]
