"""Which browser is on this machine."""

import os
import re
import shutil
from pathlib import Path
from typing import Final

NAMES: Final = (
    "chromium-headless-shell",
    "chrome-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
)
"""Commands in the order of preference: full Chromium spends more than a CPU second on every new profile."""

_PLAYWRIGHT = ("chromium_headless_shell-*/*/*headless*shell", "chromium-*/*/chrome")
_ABSOLUTE = re.compile(r"(/[\w./+-]+)")


def find_browser(chosen: str = "") -> Path | None:
    """The real binary of the chosen or best browser on this machine; None where there is none."""
    if chosen:
        found = shutil.which(chosen)
        return real_binary(Path(found)) if found else None
    for name in NAMES:
        if found := shutil.which(name):
            return real_binary(Path(found))
    return _playwrights_own()


def real_binary(command: Path) -> Path:
    """What a command runs in the end.

    Distributions put a shell script before the browser. Debian's does not ``exec``: the signal that ends it leaves
    the browser behind.
    """
    command = command.resolve()
    if _is_program(command):
        return command
    beside = [
        Path(f"/usr/{lib}/{folder}/{command.name}")
        for lib in ("lib", "lib64")
        for folder in _folders(command)
    ]
    named = [Path(text) for text in _ABSOLUTE.findall(command.read_text(encoding="utf-8", errors="replace"))]
    return next((path for path in [*named, *beside] if _is_browser(path)), command)


def _folders(command: Path) -> tuple[str, ...]:
    return (command.name, "chromium", "chromium-browser")


def _is_browser(path: Path) -> bool:
    return ("chrom" in path.name or "headless" in path.name) and _is_program(path)


def _is_program(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(4) == b"\x7fELF" and os.access(path, os.X_OK)
    except OSError:
        return False


def _playwrights_own() -> Path | None:
    folder = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache" / "ms-playwright")
    found = [path for pattern in _PLAYWRIGHT for path in sorted(folder.glob(pattern), reverse=True)]
    return next((path for path in found if _is_program(path)), None)
