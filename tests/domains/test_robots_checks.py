import pytest

from crawlight.domains.robots_checks import MOST_BYTES, findings

FINE = """# The site's rules
User-agent: Googlebot
User-agent: bingbot/2.0
Disallow: /search # not worth it
Allow: /search/help$
Disallow:
Content-Signal: search=yes, ai-train=no
Content-Usage: train-ai=n, search=y
Crawl-delay: 1.5

user-agent : *
disallow:*/private
Sitemap: https://example.com/sitemap.xml
"""


def test_what_crawlers_read_is_fine() -> None:
    for text in (FINE, "", "\ufeff" + FINE, FINE.replace("\n", "\r\n"), "Sitemap: https://example.com/s.xml"):
        assert findings(text) == []


@pytest.mark.parametrize(
    ("line", "weight", "reason"),
    [
        ("Disallow /a", "error", "'Disallow /a' is no rule; a rule is Disallow: /path"),
        ("Disalow: /a", "error", 'unknown directive "Disalow"; did you mean "Disallow"?'),
        ("Useragent: x", "error", 'unknown directive "Useragent"; did you mean "User-Agent"?'),
        ("X-Other: 1", "hint", "no crawler is known to read X-Other"),
        ("Disallow: admin", "error", "a path starts with /, not 'admin'"),
        ("Allow: https://example.com/", "error", "a path starts with /, not 'https://example.com/'"),
        ("Sitemap: /sitemap.xml", "error", "'/sitemap.xml' is no absolute URL"),
        ("Sitemap: https://[::1", "error", "'https://[::1' is no absolute URL"),
        ("Crawl-delay: soon", "error", "'soon' is no number of seconds"),
        (
            "Content-Signal: ai-train=maybe",
            "error",
            "'ai-train=maybe' is no list such as search=yes, ai-train=no",
        ),
        ("Content-Usage: train-ai=no", "error", "'train-ai=no' is no list such as train-ai=n, search=y"),
        ("User-agent:", "error", "it names no crawler; * is for all"),
        ("User-agent: Mozilla/5.0 (X11)", "hint", "'Mozilla/5.0 (X11)' is no name that crawlers look for"),
        ("Disallow: /\x00", "error", "it has control characters"),
    ],
)
def test_each_line_says_what_is_wrong_with_it(line: str, weight: str, reason: str) -> None:
    [found] = findings(f"User-agent: *\n\n{line}\n")
    assert (found.line, found.weight) == (3, weight)
    assert found.reason.startswith(reason)


def test_rules_of_nobody() -> None:
    [found] = findings("# nobody's\nDisallow: /\nUser-agent: *\nAllow: /\n")
    assert (found.line, found.weight) == (2, "error")
    assert "before the first User-agent" in found.reason


def test_a_page_and_a_file_that_is_too_long() -> None:
    assert "web page" in findings("<!doctype html><title>x</title>")[0].reason
    text = "User-agent: *\n" + "Disallow: /ä\n" * (MOST_BYTES // 14 - 1)
    assert findings(text) == []
    assert "crawlers read 512,000" in findings(text + "Disallow: /ä\n" * 2)[0].reason
