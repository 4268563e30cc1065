"""Routing rules without a wire: what a request meets, and what is refused when rules are saved."""

import pytest

from crawlight.domains.rule_checks import wrongs
from crawlight.domains.rule_lists import read, written
from crawlight.domains.rules import Met, Rule, Rules
from crawlight.errors import UserError

HOST = "example.com"


def rules(text: str) -> list[Rule]:
    """Rules written as ``source destination type; ...``."""
    rows = (row.split() for row in text.split(";"))
    return [Rule(row[0], "" if row[-1] == "410" else row[1], row[-1]) for row in rows]  # type: ignore[arg-type]


def meet(text: str, target: str) -> str:
    """``type location`` of what a request meets; ``-`` where it meets nothing."""
    listed = rules(text)
    assert wrongs(HOST, listed) == []
    met = Rules(HOST, listed).meet(target)
    return "-" if met is None else f"{met.type} {met.location}".strip()


@pytest.mark.parametrize(
    ("text", "target", "answer"),
    [
        # Exact ones.
        ("/old /new 301", "/old", "301 /new"),
        ("/old /new 302", "/old", "302 /new"),
        ("/old /new 307", "/old", "307 /new"),
        ("/old /new 308", "/old", "308 /new"),
        ("/old /new 301", "/old/", "-"),  # a slash at the end counts
        ("/old /new 301", "/Old", "-"),  # and so does case
        ("/old /new 301", "/older", "-"),
        ("/old https://else.example.net/x 301", "/old", "301 https://else.example.net/x"),
        ("/gone 410", "/gone", "410"),
        ("/logo.png /img/logo.svg 301", "/logo.png", "301 /img/logo.svg"),
        ("/robots.txt /other.txt 302", "/robots.txt", "302 /other.txt"),
        ("/ /home 302", "/", "302 /home"),
        # The query.
        ("/old /new 301", "/old?utm=1&a=b", "301 /new?utm=1&a=b"),
        ("/old /new?from=old 301", "/old?a=b&from=x", "301 /new?from=old"),
        ("/old /new#top 302", "/old?a=b", "302 /new?a=b#top"),
        ("/old /new 301", "/old?q=a+b%2Fc", "301 /new?q=a+b%2Fc"),
        ("/old /new 301", "/old?", "301 /new"),
        ("/old /new 301", "/old?x=/old?y", "301 /new?x=/old?y"),
        # A star.
        ("/blog/* /news/:splat 301", "/blog/a/b?x=1", "301 /news/a/b?x=1"),
        ("/blog/* /news/:splat 301", "/blog", "301 /news"),
        ("/blog/* /news/:splat 301", "/blog/", "301 /news"),
        ("/blog/* /news/:splat 301", "/blogs/a", "-"),
        ("/blog/* /news 301", "/blog/a", "301 /news"),
        ("/blog/* https://b.example.net/:splat 301", "/blog/a%2Fb", "301 https://b.example.net/a%2Fb"),
        ("/a/*/z /:splat 301", "/a/b/c/z", "301 /b/c"),
        ("/a/*/z /:splat 301", "/a/b/c/y", "-"),
        ("/* /soon 302", "/any/thing", "302 /soon"),
        ("/* /soon 302", "/soon", "-"),  # it would lead to itself
        ("/x/* /:splat 301", "/x//evil.example", "301 //evil.example"),  # of our own host: see the answer
        # Names.
        ("/docs/:slug /d/:slug 308", "/docs/intro", "308 /d/intro"),
        ("/docs/:slug /d/:slug 301", "/docs/a/b", "-"),  # one segment
        ("/docs/:slug /d/:slug 301", "/docs/a%2Fb", "301 /d/a%2Fb"),  # %2F is no slash
        ("/docs/:slug /d/:slug 301", "/docs/", "-"),
        ("/:year/:month/:slug /:slug?y=:year 301", "/2024/05/hi?q=1", "301 /hi?y=2024"),
        ("/u/:id/* /people/:id/:splat 301", "/u/7/a/b", "301 /people/7/a/b"),
        # The order.
        ("/x/* /y/:splat 301; /x/keep /kept 302", "/x/keep", "301 /y/keep"),
        ("/x/keep /kept 302; /x/* /y/:splat 301", "/x/keep", "302 /kept"),
        ("/a/* /1/:splat 301; /a/:id/edit /2/:id 301", "/a/7/edit", "301 /1/7/edit"),
        ("/a /b 301; /a /c 301", "/a", "301 /b"),
        # Writing.
        ("/café /coffee 301", "/caf%C3%A9", "301 /coffee"),
        ("/caf%c3%a9 /coffee 301", "/caf%C3%A9", "301 /coffee"),
        ("/a%2fb /c 301", "/a%2Fb", "301 /c"),
        ("/a%2fb /c 301", "/a/b", "-"),
        ("/~me /you 301", "/%7Eme", "301 /you"),
        ("/old /new 301", "/x/../old", "301 /new"),
        # Chains.
        ("/a /b 301; /b /c 301", "/a", "301 /c"),
        ("/a /b 301; /b /c 302", "/a", "302 /c"),
        ("/a /b 308; /b /c 307", "/a", "307 /c"),
        ("/a /b 301; /b /c 308", "/a", "301 /c"),
        ("/a /b 301; /b https://else.example.net/ 301", "/a?q=1", "301 https://else.example.net/?q=1"),
        ("/a https://www.example.com/b 301; /b /c 301", "/a", "301 /c"),
        ("/a /b?x=1 301; /b /c 301", "/a?q=1", "301 /c?x=1"),
        ("/a /b 301; /b 410", "/a", "301 /b"),
        (
            "/feed https://f.example.net/feed.xml proxy",
            "/feed?a=b",
            "proxy https://f.example.net/feed.xml?a=b",
        ),
        ("/p/* https://f.example.net/:splat proxy", "/p/a/b", "proxy https://f.example.net/a/b"),
    ],
)
def test_what_a_request_meets(text: str, target: str, answer: str) -> None:
    assert meet(text, target) == answer


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("/promo /sale moved", 1, "'moved' is no type; it is 301, 302, 307, 308, 410, proxy"),
        ("/a /a 301", 1, "it leads to itself"),
        ("/a /b 301; /b /a 301", 1, "it goes in a circle: /a -> /b -> /a"),
        ("/x /y 301; /a /b 301; /b /c 301; /c /a 302", 2, "it goes in a circle: /a -> /b -> /c -> /a"),
        ("/a/* /a/b/:splat 301", 1, "it leads on and on"),
        ("/a https://example.com/b 301; /b https://www.example.com/a 301", 1, "it goes in a circle"),
        ("/r/* //:splat 301", 1, "a path starts with one /"),
        ("/r/* /\\:splat 301", 1, "a path starts with one /"),
        ("/r/* https://:splat/ 301", 1, "is no URL"),
        ("/r/* https://a.example.net:splat/ 301", 1, "is no URL"),
        ("/r javascript:alert(1) 301", 1, "neither a path nor an http or https URL"),
        ("/r http://127.0.0.1/ 301", 1, "127.0.0.1 is no public address"),
        ("/r http://localhost:9000/ proxy", 1, "localhost is no public host"),
        ("/r https://me@a.example.net/ 301", 1, "without user name"),
        ("/r /local proxy", 1, "a proxy leads to another site"),
        ("/r relative 301", 1, "neither a path nor an http or https URL"),
        ("old /new 301", 1, "is no path"),
        ("//old /new 301", 1, "is no path"),
        ("/old?a=b /new 301", 1, "a source is a path, without ? and #"),
        ("/old* /new 301", 1, "* stands for whole segments"),
        ("/a/*/b/* /new 301", 1, "one * and each name once"),
        ("/a-:slug /new 301", 1, "a name stands for a whole segment"),
        ("/a /:slug 301", 1, "the source has no :slug"),
        ("/a /:splat 301", 1, "the source has no :splat"),
    ],
)
def test_what_is_refused(text: str, line: int, said: str) -> None:
    (first, *_) = wrongs(HOST, rules(text))
    assert first.line == line
    assert said in first.reason


def test_a_410_has_no_destination_and_a_plan_has_its_bound() -> None:
    assert wrongs(HOST, [Rule("/a", "/b", "410")])[0].reason == "a 410 has no destination"
    many = [Rule(f"/{n}", "/b", "301") for n in range(6)]
    assert wrongs(HOST, many, 5)[0].reason == "a domain has up to 5 rules here"
    assert wrongs(HOST, many[:5], 5) == []


def test_rules_are_the_same_after_export_and_import() -> None:
    listed = rules('/a /b 301; /c,d /e"f 302; /gone 410')
    assert read(written(listed)) == listed
    assert read("\ufeffSource,Destination,Type\r\n/a,/b,301\r\n\r\n /c , /d ,PROXY\r\n") == rules(
        "/a /b 301; /c /d proxy"
    )


@pytest.mark.parametrize("text", ["/a,/b\n", "/a,/b,301,x\n", '/a,"/b,301\n'])
def test_a_line_that_is_no_rule_is_named(text: str) -> None:
    with pytest.raises(UserError, match="line 2"):
        read("/ok,/fine,301\n" + text)


def test_the_last_of_ten_thousand_rules_is_met() -> None:
    listed = [Rule(f"/old/{n}", f"/new/{n}", "301") for n in range(5_000)]
    listed += [Rule(f"/shop{n}/*", f"/s/{n}/:splat", "301") for n in range(5_000)]
    assert wrongs(HOST, listed) == []
    ready = Rules(HOST, listed)
    assert ready.meet("/products/17?a=b") is None
    assert ready.meet("/shop4999/a") == Met(10_000, "301", "/s/4999/a")


@pytest.mark.parametrize(
    ("text", "prefixes"),
    [
        ("/old /new 301", ("/old$",)),
        ("/Old%2Fa /new 301", ("/old",)),
        ("/blog/* /b 301; /docs/:a/x /d 301", ("/blog", "/docs/")),
        ("/* /soon 302", ("/",)),
        ("/caf%C3%A9/x /c 301", ("/caf",)),
    ],
)
def test_each_path_that_meets_a_rule_has_a_prefix(text: str, prefixes: tuple[str, ...]) -> None:
    assert Rules(HOST, rules(text)).prefixes == prefixes


def test_many_rules_have_few_prefixes() -> None:
    listed = [Rule(f"/old/{n}", "/new", "301") for n in range(1_000)] + [Rule("/blog/*", "/b", "301")]
    prefixes = Rules(HOST, listed).prefixes
    assert len(prefixes) <= 64
    assert all(any(rule.source.startswith(one) or one == "/blog" for one in prefixes) for rule in listed)
    assert "/" not in prefixes
