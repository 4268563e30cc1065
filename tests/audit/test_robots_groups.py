import pytest

from crawlight.audit.robots_groups import allows, groups

TEXT = """\
# Everybody
User-agent: *
Disallow: /private

User-agent: Claude
User-agent: GPTBot/1.2   # two in one

# still the same group
User-Agent: ccbot
Disallow: /
Allow: /open$
Sitemap: https://example.com/sitemap.xml
Crawl-delay: 5

user-agent : gptbot
Disallow:
"""


def test_groups_with_their_lines() -> None:
    everybody, several, again = groups(TEXT)
    assert (everybody.tokens, everybody.lines) == (["*"], [1])
    assert (several.tokens, several.lines) == (["claude", "gptbot", "ccbot"], [4, 5, 8])
    assert several.fields == [("disallow", "/"), ("allow", "/open$"), ("crawl-delay", "5")]
    assert again.tokens == ["gptbot"]


@pytest.mark.parametrize(
    ("token", "path", "allowed"),
    [
        ("Googlebot", "/", True),
        ("Googlebot", "/private/x", False),
        ("ClaudeBot", "/", True),
        ("claude", "/", False),
        ("CCBot", "/open", True),
        ("CCBot", "/opened", False),
        ("GPTBot", "/", False),
    ],
)
def test_the_whole_token_decides(token: str, path: str, allowed: bool) -> None:
    assert allows(TEXT, token, path) is allowed


@pytest.mark.parametrize(
    "text", ["", "nonsense", "Disallow: /", "User-agent: *\n", "\ufeffUser-agent: a\nDisallow: /"]
)
def test_what_forbids_nothing(text: str) -> None:
    assert allows(text, "GPTBot")
    assert groups("\ufeffUser-agent: a\nDisallow: /")[0].tokens == ["a"]
