"""Numbers that name rows, as types of their own: none is taken for another, and none is made of a bare number."""

from typing import Final, NewType

DomainId = NewType("DomainId", int)
"""A domain. Rows of the database and records have one; else `accounts.scope` and the edge's directory alone make it."""

NO_DOMAIN: Final = DomainId(0)
"""Of lines that name no host, and of pages of nobody's."""
