"""All tables, in one place because migrations need them together; the rooms hold the operations."""

from crawlight.database.tables.accounts import Account, ApiKey, Usage
from crawlight.database.tables.domains import Domain, ImportedFile, Membership, Page, Role, SeoCounts

__all__ = [
    "Account",
    "ApiKey",
    "Domain",
    "ImportedFile",
    "Membership",
    "Page",
    "Role",
    "SeoCounts",
    "Usage",
]
