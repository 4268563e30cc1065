"""The report of an account or of one of its domains, as PDF."""

from dataclasses import replace
from datetime import date, datetime
from html import escape
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from crawlight.accounts.scope import Scope, ScopedDomain
from crawlight.analytics.export import Exporter
from crawlight.bots.labels import category_label
from crawlight.report.charts import COLOURS, bar_days, share_bar, stacked
from crawlight.report.content import Content, collect
from crawlight.report.printing import Printer

_FOOTER: Final = (
    '<div style="width:100%;margin:0 15mm;font:7.5px sans-serif;color:#687184;display:flex;'
    'justify-content:space-between"><span>{left}</span>'
    '<span>Page <span class="pageNumber"></span> of <span class="totalPages"></span></span></div>'
)


class Reporter:
    """Makes reports; one for the life of the process."""

    def __init__(self, exporter: Exporter, printer: Printer) -> None:
        self._exporter = exporter
        self._printer = printer

    async def report(
        self, scope: Scope, period: str, now: datetime, domain: ScopedDomain | None = None
    ) -> bytes:
        """The PDF on one domain, or on all of a scope. Raises StoreError and PrintError."""
        of = replace(scope, domains=(domain,)) if domain else scope
        content = await collect(self._exporter, of, period, now, all_domains=domain is None)
        return await self._printer.pdf(html_of(content), _footer(content))


def html_of(content: Content) -> str:
    """The document that is printed."""
    return _templates.get_template("report.html").render(
        content=content,
        title=title_of(content),
        days=content.window.dates(),
        colours=COLOURS,
        stacked=stacked,
        share_bar=share_bar,
        bar_days=bar_days(content.window.days),
    )


def title_of(content: Content) -> str:
    """What the report is about."""
    if content.all_domains:
        count = len(content.sections)
        return f"{count} {'domain' if count == 1 else 'domains'}"
    return content.sections[0].domain.domain


def file_name(host: str | None, period: str, now: datetime) -> str:
    """The name under which a report is saved."""
    return f"crawlight-{(host or 'all-domains').replace(':', '-')}-{period}-{now:%Y-%m-%d}.pdf"


def _footer(content: Content) -> str:
    first, last = content.window.first, content.window.last
    left = f"Crawlight · {title_of(content)} · {_day(first)} to {_day(last)}, UTC"
    return _FOOTER.format(left=escape(left))


def _day(day: date) -> str:
    return f"{day:%-d %B %Y}"


def _number(value: float) -> str:
    return f"{value:,}"


def _change(now: float, before: float) -> str:
    """The change against before in percent; a dash where there was nothing before."""
    if not before:
        return "–" if not now else "new"
    share = round(100 * (now - before) / before)
    share = max(share, -99) if now else share
    return f"+{share:,}%" if share > 0 else f"−{-share:,}%" if share < 0 else "0%"


def _points(now: float, before: float) -> str:
    """The change of a percentage, in points."""
    points = round(now - before, 1)
    return f"+{points:g} points" if points > 0 else f"−{-points:g} points" if points < 0 else "unchanged"


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}%" if whole else "0%"


_templates = Environment(
    loader=PackageLoader("crawlight.report"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.filters |= {"day": _day, "number": _number, "category": category_label}
_templates.globals |= {"change": _change, "points": _points, "percent": _percent}
