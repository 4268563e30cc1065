"""How many there are of something, as people write it."""


def plural(count: int, noun: str, many: str = "") -> str:
    """``1 image``, ``2 images``."""
    return f"{count:,} {noun if count == 1 else many or noun + 's'}"
