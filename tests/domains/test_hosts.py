import pytest

from crawlight.domains.hosts import domain_host, domain_origin, new_domain_host
from crawlight.errors import UserError
from crawlight.kit.urls import bare_host


@pytest.mark.parametrize(
    ("given", "host"),
    [
        ("example.com", "example.com"),
        (" WWW.Example.COM. ", "example.com"),
        ("www.com", "www.com"),
        ("blog.example.com", "blog.example.com"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("XN--BCHER-KVA.example", "xn--bcher-kva.example"),
        ("localhost", "localhost"),
        ("my_app.example", "my_app.example"),
        ("a" * 63 + ".example", "a" * 63 + ".example"),
    ],
)
def test_host_names_have_one_form(given: str, host: str) -> None:
    assert domain_host(given) == host
    assert bare_host(domain_host(given)) == host


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("https://example.com", "leave out https:// and the path"),
        ("example.com/blog", "leave out https:// and the path"),
        ("example.com?a", "leave out https:// and the path"),
        ("me@example.com", "leave out https:// and the path"),
        ("example.com:8080", "give the host name alone"),
        ("192.0.2.1", "is an IP address"),
        ("[2001:db8::1]", "is an IP address"),
        ("2001:db8::1", "is an IP address"),
        ("0x7f.1", "is not a host name"),
        ("", "is not a host name"),
        (".", "is not a host name"),
        ("a..b", "is not a host name"),
        ("-a.example", "is not a host name"),
        ("a b.example", "is not a host name"),
        ("*.example.com", "is not a host name"),
        ("a%2eb", "is not a host name"),
        ("a\x00.example", "is not a host name"),
        ("a" * 64 + ".example", "is not a host name"),
        (".".join(["a" * 60] * 5), "is not a host name"),
    ],
)
def test_what_is_no_host_name_is_refused(given: str, reason: str) -> None:
    with pytest.raises(UserError, match=reason):
        domain_host(given)


def test_a_name_that_no_site_can_have_is_not_added() -> None:
    assert new_domain_host("WWW.example.com") == "example.com"
    with pytest.raises(
        UserError, match=r"'exam_ple\.com' can't be the host name of a site: it has an underscore"
    ):
        new_domain_host("exam_ple.com")
    with pytest.raises(UserError, match="is not a host name"):
        new_domain_host("a..b")


@pytest.mark.parametrize(
    ("given", "origin"),
    [
        ("https://app.example.com", "https://app.example.com"),
        (" HTTP://App.Example.com:80/ ", "http://app.example.com"),
        ("http://localhost:3000", "http://localhost:3000"),
        ("http://[::1]:3000", "http://[::1]:3000"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
    ],
)
def test_origins_have_one_form(given: str, origin: str) -> None:
    assert domain_origin(given) == origin


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("app.example.com", "is not a URL"),
        ("ftp://app.example.com", "doesn't begin with http:// or https://"),
        ("https://me:secret@app.example.com", "more than scheme, host and port"),
        ("https://app.example.com/shop", "more than scheme, host and port"),
        ("https://app.example.com?a", "more than scheme, host and port"),
    ],
)
def test_what_is_no_origin_is_refused(given: str, reason: str) -> None:
    with pytest.raises(UserError, match=reason):
        domain_origin(given)
