"""What a machine is set up with: five answers, and what follows from them."""

import os
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import msgspec

from crawlight.errors import UserError
from crawlight.kit.urls import bare_host

USER: Final = "crawlight"
"""The system's user, and its group."""

DATA: Final = Path("/var/lib/crawlight")
"""Where everything is kept, unless somebody says otherwise."""

_PRIVATE: Final = ("/home", "/root", "/run", "/tmp", "/var/tmp", "/dev", "/proc", "/sys")  # noqa: S108
"""Where the service sees nothing, or what it wrote would go."""

_SYSTEM: Final = ("/bin", "/boot", "/etc", "/lib", "/lib32", "/lib64", "/sbin", "/usr")
"""The system itself, which is to be nobody else's."""

_SHARED: Final = frozenset(
    (
        *map(Path, ("/", "/media", "/mnt", "/opt", "/snap", "/srv", "/var")),
        *(
            Path("/var") / name
            for name in ("backups", "cache", "lib", "local", "log", "mail", "opt", "spool", "www")
        ),
    )
)
"""Folders of many programs; one of their own below them will do."""

_OURS: Final = frozenset({"crawlight.toml", "crawlight.sqlite"})
"""Either is in every data directory."""

_EMPTY_DISK: Final = frozenset({"lost+found"})


class Answers(msgspec.Struct, frozen=True):
    """What somebody said. Each may be empty; ``origin`` needs a ``site`` and the front.

    ``email`` and ``password`` are those of the first account, which is on ``plan``; ``name`` is this server's own.
    """

    email: str = ""
    password: str = ""
    plan: str = ""
    name: str = ""
    site: str = ""
    origin: str = ""
    front: bool = True

    def check(self) -> None:
        """Raise UserError where the answers do not fit together."""
        if self.password and not self.email:
            raise UserError("a password needs --email")
        if self.origin and not self.site:
            raise UserError("--origin needs --site")
        if self.origin and not self.front:
            raise UserError("--origin is the front's; leave it out, or --no-front")
        if self.site and not self.email:
            raise UserError("--site needs --email: the account that owns it")
        if self.site and self.site == self.name:
            raise UserError(
                f"{self.name} cannot be both this server and a site; give the server a name of its own"
            )
        if self.origin and bare_host(urlsplit(self.origin).hostname or "") == self.site:
            raise UserError(
                f"{self.origin} is where the DNS of {self.site} is to lead here: give the site's other name"
            )


def fit_data(folder: Path) -> Path:
    """A folder that a service can keep its data in. Raises UserError for any other."""
    path = Path(os.path.abspath(folder))  # noqa: PTH100 - without .., which no link is asked about
    if any(not (sign.isalnum() or sign in "/._-") for sign in str(path)):
        raise UserError(f"{path}: the data directory's path may have letters, digits, '.', '_' and '-'")
    for one in (path, Path(os.path.realpath(path))):
        if one in _SHARED or any(map(one.is_relative_to, (*_PRIVATE, *_SYSTEM))):
            raise UserError(f"{path} is no place for a service's data; leave --data out for {DATA}")
    return path


def check_ours(folder: Path) -> None:
    """Raise UserError for what is there and is no data directory: it is not ours to give away, or to remove."""
    if folder.is_symlink():
        raise UserError(f"{folder} is a link: give the folder that it leads to")
    try:
        names = set(os.listdir(folder)) - _EMPTY_DISK  # noqa: PTH208 - names alone
    except FileNotFoundError:
        return
    except NotADirectoryError:
        raise UserError(f"{folder} is no folder") from None
    if names and not names & _OURS:
        raise UserError(
            f"{folder} is no data directory of Crawlight: it is not empty,"
            f" and has neither {' nor '.join(sorted(_OURS, reverse=True))}. Nothing was changed"
        )
