"""The machine that is set up: its packages, users, ports and services, by the programs that it has for them."""

import os
import platform
import pwd
import shutil
import subprocess
import sys
from collections.abc import Collection, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final, Literal

import psutil

import crawlight
from crawlight.errors import UserError
from crawlight.setup.answers import USER
from crawlight.setup.files import File
from crawlight.setup.opening import content, opened_folder

_SEEN_BY_NO_SERVICE: Final = tuple(map(Path, ("/root", "/home", "/run/user")))

System = Literal["debian", "ubuntu"]


def system() -> System:
    """Which of the two this is. Raises UserError for any other, and where one may not set up."""
    try:
        told = platform.freedesktop_os_release()
    except OSError:
        told = {"ID": "unknown", "PRETTY_NAME": "an unknown system"}
    known: dict[str, System] = {"debian": "debian", "ubuntu": "ubuntu"}
    if (found := known.get(told["ID"])) is None:
        raise UserError(
            f"`crawlight setup` knows Debian and Ubuntu; this is {told.get('PRETTY_NAME', told['ID'])}."
            " docs/installing.md has other ways, such as Docker"
        )
    if os.geteuid() != 0:
        raise UserError("`crawlight setup` changes the system: run it as root, with sudo")
    return found


def program() -> str:
    """The command line that runs this very Crawlight. Raises UserError where no other user could."""
    for path in (Path(sys.executable), Path(sys.executable).resolve(), Path(crawlight.__file__).resolve()):
        if any(path.is_relative_to(one) for one in _SEEN_BY_NO_SERVICE) or not _for_all(path):
            raise UserError(
                f"{path} cannot be read by a service: install Crawlight into /opt/crawlight first"
                " (docs/installing.md, On a VPS)"
            )
    command = Path(sys.executable).parent / "crawlight"
    return str(command) if command.exists() else f"{sys.executable} -m crawlight"


def _for_all(path: Path) -> bool:
    return bool(path.stat().st_mode & 0o004) and all(one.stat().st_mode & 0o001 for one in path.parents)


def run(*command: str, given: str | None = None, env: dict[str, str] | None = None) -> str:
    """Run a program that must succeed; answers what it printed. Raises UserError with its last words."""
    try:
        ended = subprocess.run(  # noqa: S603 - our own words, and checked ones
            command,
            input=given,
            stdin=None if given is not None else subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            env=os.environ | (env or {}),
            cwd="/",
        )
    except OSError as error:
        raise UserError(f"{command[0]}: {error.strerror}") from None
    if ended.returncode:
        said = (ended.stderr.strip() or ended.stdout.strip()).splitlines()
        raise UserError(f"`{' '.join(command[:3])}` failed: {said[-1] if said else ended.returncode}")
    return ended.stdout


def install(packages: Iterable[str]) -> list[str]:
    """Have apt install what is missing; answers which that was."""
    missing = [one for one in packages if not _installed(one)]
    if missing:
        quiet = {"DEBIAN_FRONTEND": "noninteractive"}
        run("apt-get", "update", "--quiet", "--quiet", env=quiet)
        run("apt-get", "install", "--yes", "--quiet", "--no-install-recommends", *missing, env=quiet)
    return missing


def _installed(package: str) -> bool:
    try:
        return "install ok installed" in run("dpkg-query", "--show", "--showformat=${Status}", package)
    except UserError:
        return False


def ids() -> tuple[int, int] | None:
    """User and group of the service; None where there is no such user."""
    try:
        found = pwd.getpwnam(USER)
    except KeyError:
        return None
    return found.pw_uid, found.pw_gid


def make_user(home: Path) -> None:
    """Make the service's user, unless there is one."""
    if ids() is None:
        options = ("--system", "--user-group", "--home-dir", str(home), "--shell", "/usr/sbin/nologin")
        run("useradd", *options, USER)


def make_folder(path: Path) -> None:
    """Make a folder of the service's user, which nobody else may enter."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    # By its descriptor: the user could put a link in the place of a folder within its own.
    with opened_folder(path) as opened:
        os.fchown(opened, *(ids() or (0, 0)))
        os.fchmod(opened, 0o700)


def give(folder: Path, owner: tuple[int, int]) -> int:
    """Give all that is in a folder to a user and its group; answers how much was another's.

    Links are given themselves, never what they lead to. (Names for files of others, hard links, are made by nobody else
    than their owners: Debian and Ubuntu have ``fs.protected_hardlinks`` on.)
    """
    given = 0
    for _, folders, names, opened in os.fwalk(folder, follow_symlinks=False):
        for name in (*folders, *names):
            with suppress(FileNotFoundError):
                given += _give(name, opened, owner)
    return given


def _give(name: str, folder: int, owner: tuple[int, int]) -> bool:
    found = os.stat(name, dir_fd=folder, follow_symlinks=False)
    if (found.st_uid, found.st_gid) == owner:
        return False
    os.chown(name, *owner, dir_fd=folder, follow_symlinks=False)
    return True


def write(file: File) -> bool:
    """Write a file whole or not at all; answers whether it was another.

    Raises UserError where something else than a regular file stands there.
    """
    with opened_folder(file.path.parent, follow=not file.own) as folder:
        before = content(file.path, folder=folder, follow=not file.own)
        if before == file.text.encode():
            return False
        _replace(file, folder)
    return True


def _replace(file: File, folder: int) -> None:
    part = f"{file.path.name}.part"
    with suppress(FileNotFoundError):
        os.unlink(part, dir_fd=folder)
    opened = os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600, dir_fd=folder)
    with os.fdopen(opened, "wb") as stream:
        stream.write(file.text.encode())
        stream.flush()
        os.fchown(opened, *((ids() or (0, 0)) if file.own else (0, 0)))
        os.fchmod(opened, file.mode)
    os.replace(part, file.path.name, src_dir_fd=folder, dst_dir_fd=folder)


def has_systemd() -> bool:
    """Whether systemd runs here."""
    return Path("/run/systemd/system").is_dir() and shutil.which("systemctl") is not None


def active(unit: str) -> bool:
    """Whether a unit runs."""
    try:
        run("systemctl", "is-active", "--quiet", unit)
    except UserError:
        return False
    return True


def taken(ports: Collection[int]) -> dict[int, str]:
    """Those of the ports that something listens on already, and the name of what does."""
    found = {}
    for one in psutil.net_connections("tcp"):
        if one.status == psutil.CONN_LISTEN and one.laddr and one.laddr.port in ports:
            found[one.laddr.port] = _name(one.pid)
    return found


def _name(pid: int | None) -> str:
    try:
        return psutil.Process(pid).name() if pid else "another program"
    except psutil.Error:
        return "another program"
