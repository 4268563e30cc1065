"""Query parameters that only say where a visitor came from: they never name another page."""

from typing import Final

# One line each: Google Ads, Merchant Center and Analytics; Meta; other networks (Microsoft, X, TikTok,
# LinkedIn, Pinterest, Reddit, Snapchat); Yandex; mail and marketing (Mailchimp, HubSpot, Marketo, Klaviyo).
_NAMES = """
gclid gclsrc gbraid wbraid dclid gad_source gad_campaignid srsltid _ga _gl
fbclid igshid igsh
msclkid twclid ttclid li_fat_id epik rdt_cid sccid
yclid ysclid ymclid _openstat
mc_cid mc_eid _hsenc _hsmi __hstc __hssc __hsfp hsctatracking mkt_tok _kx
"""
TRACKING_PARAMETERS: Final = frozenset(_NAMES.split())
"""Lower-case names that the operators' own documentation says they append to links."""

TRACKING_PREFIXES: Final = ("utm_", "mtm_")
"""Google Analytics' campaign parameters, which many tools extend, and Matomo's."""


def is_tracking(name: str) -> bool:
    """Say whether a query parameter is for tracking only.

    Case does not count: mail programs and hand-made links change it, and no page depends on it.
    """
    lower = name.lower()
    return lower in TRACKING_PARAMETERS or lower.startswith(TRACKING_PREFIXES)
