"""CPU time of the audit of a page of 100 kB, beside the parse alone: ``python -m benchmarks audit``.

The page is like a shop's: cards with headings, texts, images and links, JSON-LD, Open Graph, language versions. The
floor is what no audit can do without: one parse of the same HTML by the same library. A snapshot has two documents,
the rendered and the raw one; what a site built in JavaScript ships raw is a shell of a few kB, and that is the line of
the bar. The rounds of all candidates take turns, so that a busy machine slows all of them alike.
"""

import argparse
import gc
import json
import statistics
import sys
import time
from collections.abc import Callable

from rich.console import Console
from rich.table import Table
from selectolax.lexbor import LexborHTMLParser

from crawlight.audit import PageInputs, audit

BAR = 5.0
"""Milliseconds of CPU, median."""
URL = "https://example.com/shop"
SIZE = 100_000

HEAD = f"""<!doctype html><html lang="en"><head><meta charset="utf-8">
<title>Kettles for every stove, compared – Example shop</title>
<meta name="description" content="Two hundred kettles compared by price, speed and noise.">
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="canonical" href="{URL}">
<meta property="og:title" content="Kettles"><meta property="og:type" content="website">
<meta property="og:url" content="{URL}"><meta property="og:image" content="https://example.com/kettle.jpg">
<meta name="twitter:card" content="summary">
{"".join(f'<link rel="alternate" hreflang="{code}" href="{URL}/{code}">' for code in ("en", "de", "fr", "es"))}
"""
CARD = """<article class="card product"><h2><a href="/shop/kettle-{n}?from=list" class="title">Kettle {n}</a></h2>
<img src="/images/kettle-{n}.jpg" alt="Kettle {n} on a stove" width="320" height="240" loading="lazy">
<p class="text">This kettle boils <b>a litre of water</b> in about {n} seconds, and is quieter than most of the others
that we have tried in our kitchen over the last years, on gas as well as on induction.</p>
<ul class="facts"><li>Colour: blue</li><li>Weight: {n} g</li></ul>
<a class="button" href="/cart?add={n}" rel="nofollow">Put kettle {n} into the cart</a></article>
"""
SHELL = '<!doctype html><html><head><title>Shop</title></head><body><div id="app"></div></body></html>'


def page(size: int) -> str:
    """A page of about ``size`` bytes."""
    products = [{"@type": "Product", "name": f"Kettle {n}", "offers": {"price": n}} for n in range(20)]
    data = json.dumps({"@context": "https://schema.org", "@graph": products})
    head = f'{HEAD}<script type="application/ld+json">{data}</script></head><body><main><h1>Kettles</h1>'
    cards: list[str] = []
    while size > len(head) + sum(map(len, cards)):
        cards.append(CARD.format(n=len(cards)))
    return f"{head}{''.join(cards)}</main></body></html>"


def candidates(html: str) -> dict[str, Callable[[], object]]:
    """Name and what is measured; the floor first."""
    shell = PageInputs(url=URL, status=200, html=html.encode(), raw_html=SHELL.encode())
    both = PageInputs(url=URL, status=200, html=html.encode(), raw_html=html.encode() + b" ")
    return {
        "floor: one parse": lambda: LexborHTMLParser(html),
        "audit, raw HTML a shell": lambda: audit(shell),
        "audit, raw HTML as large": lambda: audit(both),
    }


def measure(tasks: dict[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """CPU milliseconds of every round, by candidate."""
    times: dict[str, list[float]] = {name: [] for name in tasks}
    for task in tasks.values():
        task()
    gc.collect()
    for _ in range(rounds):
        for name, task in tasks.items():
            start = time.process_time_ns()
            task()
            times[name].append((time.process_time_ns() - start) / 1e6)
    return times


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--size", type=int, default=SIZE, help="bytes of the page")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    html = page(options.size)
    times = measure(candidates(html), options.rounds)
    medians = {name: statistics.median(some) for name, some in times.items()}
    if options.json:
        print(json.dumps({"bytes": len(html.encode()), "milliseconds": medians}, indent=2))
        return
    floor = next(iter(medians.values()))
    table = Table("", "median ms CPU", "best", "× floor", title=f"one page of {len(html.encode()):,} bytes")
    for name, median in medians.items():
        table.add_row(name, f"{median:.2f}", f"{min(times[name]):.2f}", f"{median / floor:.1f}")
    Console(width=100).print(table)
    shell = medians["audit, raw HTML a shell"]
    print(f"bar: under {BAR:g} ms for 100 kB: {'met' if shell < BAR else 'missed'}")
    sys.exit(0 if shell < BAR or options.size != SIZE else 1)


if __name__ == "__main__":
    main()
