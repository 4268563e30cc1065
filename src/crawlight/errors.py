"""The closed list of API error codes, and the exceptions that carry them."""

from collections.abc import Mapping

STATUS_OF_CODE: Mapping[str, int] = {
    "invalid_request": 400,
    "invalid_api_key": 401,
    "plan_upgrade_required": 403,
    "domain_not_authorized": 403,
    "not_found": 404,
    "method_not_allowed": 405,
    "payload_too_large": 413,
    "rate_limit_exceeded": 429,
    "internal_error": 500,
    "unavailable": 503,
}
"""Every code that an API answer may carry, with its one HTTP status."""

USUAL_REASONS: Mapping[str, str] = {
    "invalid_api_key": "the key is missing, malformed, unknown or revoked",
    "not_found": "there is nothing at this address",
    "method_not_allowed": "the header Allow names the methods of this address",
    "internal_error": "a fault of the server, whose log has the requestId",
}
"""Reasons of codes that need no other."""


class CrawlightError(Exception):
    """A refusal that an API caller sees as ``{"error": code, **members}``.

    ``reason`` goes into the header ``x-crawlight-reason``, never into the body; some codes have a usual one.
    """

    def __init__(
        self,
        code: str,
        reason: str = "",
        *,
        members: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(reason or code)
        self.code = code
        self.status = STATUS_OF_CODE[code]
        self.reason = reason or USUAL_REASONS.get(code, "")
        self.members = dict(members or {})
        self.headers = dict(headers or {})


class UserError(Exception):
    """A mistake that the person at the command line can mend; the message says how.

    Also raised by the rooms for refusals that have no API code, such as an e-mail address taken twice.
    """
