"""How wide a text is in Arial: search results cut titles and descriptions by width.

Advances of Liberation Sans 2.x (SIL Open Font License), which has the metrics of Arial by design:
https://github.com/liberationfonts/liberation-fonts
"""

import unicodedata
from typing import Final

_EM: Final = 2048
"""Units of the font in one em, which is the font size in pixels."""

_GLYPHS: Final = {
    391: "'",
    455: "ijlįĵĺļłſίιіј‘’‚",
    532: "|¦",
    569: " !,./:;I[\\]ft\u00a0·ÌÍÎÏìíîïĨĩĪīĬĭĮİıţŧΙΪІЇї",
    597: "ľ",
    682: "()-`r¡¨²³´¸¹ŕŗř“”„‹›",
    684: "{}ŀ",
    717: "•",
    727: '"',
    747: "гѓ",
    748: "º",
    758: "ª",
    768: "ť",
    797: "*",
    809: "τ",
    819: "°",
    896: "кќ",
    903: "ζ",
    909: "ĳ",
    913: "έε",
    917: "ξ",
    938: "т",
    939: "з",
    961: "^",
    987: "ς",
    1024: "JcksvxyzçýÿćĉċčĴķĸśŝşšŷźżžγκλνЈсухѕў",
    1045: "эє",
    1067: "чь",
    1075: "χ",
    1088: "в",
    1100: "¶",
    1109: "ЃГпя",
    1120: "ΰυ",
    1124: "±÷",
    1128: "Γ",
    1131: "¯нџ",
    1139: (
        "#$0123456789?L_abdeghnopqu¢£¤¥§«»àáâãäåèéêëðñòóôõöùúûüþāăąđēĕėęěĝğġģĥħ"
        "ĹĻĽĿŁńņňŋōŏőũūŭůűųήηθοаеорѐёђћ–†‡€"
    ),
    1140: "δ",
    1144: "ийѝ",
    1165: "ρ",
    1173: "бц",
    1178: "β",
    1180: "µμ",
    1184: "άα",
    1193: "ЌК",
    1195: "дл",
    1196: "+<=>~¬×",
    1237: "ŉЗ",
    1251: "FTZ¿ßøŢŤŦŹŻŽΖΤТ",
    1259: "ď",
    1264: "σ",
    1266: "Σ",
    1280: "ъ",
    1301: "ЎУ",
    1328: "φ",
    1331: "Ξ",
    1344: "БЛЬ",
    1365: "Ч",
    1366: "&ABEKPSVXYÀÁÂÃÄÅÈÉÊËÝÞĀĂĄĒĔĖĘĚĶŚŜŞŠŶŸΑΒΕΚΡΥΧΫЀЅАВЕРХ",
    1367: "Ё",
    1368: "ΔΛ",
    1370: "ж",
    1387: "Д",
    1408: "м",
    1413: "π",
    1460: "ψ",
    1472: "ЄЏИЙПЭы",
    1479: "CDHNRUwÇÐÑÙÚÛÜĆĈĊČĎĐĤĦŃŅŇŔŖŘŨŪŬŮŰŲŵΗΝΠЍНСЯ",
    1481: "Ŋ",
    1505: "Ĳ",
    1509: "©®",
    1515: "Ц",
    1531: "Ω",
    1536: "ю",
    1557: "Ф",
    1593: "GOQÒÓÔÕÖØĜĞĠĢŌŎŐΘΟО",
    1599: "ω",
    1621: "Ъ",
    1634: "Φ",
    1643: "ш",
    1664: "њ",
    1685: "фщ",
    1706: "MmΜМ",
    1708: "¼½¾",
    1711: "Ψ",
    1749: "Ћ",
    1771: "Ђ",
    1813: "Ы",
    1821: "%æ",
    1856: "љ",
    1877: "Ш",
    1891: "Ж",
    1920: "Щ",
    1933: "WœŴ",
    2048: "ÆŒ—…‰™←→",
    2069: "ЊЮ",
    2079: "@",
    2165: "Љ",
}
"""Characters by their advance."""

_WIDTHS: Final = {sign: units for units, signs in _GLYPHS.items() for sign in signs}
_OTHER: Final = 1139
"""The advance of most small letters, for alphabets that are not in the table."""


def width(text: str, size: int) -> int:
    """The width in pixels of a text in Arial of a size in pixels, rounded."""
    return round(sum(_WIDTHS.get(sign) or _advance(sign) for sign in text) * size / _EM)


def _advance(sign: str) -> int:
    """East Asian signs and emoji are as wide as high; marks that combine have no width."""
    if unicodedata.combining(sign):
        return 0
    return _EM if unicodedata.east_asian_width(sign) in "WF" else _OTHER
