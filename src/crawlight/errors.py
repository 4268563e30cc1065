"""Refusals: the closed list of API error codes, the exceptions that carry them, and the one form of their JSON."""

from collections.abc import Mapping
from typing import ClassVar, Final

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


_CODE_OF_STATUS: Mapping[int, str] = {404: "not_found", 405: "method_not_allowed"}


RETRY_SECONDS: Final = 5
"""When callers come again where nothing says better: a store that is away is often back by then."""


class RefusalError(Exception):
    """What all refusals have: a message, and a ``status`` of HTTP, which also says whether another try may succeed."""

    status: int

    @property
    def retryable(self) -> bool:
        """Whether the same may succeed later: a limit is reached (429), or something is away (503)."""
        return self.status in (429, 503)


class CrawlightError(RefusalError):
    """A refusal that an API caller sees as ``{"error": code, **members}``.

    ``reason`` goes into the header ``x-crawlight-reason``, never into the body; some codes have a usual one.
    One that is retryable says in ``Retry-After`` after how many seconds.
    """

    statuses: ClassVar[Mapping[str, int]] = STATUS_OF_CODE

    def __init__(
        self,
        code: str,
        reason: str = "",
        *,
        members: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        retry_after: int = RETRY_SECONDS,
    ) -> None:
        super().__init__(reason or code)
        self.code = code
        self.status = self.statuses[code]
        self.reason = reason or USUAL_REASONS.get(code, "")
        self.members = dict(members or {})
        self.headers = dict(headers or {})
        if self.retryable:
            self.headers["Retry-After"] = str(retry_after)

    @classmethod
    def of_status(cls, status: int, headers: Mapping[str, str] | None = None) -> "CrawlightError":
        """What a router refuses: nothing there, no such method, or a request that is none."""
        return cls(_CODE_OF_STATUS.get(status, "invalid_request"), headers=headers)

    def body(self) -> bytes:
        """The answer's flat JSON."""
        return flat_json(self.code, self.members)

    def headers_with_reason(self) -> dict[str, str]:
        """The answer's headers, with the reason in ASCII."""
        if not self.reason:
            return self.headers
        return {
            **self.headers,
            "x-crawlight-reason": self.reason.encode("ascii", "backslashreplace").decode(),
        }


class UserError(RefusalError):
    """A mistake that a person can mend, at the command line or in a form; the message says what is wrong.

    Each surface adds its own hint: ``cli`` names commands and options, ``page`` what is in the browser.
    """

    status = 400

    def __init__(self, message: str, *, cli: str = "", page: str = "") -> None:
        super().__init__(message)
        self._cli, self._page = cli, page

    def at_terminal(self) -> str:
        """The message for a terminal."""
        return "; ".join(filter(None, (str(self), self._cli)))

    def on_page(self) -> str:
        """The message for a browser, as a sentence."""
        text = "; ".join(filter(None, (str(self), self._page)))
        return f"{text[:1].upper()}{text[1:]}" + ("" if text.endswith((".", "?", "!")) else ".")


class ConflictError(UserError):
    """What was asked for does not go with what is there: a name that is taken, a limit that is reached."""

    status = 409


def flat_json(code: str, members: Mapping[str, object] | None = None) -> bytes:
    """The body of every refusal: ``{"error": code, **members}``."""
    import msgspec  # Takes a while, and commands need none of it.

    return msgspec.json.encode({"error": code, **(members or {})})
