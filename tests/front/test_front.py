"""The front end to end: people get the origin, crawlers what Crawlight has, and both the origin where it is dead."""

import json

from tests.front.conftest import CRAWLER, PERSON, Front, wait

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
    head = front.ask("/", CRAWLER, method="HEAD")
    assert (head.status, head.body, head.header("Content-Length")) == (200, b"", "21")
    wait(lambda: crawls(front) == before + 2, 10)


def test_what_crawlight_does_not_answer_comes_from_the_origin(front: Front) -> None:
    assert front.ask("/style.css", CRAWLER).seen["target"] == "/style.css"
    assert front.ask("/", CRAWLER, method="POST", body=b"abc").seen["body"] == "abc"
    assert front.ask("/robots.txt", CRAWLER).seen["target"] == "/robots.txt"
    assert front.ask("/", {"User-Agent": "curl/8.5.0"}).seen["target"] == "/"
    front.set("--block", "/secret/")
    wait(lambda: front.ask("/secret/x", CRAWLER).header("X-Robots-Tag") == "noindex, nofollow")
    assert front.ask("/secret/x", CRAWLER).seen["target"] == "/secret/x"
    assert front.ask("/secret/x", PERSON).header("X-Robots-Tag") is None


def test_other_hosts_get_a_421(front: Front) -> None:
    for host in ("nobody.example", "127.0.0.1", "sub.example.com"):
        assert (front.ask("/", host=host).status, front.ask("/", CRAWLER, host=host).status) == (421, 421)
    assert front.ask("/", host=f"EXAMPLE.com:{front.port}").status == 200


def test_a_request_that_comes_round_is_ended(front: Front) -> None:
    loop = front.ask("/").seen_header("CDN-Loop")
    assert len(loop) == 1
    assert front.ask("/", PERSON | {"CDN-Loop": f"other, {loop[0]}"}).status == 508


def test_a_domain_leaves_and_comes_back_within_a_second(front: Front) -> None:
    front.set("--front", "off")
    assert wait(lambda: front.ask("/").status == 421) < 1
    front.set("--front", "on")
    assert wait(lambda: front.ask("/").status == 200) < 1


def test_an_ai_assistants_visitors_get_the_origin(front: Front) -> None:
    assert front.ask("/from", PERSON | {"Referer": "https://chatgpt.com/"}).seen["target"] == "/from"
    assert front.ask("/from?utm_source=perplexity", PERSON).seen["target"] == "/from?utm_source=perplexity"
    assert front.ask("/from", PERSON | {"Referer": "https://www.google.com/"}).seen["target"] == "/from"


def crawls(front: Front) -> int:
    return int(front.crawlight.document("1d")["domains"][0]["summary"]["totalCrawls"])
