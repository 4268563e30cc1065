"""What the disk says when it refuses, and what a person can do about it."""

import errno
import os
import pwd
from collections.abc import Mapping
from typing import Final

_OWNER: Final = "give it to the user that runs Crawlight, or choose another data directory with --data"
_FULL: Final = "free up space there"
ADVICE: Final[Mapping[int, str]] = {
    errno.EACCES: _OWNER,
    errno.EPERM: _OWNER,
    errno.EROFS: "it is mounted read-only: mount it writable, or choose another data directory with --data",
    errno.ENOSPC: _FULL,
    errno.EDQUOT: f"{_FULL}, or raise the quota",
    errno.EMFILE: "allow the process more open files (ulimit -n, LimitNOFILE)",
    errno.EIO: "the disk is failing: its kernel log says more",
}
"""By errno: the refusals that are no fault of ours."""


def refused(error: OSError) -> str:
    """What was refused, why, and what to do, in one line; empty where it is no refusal of the disk."""
    advice = ADVICE.get(error.errno or 0)
    if advice is None:
        return ""
    where = f"{error.filename}: " if error.filename else ""
    return f"{where}{error.strerror}{for_whom(error)}; {advice}"


def for_whom(error: BaseException | None) -> str:
    """Which user may not, where something failed for want of permission: that need not be who typed the command."""
    if not isinstance(error, PermissionError):
        return ""
    try:
        return f" for the user {pwd.getpwuid(os.geteuid()).pw_name}"
    except KeyError:
        return f" for the user {os.geteuid()}"
