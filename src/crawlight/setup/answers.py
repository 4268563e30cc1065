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
    if path == Path("/") or any(map(path.is_relative_to, _PRIVATE)):
        raise UserError(f"{path} is no place for a service's data; leave --data out for {DATA}")
    return path
