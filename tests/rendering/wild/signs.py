"""Pages that are done, although names in them are those of pages that are not."""

from tests.rendering.wild.page import PROSE, Page, document

_LOADER = "<h1>Wheel loader L120</h1><ul class='loader-specs'><li>24 t</li><li>203 kW</li></ul>"
_BARS = (
    f"<h1>Skills</h1>{PROSE}"
    "<div role=progressbar aria-valuenow=80 aria-valuemin=0 aria-valuemax=100>CSS 80%</div>"
)

PAGES = [
    Page("/thin-loader", document(_LOADER, title="Wheel loader L120"), has=("203 kW",)),
    Page("/progress-role", document(_BARS, title="Skills with bars"), has=("CSS 80%",)),
]
