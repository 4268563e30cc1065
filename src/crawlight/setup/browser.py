"""The browser of a machine: Debian's package, or on Ubuntu, which packs none for services, the one of Playwright."""

import os
import sys
from pathlib import Path
from typing import Final

from crawlight.errors import UserError
from crawlight.setup.files import File
from crawlight.setup.machine import System, run, write

PACKAGES: Final = (
    "ca-certificates",
    "fontconfig",
    "fonts-noto-cjk",
    "fonts-noto-color-emoji",
    "fonts-noto-core",
)
"""What a browser needs beside itself, so that no page shows boxes instead of letters."""

DEBIANS: Final = "chromium-headless-shell"
FOLDER: Final = Path("/opt/crawlight-browser")
PROFILE: Final = Path("/etc/apparmor.d/crawlight-browser")
_RESTRICTED: Final = Path("/proc/sys/kernel/apparmor_restrict_unprivileged_userns")

_PROFILE_TEXT: Final = f"""\
# Made by `crawlight setup`: Chromium makes its sandbox out of user namespaces, which Ubuntu grants by name only.
abi <abi/4.0>,
include <tunables/global>
profile crawlight-browser {FOLDER}/**/*headless*shell flags=(unconfined) {{
  userns,
}}
"""


def fetch() -> str:
    """Have Playwright fetch a browser and install what it needs; answers its path.

    Raises UserError where that fails.
    """
    where = {"PLAYWRIGHT_BROWSERS_PATH": str(FOLDER)}
    run(sys.executable, "-m", "pip", "install", "--quiet", "playwright")
    run(sys.executable, "-m", "playwright", "install", "--with-deps", "--only-shell", "chromium", env=where)
    found = sorted(path for path in FOLDER.glob("*/*/*headless*shell") if os.access(path, os.X_OK))
    if not found:
        raise UserError(f"Playwright left no browser in {FOLDER}")
    _allow_its_sandbox()
    return str(found[-1])


def browser_of(system: System) -> tuple[tuple[str, ...], bool]:
    """Packages that the browser needs, and whether it is to be fetched."""
    return ((DEBIANS, *PACKAGES), False) if system == "debian" else (PACKAGES, True)


def _allow_its_sandbox() -> None:
    if _RESTRICTED.exists() and write(File(PROFILE, _PROFILE_TEXT)):
        run("apparmor_parser", "--replace", str(PROFILE))
