"""Writes the catalogue as a page of the documentation: ``python -m crawlight.bots.docs [FILE]``."""

import sys
from collections.abc import Iterable
from pathlib import Path

from crawlight.bots.catalogue import Agent, Catalogue, load
from crawlight.bots.keys import BOT_KEYS, CATEGORIES

PAGE = Path("docs/bots.md")

_INTRODUCTION = """# Crawlers that Crawlight knows

Generated from `src/crawlight/bots/catalogue.toml` by `python -m crawlight.bots.docs`; change that file, not this one.

A crawl is named after the product token in its user agent. *Verified by* says how a claim can be proven: by the
operator's address list, by forward-confirmed reverse DNS, by an HTTP signature, or not at all. Crawlers that are not
listed here, but introduce themselves as such, are recognised too and counted without a key.

The numbers lead to the [sources](#sources) of the facts; category, operator and page are from the token's source,
unless another is named. An operator that is a domain is known only by the agent's own page or by the contact address
in its user agent. *unknown* means that no public source says it, and a dash that none names a word for robots.txt.

Every name of the public list of AI agents, [ai.robots.txt](https://github.com/ai-robots-txt/ai.robots.txt), is here but
`Spider`: any program may say that of itself, so it is recognised as a crawler and not put down to an operator.
"""
_HEADING = "\n| agent | category | operator | robots.txt | runs JavaScript | verified by | sources |\n"


def page(catalogue: Catalogue) -> str:
    """The whole page, in Markdown."""
    numbers = {name: number for number, name in enumerate(catalogue.source, 1)}
    parts = [_INTRODUCTION, "\n## By bot key\n"]
    parts += [
        f"\n### {key}\n{_table((a for a in catalogue.agent if a.key == key), numbers)}" for key in BOT_KEYS
    ]
    parts.append("\n## Without a key\n")
    for category in CATEGORIES:
        agents = [a for a in catalogue.agent if a.key is None and a.category == category]
        if agents:
            parts.append(f"\n### {category}\n{_table(agents, numbers)}")
    return "".join(parts) + _sources(catalogue)


def _table(agents: Iterable[Agent], numbers: dict[str, int]) -> str:
    rows = [_row(agent, numbers) for agent in agents]
    return _HEADING + "| --- | --- | --- | --- | --- | --- | --- |\n" + "".join(rows)


def _row(agent: Agent, numbers: dict[str, int]) -> str:
    name = f"[{_cell(agent.name)}](<{agent.url}>)" if agent.url else _cell(agent.name)
    marks = ", ".join(f"{fact} {numbers[source]}" for fact, source in agent.sources.items())
    cells = (name, agent.category, agent.operator, agent.robots, agent.javascript, _ways(agent), marks)
    return "| " + " | ".join([cells[0], *(_cell(cell) or "–" for cell in cells[1:])]) + " |\n"


def _ways(agent: Agent) -> str:
    ways = [
        *(f"list {name}" for name in agent.ranges),
        *(f"DNS {name}" for name in agent.dns + agent.dns_seen),
    ]
    return ", ".join(ways + ([f"signature {agent.signature}"] if agent.signature else [])) or "no way"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("*", "\\*").replace("_", "\\_")


def _sources(catalogue: Catalogue) -> str:
    lines = [f"{n}. <{s.url}>, read {s.read}\n" for n, s in enumerate(catalogue.source.values(), 1)]
    return "\n## Sources\n\n" + "".join(lines)


if __name__ == "__main__":
    (Path(sys.argv[1]) if len(sys.argv) > 1 else PAGE).write_text(page(load()), encoding="utf-8")
