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
        raise UserError(f"{given!r} is not a host name; leave out https:// and the path, as in example.com")
    if _is_address(text):
        raise UserError(f"{given!r} is an IP address; a domain is a name, as in example.com")
    if ":" in text:
        raise UserError(f"{given!r} has a port; give the host name alone", cli="the port goes into --origin")
    host = bare_host(text)
    if (
        host is None
        or len(host) > 253
        or not all(map(_LABEL.fullmatch, host.split(".")))
        or _is_address(host)
    ):
        raise UserError(f"{given!r} is not a host name like example.com")
    return host


def new_domain_host(given: str) -> str:
    """The host of a domain that is to be added, as `domain_host` gives it.

    Raises UserError for a name that no site can have, too; one that was added earlier can still be removed.
    """
    host = domain_host(given)
    if "_" in host:
        raise UserError(f"{given!r} can't be the host name of a site: it has an underscore")
    return host


def domain_origin(given: str) -> str:
    """The normal form of ``http[s]://host[:port]``. Raises UserError for other schemes, paths, passwords."""
    try:
        url = ada_url.URL(given.strip())
    except ValueError:
        raise UserError(f"{given!r} is not a URL like https://app.example.com") from None
    if url.protocol not in ("http:", "https:") or not url.hostname:
        raise UserError(f"{given!r} doesn't begin with http:// or https://")
    if url.username or url.password or url.pathname != "/" or url.search or url.hash:
        raise UserError(f"{given!r} has more than scheme, host and port")
    return f"{url.protocol}//{url.host}"


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text.strip("[]"))
    except ValueError:
        return False
    return True
