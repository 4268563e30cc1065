"""Small helpers for the texts of pages."""

from crawlight.errors import UserError


def sentence(error: UserError) -> str:
    """A refusal of a room as a sentence: it begins in upper case and ends with a full stop."""
    text = str(error)
    return f"{text[:1].upper()}{text[1:]}" + ("" if text.endswith((".", "?", "!")) else ".")
