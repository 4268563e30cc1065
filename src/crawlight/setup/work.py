"""Setting a machine up, and taking that back. What is there already is left as it is, so that both can be repeated."""

import json
import shutil
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Final

from crawlight.errors import UserError
from crawlight.setup import machine
from crawlight.setup.answers import USER, Answers
from crawlight.setup.browser import FOLDER, PROFILE, browser_of, fetch
from crawlight.setup.files import COMMAND, FRONT, SERVER, UNITS, machine_files, settings_file

Say = Callable[[str], None]

_READY_SECONDS: Final = 90.0


def check_ports(front: bool, port: int) -> None:
    """Raise UserError where something else listens where we are to."""
    running = machine.has_systemd()
    wanted = [] if running and machine.active(SERVER) else [port]
    wanted += [80, 443] if front and not (running and machine.active(FRONT)) else []
    if taken := machine.taken(wanted):
        named = ", ".join(f"port {port} is in use by {name}" for port, name in sorted(taken.items()))
        other = ", or say --no-front and let it carry requests here" if set(taken) & {80, 443} else ""
        raise UserError(f"{named}; stop it (`systemctl disable --now NAME`){other}")


def set_up(answers: Answers, data: Path, port: int, say: Say) -> list[str]:
    """Do everything that is to be done; answers links that somebody has to open.

    Raises UserError where a step fails; what was done till then stays, and the next call goes on from there.
    """
    program = machine.program()
    check_ports(answers.front, port)
    browser = _packages(answers.front, say)
    machine.make_user(data)
    machine.make_folder(data)
    take_over(data, say)
    if answers.front:
        machine.make_folder(data / "front")
    caddy = (shutil.which("caddy") or "/usr/bin/caddy") if answers.front else ""
    files = [settings_file(data, answers, browser), *machine_files(data, program, caddy)]
    changed = {file.path.name for file in files if machine.write(file)}
    say(f"Settings, units and command are in {data}, {UNITS} and {COMMAND}")
    links = _people(answers, data, say)
    _services(answers.front, changed, port, say)
    return links


def take_over(data: Path, say: Say) -> None:
    """Give what root left in a data directory to the service's user, if both are there: `restore` as root, say."""
    owner = machine.ids()
    if owner is None or not data.exists():
        return
    machine.make_folder(data)
    if given := machine.give(data, owner):
        say(f"Files and folders in {data} that were another user's belong to {USER} now: {given}")


def accounts(data: Path) -> list[str]:
    """The e-mail addresses of the accounts that there are."""
    if not (COMMAND.exists() and (data / "crawlight.sqlite").exists()):
        return []
    return [one["email"] for one in json.loads(_crawlight(data, "user", "list", "--json"))]


def take_back(data: Path, *, with_data: bool, say: Say) -> None:
    """Stop the services and remove what `set_up` wrote, the data only where that is said."""
    for unit in (SERVER, FRONT):
        _remove_unit(unit)
    COMMAND.unlink(missing_ok=True)
    PROFILE.unlink(missing_ok=True)
    shutil.rmtree(FOLDER, ignore_errors=True)
    say("Services, units and command are gone")
    if not with_data:
        say(f"{data} and the user {USER} stay")
        return
    shutil.rmtree(data, ignore_errors=True)
    if machine.ids() is not None:
        machine.run("userdel", USER)
    say(f"{data} and the user {USER} are gone")


def _packages(front: bool, say: Say) -> str:
    """Install what is missing; answers the browser, where it is none that is found by itself."""
    packages, fetched = browser_of(machine.system())
    say("Packages are installed, which may take some minutes ...")
    installed = machine.install((*packages, *(("caddy",) if front else ())))
    if "caddy" in installed and machine.has_systemd():
        machine.run(
            "systemctl", "disable", "--now", "caddy"
        )  # Debian starts it at once, with a page of its own.
    say(f"Packages: {', '.join(installed) or 'nothing was missing'}")
    return fetch() if fetched else ""


def _people(answers: Answers, data: Path, say: Say) -> list[str]:
    """Make account and domain; answers the link that sets the password, where none was given."""
    links = []
    if answers.email and answers.email not in accounts(data):
        links = _account(answers, data)
        say(f"Account {answers.email} is made")
    if answers.site:
        known = [one["host"] for one in json.loads(_crawlight(data, "domain", "list", "--json"))]
        if answers.site not in known:
            _crawlight(data, "domain", "add", answers.site, "--owner", answers.email)
        if answers.origin:
            _crawlight(data, "domain", "set", answers.site, "--front", "on", "--origin", answers.origin)
        say(f"Domain {answers.site} is there")
    return links


def _account(answers: Answers, data: Path) -> list[str]:
    plan = ("--plan", answers.plan)
    if answers.password:
        _crawlight(
            data, "user", "add", answers.email, *plan, "--password-stdin", given=f"{answers.password}\n"
        )
        return []
    _crawlight(data, "user", "add", answers.email, *plan)
    return [_crawlight(data, "user", "reset", answers.email).strip()]


def _crawlight(data: Path, *arguments: str, given: str | None = None) -> str:
    return machine.run(str(COMMAND), *arguments, given=given, env={"CRAWLIGHT_DATA_DIR": str(data)})


def _services(front: bool, changed: set[str], port: int, say: Say) -> None:
    if not front:
        _remove_unit(FRONT)
    if not machine.has_systemd():
        say("systemd does not run here: the units are installed, and nothing was started")
        return
    machine.run("systemctl", "daemon-reload")
    if front:
        machine.run("systemctl", "enable", "--quiet", FRONT)
        machine.run("systemctl", "restart" if changed & {FRONT, "start.json"} else "start", FRONT)
    machine.run("systemctl", "enable", "--quiet", SERVER)
    machine.run("systemctl", "restart" if changed else "start", SERVER)
    _wait(port)
    say("Crawlight runs, and starts with the machine")


def _wait(port: int) -> None:
    """Until the server is ready. Raises UserError where it is not."""
    end = time.monotonic() + _READY_SECONDS
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.25)
    raise UserError("Crawlight does not become ready: `journalctl -u crawlight -n 30` says why")


def _remove_unit(unit: str) -> None:
    file = UNITS / unit
    if not file.exists():
        return
    if machine.has_systemd():
        machine.run("systemctl", "disable", "--now", unit)
    file.unlink()
    if machine.has_systemd():
        machine.run("systemctl", "daemon-reload")
