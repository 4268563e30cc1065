"""Random tokens that somebody holds, while only their SHA-256 is stored."""

import secrets
from hashlib import sha256
from typing import Final

_BYTES: Final = 24
"""192 bits: nobody can try them through, so neither salt nor a slow hash is needed."""


def new_token() -> str:
    """A token of 192 random bits, safe in URLs and cookies."""
    return secrets.token_urlsafe(_BYTES)


def digest_of(token: str) -> bytes:
    """What is stored of a token."""
    return sha256(token.encode()).digest()
