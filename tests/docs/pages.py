"""The documentation as its readers have it: README and the pages of `docs/`."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
PAGES: Final = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
FOR_USERS: Final = tuple(page for page in PAGES if page.name not in ("architecture.md", "releasing.md"))

_FENCE: Final = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_SPAN: Final = re.compile(r"`([^`\n]+)`")


def text(name: str) -> str:
    """A page below the project's root."""
    return (ROOT / name).read_text(encoding="utf-8")


def rows(page: str, head: str) -> list[list[str]]:
    """The cells of the tables of a page whose first column is headed so."""
    found: list[list[str]] = []
    within = False
    for line in page.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")] if line.startswith("|") else []
        if within and cells and not set(cells[0]) <= {"-", ":"}:
            found.append(cells)
        within = bool(cells) and (within or cells[0] == head)
    return found


def words(cell: str) -> list[str]:
    """What stands between backticks."""
    return _SPAN.findall(cell)


def commands(page: str) -> Iterator[list[str]]:
    """Every call of ``crawlight`` in a page, as words: in shell blocks, and between backticks."""
    for language, block in _FENCE.findall(page):
        if language in ("", "sh", "bash", "console", "shell"):
            yield from _calls(block)
    for span in words(_FENCE.sub("", page)):
        yield from _calls(span)


def _calls(shell: str) -> Iterator[list[str]]:
    lexer = shlex.shlex(
        shell.replace("\\\n", " ").replace("\n", " ; "), posix=True, punctuation_chars="|;&><()"
    )
    lexer.whitespace_split = True
    lexer.commenters = ""
    try:
        tokens = [*lexer, ";"]
    except ValueError:  # not shell: a sign, or a part of a format
        return
    call: list[str] = []
    for token in tokens:
        if set(token) <= set("|;&><()") or token.startswith("#"):
            if call[:1] == ["crawlight"]:
                yield call
            call = []
        elif token != "$":
            call.append(token)
