from urllib.parse import unquote

import pytest

from crawlight.edge.endpoints.whole_url import asked_in, is_whole_url
from crawlight.errors import CrawlightError


def scope(raw: str, query: str = "", root: str = "", kind: str = "") -> dict[str, object]:
    return {
        "headers": [(b"x-prerender-int-type", kind.encode())] if kind else [],
        "path": root + unquote(raw),
        "raw_path": raw.encode(),
        "query_string": query.encode(),
        "root_path": root,
    }


@pytest.mark.parametrize(
    ("raw", "query", "page"),
    [
        ("/https://example.com/page", "x=1", "/page?x=1"),
        ("/http://www.example.com/page", "", "/page"),
        ("/https://EXAMPLE.com:443", "", "/"),
        ("/https:/example.com/a//b", "", "/a//b"),
        ("/https%3A%2F%2Fexample.com%2Fa%2520b%3Fx%3D1", "", "/a%20b?x=1"),
        ("/https://example.com/a%2Fb/%C3%A9", "", "/a%2Fb/%C3%A9"),
        ("/https://example.com/page", "_escaped_fragment_=", "/page"),
        ("/https://example.com/page", "a=1&_escaped_fragment_=key&b=2", "/page?a=1&b=2"),
        ("/https://example.com/page", "a=http://example.net/", "/page?a=http://example.net/"),
    ],
)
@pytest.mark.parametrize("root", ["", "/crawlight"])
def test_a_path_that_is_a_whole_url(raw: str, query: str, page: str, root: str) -> None:
    assert is_whole_url(scope(raw, query, root))
    asked = asked_in(scope(raw, query, root))
    assert (asked.host, asked.path) == ("example.com", page)


@pytest.mark.parametrize(
    ("raw", "query", "kind", "page"),
    [
        ("/https://example.com/a%253Fb%3Fx=1&y=%252F", "", "Nginx", "/a%3Fb?x=1&y=%2F"),
        ("/https://example.com/%25C3%25A9", "", "", "/%C3%A9"),
        ("/https://example.com/a%3Fb", "", "Node", "/a%3Fb"),
        ("/https://example.com/a%2520b", "x=1", "Nginx", "/a%2520b?x=1"),
    ],
)
def test_what_nginx_escaped_as_a_whole_is_told_by_what_is_left_of_the_query(
    raw: str, query: str, kind: str, page: str
) -> None:
    assert asked_in(scope(raw, query, kind=kind)).path == page


@pytest.mark.parametrize(
    "raw", ["/", "/v1/render", "/http", "/https", "/httpsx://example.com/", "/ftp://a.b/", "/https:"]
)
def test_paths_that_are_none(raw: str) -> None:
    assert not is_whole_url(scope(raw))


@pytest.mark.parametrize("raw", ["/https://user@example.com/", "/https://?/", "/https://exa mple.com/"])
def test_urls_that_name_no_page(raw: str) -> None:
    with pytest.raises(CrawlightError) as refused:
        asked_in(scope(raw))
    assert refused.value.code == "invalid_request"
