"""What is said where the disk refuses."""

import errno
import os
import pwd

from crawlight.kit.disk import for_whom, refused

ME = pwd.getpwuid(os.geteuid()).pw_name


def test_permission_that_is_missing_is_said_with_whom_it_is_missing_for() -> None:
    denied = PermissionError(errno.EACCES, "Permission denied", "/root/access.log")
    assert for_whom(denied) == f" for the user {ME}"
    assert refused(denied).startswith(f"/root/access.log: Permission denied for the user {ME}; ")


def test_other_refusals_are_nobodys() -> None:
    full = OSError(errno.ENOSPC, "No space left on device", "/srv")
    assert for_whom(full) == for_whom(None) == ""
    assert refused(full) == "/srv: No space left on device; free up space there"
