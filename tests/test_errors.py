import pytest

from crawlight.errors import STATUS_OF_CODE, ConflictError, CrawlightError, UserError
from crawlight.events.store import StoreBusyError
from crawlight.report.printing import PrintError


def test_every_code_has_its_status() -> None:
    assert STATUS_OF_CODE == {
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


def test_an_error_carries_what_the_answer_needs() -> None:
    error = CrawlightError("rate_limit_exceeded", "too fast", members={"usage": 3, "limit": 2}, retry_after=9)
    assert (error.code, error.status, error.reason) == ("rate_limit_exceeded", 429, "too fast")
    assert error.members == {"usage": 3, "limit": 2}
    assert error.headers == {"Retry-After": "9"}
    assert str(error) == "too fast"


def test_what_may_succeed_later_says_when() -> None:
    retryable = {code for code in STATUS_OF_CODE if CrawlightError(code).retryable}
    assert retryable == {"rate_limit_exceeded", "unavailable"}
    assert {code for code in STATUS_OF_CODE if "Retry-After" in CrawlightError(code).headers} == retryable
    assert CrawlightError("unavailable").headers == {"Retry-After": "5"}
    assert CrawlightError("rate_limit_exceeded", retry_after=9).headers == {"Retry-After": "9"}


@pytest.mark.parametrize(
    ("kind", "status", "retryable"),
    [
        (UserError, 400, False),
        (ConflictError, 409, False),
        (PrintError, 503, True),
        (StoreBusyError, 503, True),
    ],
)
def test_what_people_are_told_has_a_status_too(kind: type[UserError], status: int, retryable: bool) -> None:
    error = kind("no")
    assert (error.status, error.retryable) == (status, retryable)


def test_members_and_headers_are_its_own() -> None:
    members = {"usage": 1}
    error = CrawlightError("invalid_request", members=members)
    members["usage"] = 2
    assert error.members == {"usage": 1}
    assert error.headers == {}
    assert str(error) == "invalid_request"


def test_an_unknown_code_cannot_be_raised() -> None:
    with pytest.raises(KeyError):
        CrawlightError("teapot")


def test_a_user_error_is_its_message() -> None:
    assert str(UserError("say --owner")) == "say --owner"
