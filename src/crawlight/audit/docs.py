"""``python -m crawlight.audit.docs`` writes docs/audit.md from the checks; a test keeps the two equal."""

from pathlib import Path
from typing import Final

from crawlight.audit.check import Check
from crawlight.audit.checks import CHECKS
from crawlight.audit.guidance import WRITTEN
from crawlight.audit.score import BLOCKED, VERSION, WEIGHTS

PAGE: Final = Path(__file__).parents[3] / "docs" / "audit.md"

_HEAD: Final = f"""# The SEO audit

Every page whose snapshot is stored is audited, and `crawlight audit URL` audits any page without a server. This page
is written by `python -m crawlight.audit.docs` from the checks themselves. Version of the rules: {VERSION}.

## The score

A page begins with 100 points. Each check that it fails takes its weight off, once, however many elements are at fault;
nothing is below 0. A page that cannot be indexed gets at most {BLOCKED}, and the reason is its first issue. 90 and more
is good, 50 to 89 needs work, less is poor: the bounds that Lighthouse has, too.
[lighthouse.md](lighthouse.md) shows where the two agree, and [audit-coverage.md](audit-coverage.md) which checks of
Lighthouse, Screaming Frog and Ahrefs have a counterpart here, and why some have none.

The same inputs (address, status, HTML, raw HTML, headers, robots.txt, sitemaps, the time) always give the same score.
The time matters to one check only: whether the date of `unavailable_after` has passed. Findings that need other pages
weigh nothing, so that no page changes the score of another. They are made when a page is audited, and anew when a page
is audited that shares its title, description or language versions.

When the rules change, their version goes up, and pages that were audited by older rules are audited again in the
background.

## What is read

The rendered page, of which the first 2 MB, as Googlebot reads; no text within `noscript`. What belongs in the head is
read there only, and the head ends where a browser's does: at the first element that has no place in it. Robots rules
count wherever they stand, as they do for Google, and the headers `Link` and `X-Robots-Tag` count as the page does, and
so do the language versions that the domain's sitemaps name for it.

Elements nested more than 1,000 deep, or with more than 1,000 attributes, end the document, and an issue says so. It
says so, too, where reading takes more than 5 seconds of CPU or 1 GiB of memory. Raw HTML that does is not compared; a
rendered page that does gets at most {BLOCKED}, and is judged by what can be said without its HTML. Titles and
descriptions are measured in pixels of Arial, not in characters. `robots.txt` is read for Googlebot, and for other
search engines.

## The checks

Severity and weight say how much a fault matters; *blocks* marks those that keep a page out of search results. All
checks were written on {WRITTEN}. Where the text of the guidance was looked up since, the day of that is named: in a
stored copy, which may be older than the page. Of the other pages no copy was at hand.
"""


def page() -> str:
    """The text of docs/audit.md."""
    rows = [
        f"| [{check.id}](#{check.id}) | {check.severity} | {_weight(check)} | {check.title} |"
        for check in CHECKS
    ]
    table = "\n".join(["| check | severity | weight | fault |", "|---|---|---|---|", *rows])
    return "\n".join([_HEAD, table, "", *map(_section, CHECKS)])


def _weight(check: Check) -> str:
    weight = str(WEIGHTS.get(check.id, 0))
    return f"{weight}, blocks" if check.blocks else weight


def _section(check: Check) -> str:
    across = "Found by comparison with other pages of the domain. " if check.find is None else ""
    return f"""### {check.id}

{check.title}. {across}*{check.severity}, weight {_weight(check)}*

{check.fix}

Guidance: <{check.guidance.url}>{_compared(check)}
"""


def _compared(check: Check) -> str:
    return f" (compared with the check on {check.guidance.compared})" if check.guidance.compared else ""


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
