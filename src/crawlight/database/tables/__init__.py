"""All tables, in one place because migrations need them together; the rooms hold the operations."""

from crawlight.database.tables.accounts import Account, ApiKey, Usage
from crawlight.database.tables.agents import AgentSettings
from crawlight.database.tables.audits import PageAudit, PageComparison
from crawlight.database.tables.domains import (
    Domain,
    Import,
    ImportedFile,
    Membership,
    Page,
    Role,
    RoutingRules,
    SeoCounts,
)
from crawlight.database.tables.events import EventId, ForgottenDomain
from crawlight.database.tables.fronting import FrontState
from crawlight.database.tables.hosting import HostedContent, HostedFile, HostedMode
from crawlight.database.tables.indexnow import IndexNow, IndexNowPage
from crawlight.database.tables.jobs import Job, OriginPause
from crawlight.database.tables.rendering import (
    ChangeKind,
    DomainSettings,
    EdgeChange,
    Generation,
    IdentityPolicy,
    LateContent,
    OriginCertificate,
    OriginHost,
    PageInputs,
    PrivatePages,
    Refresh,
    Revalidation,
    RobotsHeader,
    Sitemap,
    SitemapAlternates,
    Snapshot,
)
from crawlight.database.tables.robots import RobotsPeriod, RobotsVersion
from crawlight.database.tables.sessions import Link, LinkPurpose, Secret, Session
from crawlight.database.tables.texts import PageText

__all__ = [
    "Account",
    "AgentSettings",
    "ApiKey",
    "ChangeKind",
    "Domain",
    "DomainSettings",
    "EdgeChange",
    "EventId",
    "ForgottenDomain",
    "FrontState",
    "Generation",
    "HostedContent",
    "HostedFile",
    "HostedMode",
    "IdentityPolicy",
    "Import",
    "ImportedFile",
    "IndexNow",
    "IndexNowPage",
    "Job",
    "LateContent",
    "Link",
    "LinkPurpose",
    "Membership",
    "OriginCertificate",
    "OriginHost",
    "OriginPause",
    "Page",
    "PageAudit",
    "PageComparison",
    "PageInputs",
    "PageText",
    "PrivatePages",
    "Refresh",
    "Revalidation",
    "RobotsHeader",
    "RobotsPeriod",
    "RobotsVersion",
    "Role",
    "RoutingRules",
    "Secret",
    "SeoCounts",
    "Session",
    "Sitemap",
    "SitemapAlternates",
    "Snapshot",
    "Usage",
]
