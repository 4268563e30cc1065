"""Which codes name a language, and which a country.

Languages: ISO 639-1 (https://www.loc.gov/standards/iso639-2/), without codes that were withdrawn. Countries:
ISO 3166-1 alpha-2 (https://www.iso.org/iso-3166-country-codes.html). As of 2026-11-24.
"""

import re
from typing import Final

_LANGUAGES = """
aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en
eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja
jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb
nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq
sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu
"""
_COUNTRIES = """
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ
CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO
FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE
JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO
MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW
PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM
TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
"""

LANGUAGES: Final = frozenset(_LANGUAGES.split())
COUNTRIES: Final = frozenset(_COUNTRIES.split())

_HREFLANG = re.compile(r"([a-z]{2})(?:-([a-z]{4}))?(?:-([a-z]{2}))?", re.IGNORECASE)
_TAG = re.compile(r"([a-z]{2,3})(?:-[a-z0-9]{1,8})*", re.IGNORECASE)


def is_hreflang(code: str) -> bool:
    """Say whether Google reads a value of hreflang: language, script and country, or ``x-default``.

    https://developers.google.com/search/docs/specialty/international/localized-versions
    """
    if code.lower() == "x-default":
        return True
    match = _HREFLANG.fullmatch(code)
    if not match or match[1].lower() not in LANGUAGES:
        return False
    return match[3] is None or match[3].upper() in COUNTRIES


def is_language_tag(tag: str) -> bool:
    """Say whether a value of ``lang`` names a language; codes of three letters (ISO 639-2, -3) are believed."""
    match = _TAG.fullmatch(tag)
    return match is not None and (len(match[1]) == 3 or match[1].lower() in LANGUAGES)
