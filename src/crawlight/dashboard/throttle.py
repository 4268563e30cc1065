"""How often somebody may try a password, a link, or have a mail sent.

Tries are counted by address, and by account for browsers that never signed in to it: guessing from many addresses
is slow, too. A browser that did sign in to the account before has a count of its own, so that a stranger who
guesses cannot lock its owner out.
"""

import ipaddress
from typing import Final

from fastapi import Request, Response

from crawlight.accounts.tokens import new_token
from crawlight.dashboard.frame import cookie_name, set_cookie
from crawlight.dashboard.refusals import Refusal
from crawlight.dashboard.state import dashboard_of

PER_ADDRESS: Final = 20
PER_ACCOUNT: Final = 10
"""Tries a minute."""
_DEVICE: Final = "device"
_DEVICE_SECONDS: Final = 365 * 86_400


async def count_try(request: Request, email: str) -> None:
    """Count one try for an account (an e-mail address, whether anybody has it or not). Raises a 429 refusal."""
    device = await _device_of(request, email)
    await _count(request, f"address/{_network(request)}", PER_ADDRESS)
    await _count(request, f"device/{device}" if device else f"account/{email[:300]}", PER_ACCOUNT)


async def count_address(request: Request) -> None:
    """Count one try that is about no account, such as a link. Raises a 429 refusal."""
    await _count(request, f"address/{_network(request)}", PER_ADDRESS)


async def know_device(request: Request, response: Response, email: str) -> None:
    """Remember that this browser signed in to the account."""
    if not await _device_of(request, email):
        signed = await dashboard_of(request).sign(_DEVICE, f"{new_token()} {email}")
        set_cookie(request, response, _DEVICE, signed, _DEVICE_SECONDS)


async def _device_of(request: Request, email: str) -> str:
    """The name of a browser that signed in to this account before, else nothing."""
    signed = request.cookies.get(cookie_name(request, _DEVICE), "")
    value = await dashboard_of(request).unsign(_DEVICE, signed, _DEVICE_SECONDS) if signed else None
    name, _, whose = (value or "").partition(" ")
    return name if whose == email else ""


def _network(request: Request) -> str:
    """The caller's address; of IPv6 the /64, which one household has."""
    given = request.client.host if request.client else ""
    try:
        address = ipaddress.ip_address(given)
    except ValueError:
        return given
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.IPv6Network((int(address) >> 64 << 64, 64)))
    return given


async def _count(request: Request, who: str, limit: int) -> None:
    minute = await dashboard_of(request).limiter.hit(who, limit)
    if not minute.allowed:
        text = f"That was too many tries. Try again in {minute.reset_seconds} seconds."
        raise Refusal("too_many_tries", "Too many tries", text, retry_after=minute.reset_seconds)
