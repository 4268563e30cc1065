"""E-mail addresses, by which people name accounts."""

import re

from crawlight.errors import UserError

# Only what cannot be an address is refused; whether one exists, only a mail can tell.
_EMAIL = re.compile(r"[^@\s\x00-\x1f\x7f]{1,64}@[^@\s\x00-\x1f\x7f]{1,253}")


def normal_email(email: str) -> str:
    """The form in which an address is kept: trimmed, lower case. Raises UserError where it is none."""
    address = email.strip().lower()
    if not _EMAIL.fullmatch(address) or len(address) > 254:
        raise UserError(f"{email!r} is no e-mail address")
    return address


def unknown_account(email: str) -> UserError:
    """What to tell a person whose address no account has."""
    return UserError(f"there is no account {normal_email(email)}", cli="make one with `crawlight user add`")
