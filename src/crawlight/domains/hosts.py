"""Host names and origins as people write them."""

import ipaddress
import re

import ada_url

from crawlight.errors import UserError
from crawlight.kit.urls import bare_host

_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")


def domain_host(given: str) -> str:
    """The host under which a domain is kept: lower case, punycode, without ``www.`` and final dot.

    Raises UserError for whatever is no bare host name: URLs, paths, ports, IP addresses.
    """
    text = given.strip()
    if "/" in text or "@" in text or "?" in text:
        raise UserError(f"{given!r} is no host name; give it without https:// and path, as in example.com")
    if _is_address(text):
        raise UserError(f"{given!r} is an address; a domain is a name, as in example.com")
    if ":" in text:
        raise UserError(
            f"{given!r} has a port; give the host name alone", cli="the port belongs into --origin"
        )
    host = bare_host(text)
    if (
        host is None
        or len(host) > 253
        or not all(map(_LABEL.fullmatch, host.split(".")))
        or _is_address(host)
    ):
        raise UserError(f"{given!r} is no host name, such as example.com")
    return host


def domain_origin(given: str) -> str:
    """The normal form of ``http[s]://host[:port]``. Raises UserError for other schemes, paths, passwords."""
    try:
        url = ada_url.URL(given.strip())
    except ValueError:
        raise UserError(f"{given!r} is no URL, such as https://app.example.com") from None
    if url.protocol not in ("http:", "https:") or not url.hostname:
        raise UserError(f"{given!r} does not begin with http:// or https://")
    if url.username or url.password or url.pathname != "/" or url.search or url.hash:
        raise UserError(f"{given!r} has more than scheme, host and port")
    return f"{url.protocol}//{url.host}"


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text.strip("[]"))
    except ValueError:
        return False
    return True
