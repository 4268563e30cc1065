"""Which scripts the fonts of this machine can show: without them, the browser draws boxes."""

import shutil
import subprocess
from collections.abc import Mapping
from typing import Final

_LANGUAGES: Final[Mapping[str, str]] = {
    "Chinese": "zh-cn",
    "Japanese": "ja",
    "Korean": "ko",
    "Arabic": "ar",
    "Hindi": "hi",
    "emoji": "und-zsye",
}
"""What is asked for, with fontconfig's name of it."""


def missing_scripts() -> list[str]:
    """Scripts that no font has; all of them where fontconfig is missing."""
    program = shutil.which("fc-list")
    return [name for name, language in _LANGUAGES.items() if program is None or not _fonts(program, language)]


def _fonts(program: str, language: str) -> bytes:
    asked = [program, f":lang={language}", "family"]
    return subprocess.run(asked, capture_output=True, check=False, timeout=10).stdout.strip()  # noqa: S603
