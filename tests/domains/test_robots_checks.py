import pytest

from crawlight.domains.robots_checks import MOST_BYTES, findings
from crawlight.domains.robots_verdicts import verdicts

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
    for text in (FINE, "\ufeff" + FINE, FINE.replace("\n", "\r\n"), "Sitemap: https://example.com/s.xml"):
        assert findings(text) == []


@pytest.mark.parametrize("text", ["", " \r\n", "\ufeff", "# nothing yet\n"])
def test_a_file_without_rules_says_what_it_means(text: str) -> None:
    [found] = findings(text)
    assert (found.line, found.weight) == (1, "error")
    assert "allows every crawler to fetch everything" in found.reason


@pytest.mark.parametrize(
    ("line", "weight", "reason"),
    [
        ("Disallow /a", "error", "'Disallow /a' is not a rule; a rule looks like Disallow: /path"),
        ("Disalow: /a", "error", 'unknown directive "Disalow"; did you mean "Disallow"?'),
        ("Useragent: x", "error", 'unknown directive "Useragent"; did you mean "User-Agent"?'),
        ("X-Other: 1", "hint", "no crawler is known to read X-Other"),
        ("Disallow: admin", "error", "a path starts with /, not 'admin'"),
        ("Allow: https://example.com/", "error", "a path starts with /, not 'https://example.com/'"),
        ("Sitemap: /sitemap.xml", "error", "'/sitemap.xml' is not an absolute URL"),
        ("Sitemap: https://[::1", "error", "'https://[::1' is not an absolute URL"),
        ("Crawl-delay: soon", "error", "'soon' is not a number of seconds"),
        (
            "Content-Signal: ai-train=maybe",
            "error",
            "'ai-train=maybe' is not a list such as search=yes, ai-train=no",
        ),
        ("Content-Usage: train-ai=no", "error", "'train-ai=no' is not a list such as train-ai=n, search=y"),
        ("User-agent:", "error", "it names no crawler; * stands for all"),
        ("User-agent: Mozilla/5.0 (X11)", "hint", "crawlers don't look for 'Mozilla/5.0 (X11)'"),
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


def test_verdicts_stop_where_there_are_too_many_rules() -> None:
    text = "User-agent: GPTBot\nDisallow: /x\nDisallow: /b\n\nUser-agent: *\nDisallow: /y\nDisallow: /b\n"
    rows = {row.name: row for row in verdicts(text, ["/", "/b"], most_work=4)}
    assert rows["Googlebot"].may == ["yes", "no"]
    assert "unknown" in rows["OpenAI"].may
    assert all("unknown" not in row.may for row in verdicts(text, ["/", "/b"]))
