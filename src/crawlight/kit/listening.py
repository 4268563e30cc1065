"""Where this machine reaches what listens on an address."""

import hashlib
import os
import socket
import tempfile
from pathlib import Path
from typing import Final

_ANY: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104


def reachable(host: str) -> str:
    """The host to connect to: the loopback address where ``host`` stands for all of them."""
    return _ANY.get(host, host)


def local_url(host: str, port: int) -> str:
    """The http URL of a server that listens on ``host``."""
    name = reachable(host)
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"


def free_port() -> int:
    """A port of the loopback interface on which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as bound:
        port: int = bound.getsockname()[1]
        return port


# The kernel's bound on the path of a Unix socket, with its closing zero byte.
_LONGEST_PATH: Final = 107


def socket_path(folder: Path, name: str) -> Path:
    """Where a Unix socket of a folder is: in it, or, where that path is too long, in the temporary folder."""
    path = folder / f"{name}.sock"
    if len(os.fsencode(path)) <= _LONGEST_PATH:
        return path
    digest = hashlib.sha256(os.fsencode(path)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"crawlight-{os.getuid()}-{digest}.sock"
