import pytest

from crawlight.audit.robots_groups import Rules, TooManyRulesError, allows, groups
from crawlight.domains.rehearsal import of_robots
from crawlight.domains.robots_verdicts import kept_from
from crawlight.errors import UserError

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


def test_work_is_counted_once_for_a_group_and_is_bounded() -> None:
    rules = Rules("User-agent: *\nDisallow: /a*z\nDisallow: /b\n", most_work=4)
    assert [rules.allow(token, "/b") for token in ("GPTBot", "Googlebot", "bingbot")] == [False] * 3
    assert rules.work == 2
    assert rules.allow("GPTBot", "/c")
    with pytest.raises(TooManyRulesError):
        rules.allow("GPTBot", "/d")
    assert (rules.work, rules.allow("GPTBot", "/c")) == (4, True)


def test_pages_are_checked_as_far_as_the_work_goes() -> None:
    rules = Rules("User-agent: *\nDisallow: /b\nDisallow: /c\n", most_work=4)
    assert kept_from(rules, ["/a", "/b", "/c"], "Googlebot") == (["/b"], 2)


def test_a_rehearsal_of_too_many_rules_is_refused() -> None:
    change = of_robots("User-agent: *\nDisallow: /b\nDisallow: /c\n", most_work=2)
    assert change("GPTBot", "/b") == "forbidden by robots.txt"
    with pytest.raises(UserError, match="too many rules"):
        change("GPTBot", "/c")
