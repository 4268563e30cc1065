"""Modules load faster while nobody looks for garbage among them."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def loading() -> Iterator[None]:
    """Import modules in the block: they are no garbage, and to look for some meanwhile takes a tenth of it."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()  # Nor are they any later.
        gc.enable()
