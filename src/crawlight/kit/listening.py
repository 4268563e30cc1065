"""Where this machine reaches what listens on an address."""

from typing import Final

_ANY: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104


def reachable(host: str) -> str:
    """The host to connect to: the loopback address where ``host`` stands for all of them."""
    return _ANY.get(host, host)


def local_url(host: str, port: int) -> str:
    """The http URL of a server that listens on ``host``."""
    name = reachable(host)
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"
