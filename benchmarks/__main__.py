"""Run the benchmarks: all of them, or one with its options."""

import os
import subprocess
import sys
from importlib.util import find_spec

BENCHMARKS = {
    "export": ("export", "the export of 50 domains beside its floor, and its growth from 1M to 100M crawls"),
    "dashboard": ("dashboard", "the pages of the dashboard on the demo's data and on a year of 50 domains"),
    "import_log": ("import_log", "an access log in, beside GoAccess"),
    "ingest": ("ingest", "crawls from the wire to the count, beside the disk"),
    "render": ("rendering.render", "cold renders, beside the raw browser and npm prerender"),
    "hard": ("rendering.hard", "pages that are hard to render: whether each is right, and in its time"),
    "late": ("rendering.late", "pages that are complete late: whether each is whole at the second visit"),
    "whole": ("rendering.whole", "whether crawlers get what people see, beside npm prerender"),
    "revalidate": ("rendering.revalidate", "due pages that have not changed, beside their render"),
    "cached": ("cached", "cached pages a second, each crawl recorded, beside npm prerender"),
    "directory": ("directory", "what an edge does when one of 100,000 domains changes, beside reading all"),
    "processes": ("processes", "what a second edge process costs, beside a bare app"),
    "audit": ("audit", "the audit of a page of 100 kB, beside its parse"),
    "markdown": ("markdown", "the markdown of a page of 100 kB, beside its parse"),
    "lighthouse": ("lighthouse.agreement", "where the audit and Lighthouse agree on pages with known faults"),
    "rollups": ("rollups", "what each table takes on the disk, and what sizes, times and contents add to it"),
    "unmerged": ("unmerged", "the export while crawls come in, beside the merged state"),
    "bots": ("bots.speed", "naming crawlers, beside other recognisers"),
    "connections": ("connections", "the wait of a crawler beside 5,000 idle and dribbling connections"),
    "front": ("front", "the front beside a plain reverse proxy, with 500 domains of 1,000 rules"),
    "rest": ("rest", "CPU and memory of a server at rest, and how soon it is ready"),
    "startup": ("startup", "commands from their start to their end, beside an empty Python"),
}
"""Module and description of each."""


def main() -> None:
    # What is installed has its bytecode; an environment that forbids to write it would have all compiled each time.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    name, *options = sys.argv[1:] or [""]
    if not name:
        run_all()
    elif name in present():
        os.execv(sys.executable, [*command(name), *options])
    elif name in ("list", "-h", "--help"):
        print(usage())
    else:
        sys.exit(f"there is no benchmark {name}\n\n{usage()}")


def run_all() -> None:
    failed = []
    for name in present():
        print(f"== {name}: {BENCHMARKS[name][1]}", flush=True)
        if subprocess.run(command(name), check=False).returncode:
            failed.append(name)
        print(flush=True)
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


def command(name: str) -> list[str]:
    """One process each: what is in the memory of one benchmark must not show in another."""
    return [sys.executable, "-m", f"benchmarks.{BENCHMARKS[name][0]}"]


def present() -> list[str]:
    return [name for name, (module, _) in BENCHMARKS.items() if find_spec(f"benchmarks.{module}")]


def usage() -> str:
    lines = "\n".join(f"  {name:<12}{BENCHMARKS[name][1]}" for name in present())
    return f"usage: python -m benchmarks [NAME [OPTION ...]]\n\n{lines}\n\nNAME --help lists its options."


if __name__ == "__main__":
    main()
