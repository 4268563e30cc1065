"""The files that a machine gets, as text: settings, units, the command for people, and what Caddy starts with."""

import json
import re
import tomllib
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Final

import msgspec

from crawlight.errors import UserError
from crawlight.setup.answers import USER, Answers
from crawlight.setup.opening import content

UNITS: Final = Path("/etc/systemd/system")
SERVER, FRONT = "crawlight.service", "crawlight-front.service"
COMMAND: Final = Path("/usr/local/bin/crawlight")
_ADMIN: Final = "/run/crawlight-front/admin.sock"
_TABLE: Final = re.compile(r"^\s*\[", re.MULTILINE)


class File(msgspec.Struct, frozen=True):
    """A file to write; ``own`` says that it is the service's user's, else it is root's."""

    path: Path
    text: str
    mode: int = 0o644
    own: bool = False


def machine_files(data: Path, program: str, caddy: str) -> list[File]:
    """Units and command for a data directory; without ``caddy`` there is no front.

    ``program`` is what runs Crawlight.
    """
    start = data / "front" / "start.json"
    values = {
        "user": USER,
        "data": str(data),
        "program": program,
        "caddy": caddy,
        "start": str(start),
        "front": f" {FRONT}" if caddy else "",
    }
    server = [
        File(UNITS / SERVER, _filled(SERVER, values)),
        File(COMMAND, _filled("crawlight.sh", values), 0o755),
    ]
    if not caddy:
        return server
    return [
        File(start, _caddy_starts_with(data), 0o600, own=True),
        File(UNITS / FRONT, _filled(FRONT, values)),
        *server,
    ]


def settings_file(data: Path, answers: Answers, browser: str) -> File:
    """The settings file: what stands there stays, but for what the answers say. Raises UserError for a broken one."""
    path = data / "crawlight.toml"
    changed = _changed(settings_before(path), _settings(answers, browser), path)
    return File(path, changed, 0o600, own=True)


def settings_before(path: Path) -> str:
    """What stands in a settings file, nothing where there is none. Raises UserError where it is no file of text."""
    try:
        return (content(path) or b"").decode()
    except UnicodeDecodeError:
        raise UserError(f"settings file {path}: is no UTF-8 text") from None


def _settings(answers: Answers, browser: str) -> dict[str, str | bool]:
    said: dict[str, str | bool] = {"front": answers.front}
    if answers.front:
        said["front_admin"] = f"unix:{_ADMIN}"
    if answers.name:
        said |= {"public_url": f"https://{answers.name}", "trusted_proxies": "127.0.0.1, ::1"}
    return said | ({"browser_path": browser} if browser else {})


def _changed(before: str, said: dict[str, str | bool], path: Path) -> str:
    """A TOML document with other values for some of its own names, its comments kept."""
    wanted = _read(before, path) | said
    table = _TABLE.search(before)
    head, tables = (before[: table.start()], before[table.start() :]) if table else (before, "")
    for name, value in said.items():
        head = _without(name, head) + f"{name} = {json.dumps(value)}\n"
    after = head + tables
    if _read(after, path) != wanted:
        raise UserError(f"settings file {path}: cannot be changed; write {', '.join(said)} into it by hand")
    return after


def _without(name: str, text: str) -> str:
    """Whole lines, none of which sets the name."""
    rest = re.sub(rf"^[ \t]*{name}[ \t]*=.*\n?", "", text, flags=re.MULTILINE)
    return rest if not rest or rest.endswith("\n") else f"{rest}\n"


def _read(text: str, path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UserError(f"settings file {path}: {error}") from None


def _filled(name: str, values: dict[str, str]) -> str:
    return Template((files("crawlight.setup") / "units" / name).read_text(encoding="utf-8")).substitute(
        values
    )


def _caddy_starts_with(data: Path) -> str:
    """What Caddy has until Crawlight tells it more: where it is told, and where certificates are kept."""
    start = {
        "admin": {"listen": f"unix/{_ADMIN}"},
        "logging": {"logs": {"default": {"level": "WARN"}}},
        "storage": {"module": "file_system", "root": str(data / "front" / "certificates")},
    }
    return json.dumps(start, indent=2) + "\n"
