import ada_url
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crawlight.kit import urls
from crawlight.kit.tracking import TRACKING_PARAMETERS, is_tracking
from crawlight.kit.urls import (
    ASSET_EXTENSIONS,
    MAX_URL_BYTES,
    bare_host,
    canonical_path,
    canonical_url,
    kind_of,
    markdown_path,
    page_of_markdown,
    split_url,
)

# Small alphabets of what is special in URLs find more than random text does.
_CHARACTERS = "/.?&=#%+;:@\\|'\"<>{}[]^` \t\n*~aB1é中\udce9\x00"
_SEQUENCES = ".. %2e %2E %2f %25 %41 %3 %% %zz %7e %C3%A9 %c3 // utm_a=1 gclid http://h"
_PIECES = st.sampled_from([*_CHARACTERS, *_SEQUENCES.split()])
TARGETS = st.lists(_PIECES, max_size=12).map("".join)
PATHS = TARGETS.map(lambda text: "/" + text)


@pytest.mark.parametrize(
    ("raw", "canonical"),
    [
        ("/", "/"),
        ("/blog/launch", "/blog/launch"),
        ("/a/../b?x=1", "/b?x=1"),
        ("/a/./b/", "/a/b/"),
        ("/a/%2e%2E/b", "/b"),
        ("/../..", "/"),
        ("/a/..", "/"),
        ("/a/.", "/a/"),
        ("/.well-known/x", "/.well-known/x"),
        ("/a...", "/a..."),
        ("/a/...", "/a/..."),
        # Slashes stay, and two at the start are no host.
        ("//evil.example/x", "//evil.example/x"),
        ("///", "///"),
        ("/a//b/", "/a//b/"),
        ("/..//a", "//a"),
        ("/a\\b\\..\\c", "/a/c"),
        ("/C:/../x", "/x"),
        # Fragments and white space.
        ("/a#b?c", "/a"),
        ("/a?b#c", "/a?b"),
        ("/a#?utm_source=x", "/a"),
        ("/a\tb\n", "/ab"),
        ("/a b", "/a%20b"),
        ("/a ", "/a"),
        # Percent-encoding.
        ("/%7Euser/%61%2d", "/~user/a-"),
        ("/a%2fb", "/a%2Fb"),
        ("/a%25b", "/a%25b"),
        ("/a%252fb", "/a%252fb"),
        ("/100%", "/100%"),
        ("/%zz%a", "/%zz%a"),
        ("/%%34%31", "/%%341"),
        ("/%4%31", "/%4%31"),
        ("/caf%c3%a9", "/caf%C3%A9"),
        ("/café", "/caf%C3%A9"),
        ("/caf\udcc3\udca9", "/caf%C3%A9"),
        ("/caf\udce9", "/caf%E9"),
        ("/a+b?c+d=e+f", "/a+b?c+d=e+f"),
        ("/?q=%2B", "/?q=%2B"),
        ("/?q=%20", "/?q=%20"),
        ("/a\x00b", "/a%00b"),
        ('/a"<>', "/a%22%3C%3E"),
        # Parameters.
        ("/?", "/"),
        ("/?&&", "/"),
        ("/?b=2&a=1", "/?a=1&b=2"),
        ("/?b&a=&a&A", "/?A&a=&a&b"),
        ("/?a=2&b=0&a=1", "/?a=2&a=1&b=0"),
        ("/?a=1&&b=2", "/?a=1&b=2"),
        ("/?a=b=c", "/?a=b=c"),
        ("/?=x", "/?=x"),
        ("/a?b?c", "/a?b?c"),
        ("/?%61=1&%62=2", "/?a=1&b=2"),
        ("/?a=1;b=2", "/?a=1;b=2"),
        ("/?utm_source=x&q=1&UTM_Medium=y", "/?q=1"),
        ("/?utm%5Fsource=x", "/"),
        ("/?gclid=1&fbclid&msclkid=", "/"),
        ("/?utm=1&gclid2=1", "/?gclid2=1&utm=1"),
        # Absolute form.
        ("http://example.com", "/"),
        ("HTTPS://example.com:443/a/../b?y&x#z", "/b?x&y"),
        ("http://user:pass@example.com/a", "/a"),
    ],
)
def test_canonical_path(raw: str, canonical: str) -> None:
    assert canonical_path(raw) == canonical


@pytest.mark.parametrize(
    "raw",
    [
        *("", "*", "-", "?a", "#", " ", "a/b", " /a", "example.com:443", "http://", "http:///", "https:"),
        *(
            "http:/a",
            "ftp://example.com/",
            "javascript:alert(1)",
            "http://[::1/",
            "http://a b/",
            "\\x16\\x03",
        ),
        *("\\a", "\x16\x03\x01", "../a", "/\ud800", "http://%zz/"),
    ],
)
def test_what_is_no_page(raw: str) -> None:
    assert canonical_path(raw) is None


def test_the_limit_is_in_bytes_given_and_made() -> None:
    assert canonical_path("/" + "a" * (MAX_URL_BYTES - 1)) is not None
    assert canonical_path("/" + "a" * MAX_URL_BYTES) is None
    assert canonical_path("/%41" + "a" * MAX_URL_BYTES) is None
    assert canonical_path("/" + "é" * (MAX_URL_BYTES // 6)) is not None
    assert canonical_path("/" + "é" * (MAX_URL_BYTES // 6 + 1)) is None
    assert canonical_path("/?gclid=" + "a" * MAX_URL_BYTES) is None
    assert split_url("https://example.com/" + "a" * (MAX_URL_BYTES - 20)) is not None
    assert split_url("https://example.com/" + "a" * (MAX_URL_BYTES - 19)) is None


def test_ignored_parameters_of_a_domain() -> None:
    ignored = frozenset({"session", "~x"})
    assert canonical_path("/?session=1&%7Ex=2&Session=3&b&a", ignored) == "/?Session=3&a&b"
    assert canonical_path("/?session", ignored) == "/"


@given(TARGETS)
@example("/%%34%31")
@example("/?%26=%3D&a")
def test_a_canonical_path_is_its_own_canonical_form(raw: str) -> None:
    canonical = canonical_path(raw)
    if canonical is not None:
        assert canonical_path(canonical) == canonical
        assert canonical.startswith("/")
        assert canonical.isascii()
        assert "#" not in canonical


@given(st.text(max_size=30) | TARGETS | st.binary().map(lambda raw: raw.decode("utf-8", "surrogateescape")))
def test_any_text_gets_an_answer(raw: str) -> None:
    for text in (raw, "/" + raw, "http://" + raw):
        path = canonical_path(text)
        assert path is None or kind_of(path) in ("crawl", "robots", "asset")
        split_url(text)
        bare_host(text)


@given(st.text("/.aZ0-_~!$&'()*+,;=:@", max_size=20).map(lambda text: "/" + text) | PATHS)
def test_the_short_way_equals_the_long_way(raw: str) -> None:
    href = urls._parsed(raw)
    long_way = None if href is None else urls._path_of(href, frozenset())
    assert canonical_path(raw) == long_way


@given(
    st.sampled_from(["http://", "https://"]),
    st.text("aw0.:-x4", max_size=12)
    | st.sampled_from(["www.h.example", "h.example:443", "1.2", "xn--a", "h:99999"]),
    st.text("/.aZ0-_~!$&'()*+,;=:@?", max_size=12).map(lambda text: "/" + text),
)
def test_splitting_the_short_way_equals_the_long_way(scheme: str, authority: str, target: str) -> None:
    assert split_url(scheme + authority + target) == urls._split(scheme + authority + target)


@given(PATHS)
def test_without_triplets_and_parameters_it_is_the_whatwg_path(raw: str) -> None:
    raw = raw.replace("%", "").replace("?", "").encode("utf-8", "ignore").decode()
    assert canonical_path(raw) == ada_url.URL("http://h" + raw).pathname


@given(st.lists(st.tuples(st.sampled_from("abAB~"), st.text("xyz=", max_size=3)), max_size=6))
def test_parameters_are_sorted_by_name_and_stable(parameters: list[tuple[str, str]]) -> None:
    raw = "&".join(f"{name}={value}" for name, value in parameters)
    expected = "&".join(f"{name}={value}" for name, value in sorted(parameters, key=lambda pair: pair[0]))
    assert canonical_path(f"/?{raw}") == ("/?" + expected if expected else "/")


@given(PATHS)
def test_ignoring_later_equals_ignoring_at_once(raw: str) -> None:
    ignored = frozenset({"a", "B"})
    canonical = canonical_path(raw)
    if canonical is not None:
        assert canonical_path(canonical, ignored) == canonical_path(raw, ignored)


@given(PATHS)
def test_both_forms_of_a_target_and_the_url_name_the_same_page(raw: str) -> None:
    path = canonical_path(raw)
    assert canonical_path("http://h" + raw) == path
    assert split_url("https://www.h.example" + raw) == (None if path is None else ("h.example", path))


@given(PATHS)
def test_a_canonical_url_splits_into_what_it_was_made_of(raw: str) -> None:
    path = canonical_path(raw)
    if path is not None:
        assert split_url(canonical_url("example.com", path)) == ("example.com", path)


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        ("https://example.com", ("example.com", "/")),
        ("HTTP://WWW.Example.COM:80/a?utm_id=1#b", ("example.com", "/a")),
        ("https://example.com.:443/", ("example.com", "/")),
        ("https://blog.example.com/", ("blog.example.com", "/")),
        ("https://bücher.example/ü", ("xn--bcher-kva.example", "/%C3%BC")),
        ("http://localhost:3000/a", ("localhost:3000", "/a")),
        ("http://[::1]:80/", ("[::1]", "/")),
        ("https://www.com/", ("www.com", "/")),
        ("https://www.www.example.com/", ("www.example.com", "/")),
        ("https://example.com\\@other.example/", ("example.com", "/@other.example/")),
        ("https://user@example.com/", None),
        ("https://user:pass@example.com/", None),
        ("https://:pass@example.com/", None),
        ("//example.com/", None),
        ("/a", None),
        ("example.com", None),
        ("ftp://example.com/", None),
        ("https:/example.com/", None),
        ("https://exa mple.com/", None),
        ("https://./", None),
        ("https://", None),
        ("", None),
    ],
)
def test_split_url(url: str, parts: tuple[str, str] | None) -> None:
    assert split_url(url) == parts


@pytest.mark.parametrize(
    ("host", "bare"),
    [
        ("Example.com", "example.com"),
        ("www.example.com", "example.com"),
        ("www.example.com:443", "example.com"),
        ("example.com:80", "example.com"),
        ("example.com.", "example.com"),
        ("BÜCHER.example", "xn--bcher-kva.example"),
        ("localhost:3000", "localhost:3000"),
        ("example.com/a", None),
        ("https://example.com", None),
        ("user@example.com", None),
        ("example.com:port", None),
        ("a b", None),
        ("", None),
    ],
)
def test_bare_host(host: str, bare: str | None) -> None:
    assert bare_host(host) == bare


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "crawl"),
        ("/blog/launch", "crawl"),
        ("/blog/a.html?x=1.css", "crawl"),
        ("/index.php", "crawl"),
        ("/v1.2/notes", "crawl"),
        ("/a.css/", "crawl"),
        ("/feed/", "crawl"),
        ("/sitemap", "crawl"),
        ("/site/example.com", "crawl"),
        ("/style.css?v=3", "asset"),
        ("/IMAGE.PNG", "asset"),
        ("/feed.xml", "asset"),
        ("/data.json", "asset"),
        ("/paper.pdf", "asset"),
        ("/a.tar.gz", "asset"),
        ("/favicon.ico", "asset"),
        ("/ads.txt", "asset"),
        ("/robots.txt", "robots"),
        ("/robots.txt?x", "robots"),
        ("/blog/robots.txt", "asset"),
        ("/llms.txt", "robots"),
        ("/docs/llms-full.txt", "robots"),
        ("/sitemap.xml", "robots"),
        ("/sitemap_index.xml", "robots"),
        ("/wp-sitemap-posts-post-1.xml", "robots"),
        ("/news/Sitemap.XML.gz", "robots"),
        ("/sitemaps/pages-2.xml.gz", "robots"),
        ("/sitemap.txt", "robots"),
        ("/sitemap.xsl", "asset"),
        ("/sitemap.tar.gz", "asset"),
        ("/posts.xml.gz", "asset"),
    ],
)
def test_kind_of(path: str, kind: str) -> None:
    assert kind_of(path) == kind


def test_the_lists_are_lower_case_and_hold_no_page_extension() -> None:
    assert all(name == name.lower() for name in ASSET_EXTENSIONS | TRACKING_PARAMETERS)
    assert not ASSET_EXTENSIONS & {"html", "htm", "xhtml", "php", "asp", "aspx", "jsp", "cgi", "md"}


def test_tracking_parameters_in_any_case() -> None:
    assert is_tracking("GCLID")
    assert is_tracking("utm_whatever")
    assert not is_tracking("utm")
    assert not is_tracking("ref")


@pytest.mark.parametrize(
    ("path", "markdown"),
    [
        ("/", "/index.md"),
        ("/a", "/a.md"),
        ("/a/", "/a/index.md"),
        ("/a.html", "/a.html.md"),
        ("/a?b=c", "/a.md?b=c"),
        ("/a/?b=/c.md", "/a/index.md?b=/c.md"),
    ],
)
def test_markdown_has_a_path_that_leads_back_to_its_page(path: str, markdown: str) -> None:
    assert markdown_path(path) == markdown
    assert page_of_markdown(markdown) == path


@pytest.mark.parametrize(
    ("path", "page"),
    [
        ("/a", None),
        ("/a.markdown", None),
        ("/a?b=c.md", None),
        ("/.md", None),
        ("/a/.md", None),
        ("/md", None),
        ("/a/index.html.md", "/a/"),
        ("/reindex.md", "/reindex"),
    ],
)
def test_other_paths_of_markdown(path: str, page: str | None) -> None:
    assert page_of_markdown(path) == page
