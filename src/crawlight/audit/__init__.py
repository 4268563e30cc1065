"""The SEO audit of one page: ``audit(PageInputs(...))`` gives score and issues."""

from crawlight.audit.check import Check, Issue
from crawlight.audit.checks import CHECKS, check_named
from crawlight.audit.guidance import Guidance
from crawlight.audit.page import Facts, PageInputs
from crawlight.audit.score import VERSION, WEIGHTS, Audit, audit, audit_html

__all__ = [
    "CHECKS",
    "VERSION",
    "WEIGHTS",
    "Audit",
    "Check",
    "Facts",
    "Guidance",
    "Issue",
    "PageInputs",
    "audit",
    "audit_html",
    "check_named",
]
