"""The SEO audit of one page: ``audit(PageInputs(...))`` gives score and issues."""

from crawlight.audit.check import Check, Guidance, Issue
from crawlight.audit.checks import CHECKS, check_named
from crawlight.audit.page import Facts, PageInputs
from crawlight.audit.score import VERSION, WEIGHTS, Audit, audit

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
    "check_named",
]
