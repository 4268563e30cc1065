"""Opening what the service's user may have put something else in the place of: nothing is followed or waited for.

Who sets up is root. Were a link in the user's folder followed, its target would be read or written for the user.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crawlight.errors import UserError


@contextmanager
def opened_folder(path: Path, *, follow: bool = False) -> Iterator[int]:
    """The descriptor of a folder. Raises UserError where there is none, or a link that is not to be followed."""
    try:
        opened = os.open(path, os.O_RDONLY | os.O_DIRECTORY | (0 if follow else os.O_NOFOLLOW))
    except OSError as error:
        raise UserError(f"{path} is no folder that can be used: {error.strerror}") from None
    try:
        yield opened
    finally:
        os.close(opened)


def content(path: Path, *, folder: int | None = None, follow: bool = False) -> bytes | None:
    """What is in a file, None where there is none; with ``folder``, the file of that name within it.

    Raises UserError for what is no regular file.
    """
    flags = os.O_RDONLY | os.O_NONBLOCK | (0 if follow else os.O_NOFOLLOW)
    try:
        opened = os.open(path if folder is None else path.name, flags, dir_fd=folder)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UserError(f"{path} is no file that can be used: {error.strerror}; remove it") from None
    try:
        if not stat.S_ISREG(os.fstat(opened).st_mode):
            raise UserError(f"{path} is no regular file; remove it")
        with os.fdopen(opened, "rb", closefd=False) as stream:
            return stream.read()
    finally:
        os.close(opened)
