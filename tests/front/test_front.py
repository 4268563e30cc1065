"""The front end to end: people get the origin, crawlers what Crawlight has, and both the origin where it is dead."""

import asyncio
import json
from pathlib import Path

from tests.bots.corpus import corpus
from tests.front.conftest import CRAWLER, PERSON, Front, move, wait

RAW = "/a%2Fb/..//x;y?q=[1]&r=%20+"


def test_people_are_carried_to_the_origin_as_they_are(front: Front) -> None:
    forged = {"X-Forwarded-For": "9.9.9.9", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}
    answer = front.ask(
        RAW, PERSON | forged | {"Accept-Encoding": "br"}, method="POST", body=b"abc", host="www.example.com"
    )
    assert answer.status == 200
    assert (answer.seen["method"], answer.seen["target"], answer.seen["body"]) == ("POST", RAW, "abc")
    assert answer.seen_header("Host") == [f"127.0.0.1:{front.origin}"]
    assert answer.seen_header("X-Forwarded-For") == ["127.0.0.1"]
    assert answer.seen_header("X-Forwarded-Host") == ["www.example.com"]
    assert answer.seen_header("X-Forwarded-Proto") == ["http"]
    assert answer.seen_header("Accept-Encoding") == ["br"]
    assert front.ask("/", PERSON | {"Accept-Encoding": ""}).seen_header("Accept-Encoding") == [""]


def test_what_the_origin_says_of_itself_is_said_of_the_site(front: Front) -> None:
    own = f"127.0.0.1:{front.origin}"
    said = [
        ("Location", f"http://{own}/there?a=b"),
        ("Set-Cookie", "a=1; Domain=127.0.0.1; Path=/; Secure"),
        ("Set-Cookie", "b=2; Path=/; domain=127.0.0.1"),
        ("Alt-Svc", 'h3=":443"'),
    ]
    answer = front.ask("/", PERSON | {"X-Answer": json.dumps(said)}, host=f"example.com:{front.port}")
    assert answer.header("Location") == f"http://example.com:{front.port}/there?a=b"
    assert [text for name, text in answer.headers if name == "Set-Cookie"] == [
        "a=1; Path=/; Secure",
        "b=2; Path=/",
    ]
    assert answer.header("Alt-Svc") is None
    assert (answer.status, answer.seen["target"]) == (200, "/")
    assert len([name for name, _ in answer.headers if name == "Content-Length"]) == 1
    assert front.ask("/", PERSON | {"X-Answer": json.dumps(said[3:])}).header("Alt-Svc") is None
    elsewhere = f"http://{own}.evil.example/"
    assert (
        front.ask("/", PERSON | {"X-Answer": json.dumps([("Location", elsewhere)])}).header("Location")
        == elsewhere
    )


def test_a_crawler_gets_the_snapshot_and_is_counted(front: Front) -> None:
    before = crawls(front)
    answer = front.ask("/", CRAWLER | {"X-Forwarded-For": "66.249.66.1"})
    assert (answer.status, answer.body) == (200, b"<h1>The snapshot</h1>")
    assert answer.header("x-crawlight-outcome") == "hit"
    assert answer.header("Content-Type") == "text/html; charset=utf-8"
    # A cache between here and the visitors must not hand it to a person.
    assert (answer.header("Cache-Control") or "").startswith("private, max-age=")
    assert (answer.header("Vary") or "").lower() == "user-agent, accept, accept-encoding"
    head = front.ask("/", CRAWLER, method="HEAD")
    assert (head.status, head.body, head.header("Content-Length")) == (200, b"", "21")
    wait(lambda: crawls(front) == before + 2)


def test_what_crawlight_does_not_answer_comes_from_the_origin(front: Front) -> None:
    assert front.ask("/style.css", CRAWLER).seen["target"] == "/style.css"
    assert front.ask("/", CRAWLER, method="POST", body=b"abc").seen["body"] == "abc"
    assert front.ask("/robots.txt", CRAWLER).seen["target"] == "/robots.txt"
    assert front.ask("/", {"User-Agent": "curl/8.5.0"}).seen["target"] == "/"
    front.set("--block", "/secret/")
    wait(lambda: front.ask("/secret/x", CRAWLER).header("X-Robots-Tag") == "noindex, nofollow")
    assert front.ask("/secret/x", CRAWLER).seen["target"] == "/secret/x"
    assert front.ask("/secret/x", PERSON).header("X-Robots-Tag") is None


def test_a_hosted_file_is_for_everybody(front: Front, tmp_path: Path) -> None:
    file = tmp_path / "robots.txt"
    file.write_text("User-agent: *\nDisallow: /private\n")
    front.crawlight.run("file", "set", "example.com", "robots.txt", str(file))
    wait(lambda: front.ask("/robots.txt", PERSON).body == file.read_bytes())
    for headers in (CRAWLER, PERSON, {"User-Agent": "curl/8.5.0"}):
        assert front.ask("/robots.txt", headers).body == file.read_bytes()
    assert front.ask("/robots.txt", PERSON, method="POST", body=b"abc").seen["body"] == "abc"
    front.crawlight.run("file", "origin", "example.com", "robots.txt")
    wait(lambda: b'"target"' in front.ask("/robots.txt", PERSON).body)
    assert front.ask("/robots.txt", CRAWLER).seen["target"] == "/robots.txt"


def test_headers_of_a_domain_are_those_of_all_its_answers(front: Front) -> None:
    said = {"X-Answer": json.dumps([("X-Robots-Tag", "noindex"), ("Content-Security-Policy", "old")])}
    assert front.ask("/", PERSON | said).header("X-Robots-Tag") == "noindex"
    front.set("--csp", "default-src 'self'", "--robots-header", "lift", "--block", "/secret/")
    wait(lambda: front.ask("/", PERSON | said).header("X-Robots-Tag") is None)
    for path, headers in (("/", PERSON | said), ("/", CRAWLER), ("/style.css", CRAWLER | said)):
        answer = front.ask(path, headers)
        policies = [text for name, text in answer.headers if name.lower() == "content-security-policy"]
        assert (policies, answer.header("X-Robots-Tag")) == (["default-src 'self'"], None)
    assert front.ask("/secret/x", PERSON | said).header("X-Robots-Tag") == "noindex"
    assert front.ask("/secret/x", CRAWLER).header("X-Robots-Tag") == "noindex, nofollow"
    front.set("--csp", "", "--robots-header", "origin", "--block", "")
    wait(lambda: front.ask("/", PERSON | said).header("X-Robots-Tag") == "noindex")
    assert front.ask("/", PERSON | said).header("Content-Security-Policy") == "old"


def test_blocked_paths_keep_the_header_however_they_are_spelled(front: Front) -> None:
    said = PERSON | {"X-Answer": json.dumps([("X-Robots-Tag", "noindex")])}
    patterns = ("/café", "/search?q=ä", "/list?*sort=ab", "/x*/y%2A", "/a//b", "/end$", "/%FF")
    front.set("--robots-header", "lift", *(word for pattern in patterns for word in ("--block", pattern)))
    wait(lambda: front.ask("/", said).header("X-Robots-Tag") is None)
    kept = [
        *("/caf%C3%A9", "/caf%c3%a9", "/caf%c3%A9/x", "/%63af%c3%a9", "//caf%c3%a9"),
        *("/search?q=%C3%A4", "/search?q=%c3%a4", "/search?z=1&q=%c3%a4", "/search?q=%61"),
        *("/list?a=1&sort=ab", "/list?sort=ab", "/list?sort=%61b"),
        *("/x1/y*", "/x1/y%2a", "/x%0A/y*", "/a//b", "/end", "/end?utm_source=a", "/%ff/a"),
        f"/{'a' * 2_001}",
    ]
    lifted = ["/caf", "/search?q=a", "/search", "/list?sort=b", "/x1/y", "/ends", "/?q=a%20%2B"]
    asked = [path for path in (*kept, *lifted) if front.ask(path, said).header("X-Robots-Tag")]
    assert sorted(asked) == sorted(kept)
    front.set("--robots-header", "origin", "--block", "")
    wait(lambda: front.ask("/", said).header("X-Robots-Tag") == "noindex")


def test_an_origin_may_be_asked_for_the_public_name(front: Front) -> None:
    front.set("--origin-host", "domain")
    wait(lambda: front.ask("/").seen_header("Host") == ["example.com"])
    assert front.ask("/", host=f"www.example.com:{front.port}").seen_header("Host") == [
        f"www.example.com:{front.port}"
    ]
    front.set("--origin-host", "origin")
    wait(lambda: front.ask("/").seen_header("Host") == [f"127.0.0.1:{front.origin}"])


def test_other_hosts_get_a_421(front: Front) -> None:
    for host in ("nobody.example", "127.0.0.1", "sub.example.com"):
        assert (front.ask("/", host=host).status, front.ask("/", CRAWLER, host=host).status) == (421, 421)
    assert front.ask("/", host=f"EXAMPLE.com:{front.port}").status == 200


def test_a_request_that_comes_round_is_ended(front: Front) -> None:
    loop = front.ask("/").seen_header("CDN-Loop")
    assert len(loop) == 1
    assert front.ask("/", PERSON | {"CDN-Loop": f"other, {loop[0]}"}).status == 508


def test_an_origin_that_is_the_front_is_refused_and_a_loop_all_the_same_is_ended(front: Front) -> None:
    itself = f"http://localhost:{front.port}"
    status, _, told = front.crawlight.try_to("domain", "set", "example.com", "--origin", itself)
    assert (status, f"{itself} leads back to this front" in told) == (1, True)
    assert front.ask("/").status == 200
    front.set("--origin-host", "domain")
    asyncio.run(move(front.crawlight.data, "example.com", itself))
    try:
        wait(lambda: front.ask("/").status == 508)
        assert front.ask("/none", CRAWLER).status == 508
    finally:
        front.set("--origin", f"http://127.0.0.1:{front.origin}", "--origin-host", "origin")
        wait(lambda: front.ask("/").status == 200)


def test_the_front_names_itself_to_who_asks_for_it(front: Front) -> None:
    for host, status in (("example.com", 204), ("nobody.example", 421)):
        answer = front.ask("/.well-known/crawlight-front", host=host)
        assert (answer.status, answer.body) == (status, b"")
        assert (answer.header("Crawlight-Front") or "").startswith("crawlight-")
    assert front.ask("/", host="nobody.example").header("Crawlight-Front") is None


def test_a_domain_leaves_and_comes_back(front: Front) -> None:
    front.set("--front", "off")
    wait(lambda: front.ask("/").status == 421)
    front.set("--front", "on")
    wait(lambda: front.ask("/").status == 200)


def test_an_ai_assistants_visitors_get_the_origin(front: Front) -> None:
    assert front.ask("/from", PERSON | {"Referer": "https://chatgpt.com/"}).seen["target"] == "/from"
    assert front.ask("/from?utm_source=perplexity", PERSON).seen["target"] == "/from?utm_source=perplexity"
    assert front.ask("/from", PERSON | {"Referer": "https://www.google.com/"}).seen["target"] == "/from"


def crawls(front: Front) -> int:
    return int(front.crawlight.document("1d")["domains"][0]["summary"]["totalCrawls"])


def test_rules_go_before_everything(front: Front, tmp_path: Path) -> None:
    file = tmp_path / "rules.csv"
    file.write_text(
        "/old,/new,301\n/Forms/:id,/f/:id,308\n/logo.png,/logo.svg,302\n/gone,,410\n/,/home,302\n"
    )
    front.crawlight.run("rule", "import", "example.com", str(file))
    wait(lambda: front.ask("/old").status == 301)
    for who in (PERSON, CRAWLER):
        assert front.ask("/old?a=b%2F", who).header("Location") == "https://example.com/new?a=b%2F"
        assert front.ask("/logo.png", who).status == 302
        assert front.ask("/gone", who).status == 410
        assert front.ask("/", who).header("Location") == "https://example.com/home"
        assert front.ask("/old", who, method="HEAD").status == 301
    moved = front.ask("/Forms/7", method="POST", body=b"a=b")
    assert (moved.status, moved.header("Location")) == (308, "https://example.com/f/7")
    for path in ("/forms/7", "/Forms/7/x"):  # what may meet a rule, and does not, keeps its body
        passed = front.ask(path, method="POST", body=b"a=b")
        assert (passed.seen["method"], passed.seen["body"], passed.seen["target"]) == ("POST", "a=b", path)
    assert front.ask("/old/", PERSON).seen["target"] == "/old/"
    file.write_text("")
    front.crawlight.run("rule", "import", "example.com", str(file))
    wait(lambda: front.ask("/old").status == 200)


def test_no_crawler_with_a_key_passes_by_caddy(front: Front) -> None:
    """Even where it drives a browser that says ``Sec-Fetch-Mode``."""
    keyed = [row.user_agent for row in corpus() if row.label not in ("human", "other_bot")]
    for user_agent in keyed[::7]:
        answer = front.ask("/", PERSON | {"User-Agent": user_agent})
        assert answer.header("x-crawlight-outcome") == "hit", user_agent
    assert front.ask("/", PERSON).header("x-crawlight-outcome") is None
