"""What has to survive a power cut."""

import os
from pathlib import Path


def sync(path: Path) -> None:
    """Bring a file that is written, or a folder in which something was renamed, to disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
