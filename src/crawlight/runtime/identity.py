"""Settings become the judge of who a crawler is."""

from crawlight.bots.identity import Identity
from crawlight.bots.lists import FOLDER, Ranges, load_ranges
from crawlight.bots.reverse_dns import ReverseDns
from crawlight.settings import Settings


def lists_of(settings: Settings) -> Ranges:
    """The address lists: those of the data directory where they are newer than what ships."""
    return load_ranges(settings.data_dir / FOLDER)


def identity_of(settings: Settings, *, dns: bool = True, lists: Ranges | None = None) -> Identity:
    """The judge, by address lists (`lists_of`, unless given) and, where ``dns`` may be asked, by host names."""
    ranges = lists_of(settings) if lists is None else lists
    return Identity(ranges, ReverseDns() if dns else None, trusted=settings.trusted_proxies)
