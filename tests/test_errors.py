import pytest

from crawlight.errors import STATUS_OF_CODE, CrawlightError, UserError


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
    error = CrawlightError(
        "rate_limit_exceeded", "too fast", members={"usage": 3, "limit": 2}, headers={"Retry-After": "9"}
    )
    assert (error.code, error.status, error.reason) == ("rate_limit_exceeded", 429, "too fast")
    assert error.members == {"usage": 3, "limit": 2}
    assert error.headers == {"Retry-After": "9"}
    assert str(error) == "too fast"


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
