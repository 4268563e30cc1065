"""Modules load faster while nobody looks for garbage among them, and without what they could do without."""

import gc
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from importlib.abc import MetaPathFinder


@contextmanager
def loading() -> Iterator[None]:
    """Import modules in the block: they are no garbage, and to look for some meanwhile takes a tenth of it."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()  # Nor are they any later.
        gc.enable()


class _Without:
    """Says to one thread that a package is not installed; others find it as ever."""

    def __init__(self, package: str) -> None:
        self._package, self._thread = package, threading.get_ident()

    def find_spec(self, name: str, *_: Any) -> None:
        """Refuse the package."""
        if name == self._package and threading.get_ident() == self._thread:
            raise ModuleNotFoundError(name)


@contextmanager
def without(package: str) -> Iterator[None]:
    """Import in the block what works without a package that takes long to load, and is not needed here."""
    finder = cast("MetaPathFinder", _Without(package))
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
