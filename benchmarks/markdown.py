"""CPU time of the markdown of a page of 100 kB, beside the parse alone: ``python -m benchmarks markdown``.

The pages are the shop of `audit`, where nearly all is content, and an article of the same size with the menus, sidebars
and scripts that pages have. The floor is what no conversion can do without: one parse of the same HTML by the same
library. The rounds of all candidates take turns, so that a busy machine slows all of them alike.
"""

import argparse
import json
import statistics
import sys
from collections.abc import Callable

from rich.console import Console
from rich.table import Table
from selectolax.lexbor import LexborHTMLParser

from benchmarks.audit import SIZE, URL, measure, page
from crawlight.markdown.page import to_markdown

BAR = 15.0
"""Milliseconds of CPU, median."""

ENTRY = '<li class="menu-item menu-item-type-page"><a class="menu-link" href="/c/{n}">Category {n}</a></li>'
MENU = "".join(ENTRY.format(n=n) for n in range(150))
PARAGRAPH = (
    '<p class="paragraph">A kettle of this kind boils <a href="/wiki/water">water</a> in <em>about</em> {n} seconds, '
    "and is quieter than most of the others that we have tried in our kitchen over the last years, on gas as well as "
    "on induction. Its handle stays cool, and the lid does not fall when one pours the last of it.</p>"
)


def article(size: int) -> str:
    """An article of about ``size`` bytes, a third of it what stands around the text."""
    around = f'<nav class="site-nav"><ul>{MENU}</ul></nav>'
    script = f"<script>{'window.state = {};' * (size // 120)}</script>"
    start = (
        f'<!doctype html><html lang="en"><head><title>Kettles</title></head><body><header>{around}</header>'
    )
    text: list[str] = []
    while size > len(start) + len(script) + sum(map(len, text)) + len(MENU):
        text.append(
            (f"<h2>Part {len(text)}</h2>" if len(text) % 8 == 0 else "") + PARAGRAPH.format(n=len(text))
        )
    main = f'<div class="wrap"><div class="content"><h1>Kettles</h1>{"".join(text)}</div>'
    return f'{start}{main}<div class="sidebar"><ul>{MENU[: len(MENU) // 2]}</ul></div></div>{script}</body></html>'


def candidates(size: int) -> dict[str, Callable[[], object]]:
    """Name and what is measured; the floor first."""
    shop, long = page(size), article(size)
    return {
        "floor: one parse of the shop": lambda: LexborHTMLParser(shop),
        "markdown of the shop": lambda: to_markdown(shop, URL),
        "markdown of the article": lambda: to_markdown(long, URL),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--size", type=int, default=SIZE, help="bytes of each page")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    times = measure(candidates(options.size), options.rounds)
    medians = {name: statistics.median(some) for name, some in times.items()}
    if options.json:
        print(json.dumps({"bytes": options.size, "milliseconds": medians}, indent=2))
        return
    floor = next(iter(medians.values()))
    table = Table("", "median ms CPU", "best", "× floor", title=f"pages of {options.size:,} bytes")
    for name, median in medians.items():
        table.add_row(name, f"{median:.2f}", f"{min(times[name]):.2f}", f"{median / floor:.1f}")
    Console(width=100).print(table)
    slowest = max(medians.values())
    print(f"bar: {BAR:g} ms at most for 100 kB: {'met' if slowest <= BAR else 'missed'}")
    sys.exit(0 if slowest <= BAR or options.size != SIZE else 1)


if __name__ == "__main__":
    main()
