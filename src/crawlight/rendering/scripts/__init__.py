"""What runs in the page: ``hooks.js`` in the world of its own scripts, the others in one that the page cannot see."""

from importlib.resources import files


def script(name: str) -> str:
    """The text of a script."""
    return files(__package__).joinpath(name).read_text(encoding="utf-8")
