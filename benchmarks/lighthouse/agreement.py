"""Where the audit and Lighthouse agree: ``python -m benchmarks lighthouse [--write]``.

Both judge the same pages with known faults, served from this machine, with the same Chromium: set CHROME_PATH to one
that can run headless. Needs node and, once, ``npm ci`` in benchmarks/lighthouse. ``--write`` writes docs/lighthouse.md.
"""

import argparse
import asyncio
import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, Final

from benchmarks.lighthouse.pages import CASES, ROBOTS_TXT
from crawlight.audit import VERSION
from crawlight.cli.auditing import Audited, Auditor
from crawlight.cli.places import Places
from crawlight.kit.addresses import parse_networks
from crawlight.kit.logs import configure_logs

HERE: Final = Path(__file__).parent
PAGE: Final = HERE.parents[1] / "docs" / "lighthouse.md"
BAR: Final = 95.0
"""Percent of the judgements of audits that both have."""

BROWSERS: Final = 3

SAME: Final = {
    "is-crawlable": ("robots-meta", "robots-header", "robots-txt", "unavailable-after"),
    "http-status-code": ("http-status",),
    "document-title": ("title-missing",),
    "meta-description": ("description-missing",),
    "canonical": ("canonical-invalid", "canonical-elsewhere"),
    "hreflang": ("hreflang-invalid",),
    "image-alt": ("image-alt",),
    "crawlable-anchors": ("links-crawlable",),
    "link-text": ("link-text",),
}
"""Lighthouse's audits, and the checks of ours that together ask the same."""

_NO_SCRIPTS: Final = (
    "Scripts are not in the page that crawlers get from us: what only they made a link of is text there."
)
WHY: Final = {
    ("canonical", "canonical-other"): "Such a page is not indexed itself; we say so and Lighthouse does not.",
    (
        "is-crawlable",
        "noindex-google",
    ): "Lighthouse passes where any crawler may index; our score is about Google.",
    ("crawlable-anchors", "link-void"): _NO_SCRIPTS,
    ("crawlable-anchors", "link-click"): _NO_SCRIPTS,
    (
        "meta-description",
        "description-property",
    ): "We read a description by property, too, as link previews do.",
    (
        "hreflang",
        "hreflang-country",
    ): "Lighthouse reads the language only; UK is no country code of ISO 3166-1.",
    ("link-text", "text-arrow"): "An arrow behind it makes a text no more descriptive.",
}
"""Why we judge otherwise."""


class Handler(BaseHTTPRequestHandler):
    """Serves the pages, robots.txt, and 404 for all else."""

    def do_GET(self) -> None:
        """Answer with a case."""
        origin = f"http://{self.headers['Host']}"
        case = next((case for case in CASES if f"/{case.name}" == self.path), None)
        if self.path == "/robots.txt":
            self._send(200, {"Content-Type": "text/plain"}, ROBOTS_TXT)
        elif case is None:
            self._send(404, {}, "")
        else:
            headers = {"Content-Type": "text/html; charset=utf-8", **case.headers}
            self._send(case.status, headers, case.html(origin))

    def _send(self, status: int, headers: dict[str, str], text: str) -> None:
        body = text.encode()
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def ours(urls: list[str]) -> dict[str, set[str]]:
    """The checks that each page fails, by URL."""

    async def run() -> dict[str, set[str]]:
        found = {}
        places = Places({}, parse_networks(["127.0.0.0/8"]))
        async with Auditor("", os.environ.get("CHROME_PATH", ""), places) as auditor:
            async for result in auditor.audit_all(urls):
                assert isinstance(result, Audited), result
                found[result.target] = {issue.check for issue in result.issues}
        return found

    return asyncio.run(run())


def theirs(urls: list[str]) -> list[dict[str, Any]]:
    """Lighthouse's results, one a page, from a few browsers at once."""
    shares = [urls[start::BROWSERS] for start in range(BROWSERS)]
    with ThreadPoolExecutor(BROWSERS) as pool:
        return [line for lines in pool.map(_share, shares) for line in lines]


def _share(urls: list[str]) -> list[dict[str, Any]]:
    node = shutil.which("node")
    if node is None or not (HERE / "node_modules").is_dir():
        sys.exit("needs node, and once: npm ci --prefix benchmarks/lighthouse")
    lines = []
    with subprocess.Popen(
        [node, HERE / "run.js"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as run:
        assert run.stdin is not None
        assert run.stdout is not None
        run.stdin.write("\n".join(urls) + "\n")
        run.stdin.close()
        for line in run.stdout:
            lines.append(json.loads(line))
            print(".", end="", file=sys.stderr, flush=True)
    return lines


def compare(checks: dict[str, set[str]], results: list[dict[str, Any]]) -> list[tuple[str, str, bool, bool]]:
    """(audit, name of the page, Lighthouse finds a fault, we do) for all that both judged."""
    rows = []
    for result in results:
        name = result["url"].rpartition("/")[2]
        for audit, same in SAME.items():
            verdict = result["audits"][audit]
            if verdict["mode"] == "error":
                continue
            rows.append((audit, name, verdict["score"] == 0, bool(checks[result["url"]] & set(same))))
    return rows


def report(rows: list[tuple[str, str, bool, bool]], result: dict[str, Any]) -> str:
    """The text of docs/lighthouse.md."""
    faults = {case.name: case.fault for case in CASES}
    agreed = Counter(audit for audit, _, theirs, ours in rows if theirs == ours)
    failed = Counter(audit for audit, _, theirs, _ in rows if theirs)
    judged = Counter(audit for audit, *_ in rows)
    table = [
        f"| {audit} | {', '.join(same)} | {judged[audit]} | {failed[audit]} | {agreed[audit]} |"
        for audit, same in SAME.items()
    ]
    apart = [
        f"| {audit} | {faults[name]} | {_verdict(theirs)} | {_verdict(ours)} | {WHY.get((audit, name), '?')} |"
        for audit, name, theirs, ours in rows
        if theirs != ours
    ]
    share = 100 * sum(agreed.values()) / len(rows)
    browser = next(part for part in result["browser"].split() if "Chrome/" in part)
    return f"""# The audit beside Lighthouse

Lighthouse {result["version"]} and version {VERSION} of our rules judged the same {len(CASES)} pages in {browser}
on {datetime.now(UTC):%Y-%m-%d}. Each page was made with a known fault, or with what only looks like one. Written by
`python -m benchmarks lighthouse --write`.

**{sum(agreed.values())} of {len(rows)} judgements agree: {share:.1f} %.**

| Lighthouse | ours | pages | faults by Lighthouse | agree |
|---|---|---|---|---|
{chr(10).join(table)}

Where we judge otherwise, and why:

| Lighthouse | page | Lighthouse | ours | why |
|---|---|---|---|---|
{chr(10).join(apart)}

Lighthouse's `robots-txt` asks whether the file is well-formed, as our `robots-txt-syntax` does for each page;
`structured-data` is to be checked by hand. The other checks of ours Lighthouse's SEO category does not have.
"""


def _verdict(fault: bool) -> str:
    return "fault" if fault else "passes"


def main() -> None:
    """Serve, judge twice, compare."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--write", action="store_true", help="write docs/lighthouse.md")
    options = parser.parse_args()
    configure_logs("error", "text")
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    urls = [f"http://127.0.0.1:{server.server_port}/{case.name}" for case in CASES]
    checks = ours(urls)
    results = theirs(urls)
    server.shutdown()
    rows = compare(checks, results)
    text = report(rows, results[0])
    print(text)
    if options.write:
        PAGE.write_text(text, encoding="utf-8")
    agree = sum(theirs == ours for _, _, theirs, ours in rows)
    sys.exit(0 if len(results) == len(CASES) and 100 * agree >= BAR * len(rows) else 1)


if __name__ == "__main__":
    main()
