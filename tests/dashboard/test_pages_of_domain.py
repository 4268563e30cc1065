"""The inventory and one page, as everybody who may come, with their twins and previews."""

import csv
import io
import re
from datetime import timedelta

import msgspec
import pytest

from crawlight.audit import PageInputs, audit
from crawlight.dashboard.reading import compare, harmless
from crawlight.dashboard.tables import csv_text
from crawlight.domains import audits, comparisons, page_inputs
from crawlight.domains.agents import change_agents
from crawlight.domains.inventory import page_of
from crawlight.domains.page_inputs import Noted
from crawlight.domains.pages import learn, mark_gone
from crawlight.domains.registry import find_domain
from crawlight.domains.wanted import claim, failed, want
from crawlight.kit.clock import now
from crawlight.rendering.comparison import Change, Comparison, Difference
from crawlight.rendering.snapshots import NewSnapshot
from tests.dashboard.conftest import House
from tests.records import Record, insert

pytestmark = pytest.mark.anyio

PAGES = "/domains/example.com/pages"
PAGE = "/domains/example.com/page"
HTML = (
    b"<!doctype html><html lang=en><head><title>A chair</title></head><body><h1>A chair</h1><script>evil()</script>"
    b'<p onclick="evil()">Made of oak.</p><img src="https://elsewhere.example/x.png" alt="oak"></body></html>'
)
RAW = b'<!doctype html><html><body><div id="root"></div><noscript>Please enable JavaScript.</noscript></body></html>'
NAMES = ("", ".json", ".csv")
PARTS = ("/issues.csv", "/latest.csv", "/snapshots.csv")


@pytest.fixture
async def filled(house: House) -> House:
    """example.com has three pages, of which ``/chair`` was rendered, audited and crawled."""
    database, store = house.services.database, house.services.store
    number = await domain_number(house)
    await learn(database, number, ["/", "/chair", "/=evil"])
    inputs = PageInputs(
        url="https://example.com/chair", status=200, html=HTML.decode(), raw_html=RAW.decode()
    )
    new = NewSnapshot(status=200, html=HTML, raw_html=RAW, milliseconds=321)
    await house.services.edge.snapshots.put(number, "/chair", new)
    await audits.record(database, number, "/chair", audit(inputs))
    moment = (now() - timedelta(hours=3)).replace(microsecond=0)
    crawl = Record(domain_id=number, ts=moment, path="/chair", outcome="hit")
    gpt = crawl._replace(agent="GPTBot", key="openaibot", category="ai_training")
    insert(store, [crawl, crawl, gpt, crawl._replace(identity="spoofed"), crawl._replace(path="/unknown")])
    return house


async def domain_number(house: House) -> int:
    return (await find_domain(house.services.database, "example.com")).id


@pytest.mark.parametrize(
    "path", [*(PAGES + name for name in NAMES), *(f"{PAGE}{n}?path=/chair" for n in (*NAMES, *PARTS))]
)
async def test_who_may_see_pages(filled: House, path: str) -> None:
    for who in ("owner", "manager", "viewer"):
        answer = await filled.get(who, path)
        assert answer.status_code == 200
        assert "/chair" in answer.text or path.startswith((f"{PAGE}.csv", f"{PAGE}/"))
    assert (await filled.get("stranger", path)).status_code == 404
    nobody = await filled.get("nobody", path)
    assert nobody.status_code == (401 if ".json" in path or ".csv" in path else 303)


async def test_each_table_of_a_page_is_a_file(filled: House) -> None:
    found = {}
    for name in PARTS:
        text = (await filled.get("viewer", f"{PAGE}{name}?path=/chair")).text
        found[name] = list(csv.DictReader(io.StringIO(text)))
    document = (await filled.get("viewer", f"{PAGE}.json?path=/chair")).json()
    assert [row["check"] for row in found["/issues.csv"]] == [one["check"] for one in document["issues"]]
    assert len(found["/latest.csv"]) == len(document["latestCrawls"]) == 4
    assert [(row["status"], row["milliseconds"]) for row in found["/snapshots.csv"]] == [("200", "321")]


async def test_the_twins_say_what_the_page_says(filled: House) -> None:
    document = (await filled.get("owner", f"{PAGES}.json?q=chair")).json()
    (row,) = document["pages"]
    assert (document["totalPages"], row["url"], row["crawls"]) == (1, "https://example.com/chair", 3)
    assert (row["lastSearchCrawl"] is None, row["lastSocialCrawl"]) == (False, None)
    lines = list(csv.DictReader(io.StringIO((await filled.get("owner", f"{PAGES}.csv?q=chair")).text)))
    assert [line["crawls"] for line in lines] == ["3"]
    page = (await filled.get("owner", f"{PAGE}.json?path=/chair")).json()
    assert page["seoScore"] == row["seoScore"]
    assert len(page["issues"]) == row["seoIssuesCount"]
    crawls = {(one["agent"], one["identity"]): one["crawls"] for one in page["crawls"]}
    assert crawls == {
        ("Googlebot", "unchecked"): 2,
        ("Googlebot", "spoofed"): 1,
        ("GPTBot", "unchecked"): 1,
    }
    assert page["snapshots"][0]["milliseconds"] == 321


async def test_the_last_crawl_may_be_older_than_the_period(filled: House) -> None:
    number, old = await domain_number(filled), (now() - timedelta(days=20)).replace(microsecond=0)
    insert(filled.services.store, [Record(domain_id=number, ts=old, path="/", outcome="hit")])
    document = (await filled.get("owner", f"{PAGES}.json?period=7d")).json()
    row = next(one for one in document["pages"] if one["path"] == "/")
    assert (row["crawls"], row["lastSearchCrawl"]) == (0, f"{old:%Y-%m-%dT%H:%M:%SZ}")
    assert old.strftime("%Y-%m-%d %H:%M UTC") in (await filled.get("owner", f"{PAGES}?period=7d")).text


@pytest.mark.parametrize(
    ("path", "failure", "told"),
    [
        ("/chair", "timeout", "failed: the page was not done in time. Crawlers get the last snapshot"),
        ("/", "unreachable", "its TLS is broken. There is no snapshot yet, so crawlers get what the site"),
        ("/", "", "Queued for rendering just now. There is no snapshot yet"),
    ],
)
async def test_a_page_says_what_became_of_its_render(
    filled: House, path: str, failure: str, told: str
) -> None:
    database, number = filled.services.database, await domain_number(filled)
    await want(database, number, [path], "miss")
    if failure:
        (claimed,) = await claim(database, 1)
        await failed(database, claimed, failure)
    assert told in (await filled.get("viewer", f"{PAGE}?path={path}")).text


async def test_a_page_that_redirects_says_where_to(filled: House) -> None:
    new = NewSnapshot(status=302, html=b"", raw_html=b"", milliseconds=5, location="https://example.com/sofa")
    await filled.services.edge.snapshots.put(await domain_number(filled), "/chair", new)
    text = (await filled.get("viewer", f"{PAGE}?path=/chair")).text
    assert re.search(r'redirects \(302\) to <a [^>]*href="https://example.com/sofa"', text)
    assert "<iframe" not in text
    assert "Nothing to audit" in text


@pytest.mark.parametrize(
    ("why_not", "askable", "said"),
    [
        ("day", False, "rendered whenever it is due: it reads the day or the time of day"),
        ("", True, "Crawlight asks your site first"),
        ("", False, "Crawlight renders this page again whenever its snapshot is due."),
    ],
)
async def test_a_page_says_how_it_is_made_fresh(
    filled: House, why_not: str, askable: bool, said: str
) -> None:
    database, number = filled.services.database, await domain_number(filled)
    snapshots = filled.services.edge.snapshots
    stored = await snapshots.get(number, "/chair")
    assert stored is not None
    found = Noted(
        inputs=b"",
        content_hash=stored.snapshot.content_hash,
        rendered_at=now(),
        why_not=why_not,
        askable=askable,
    )
    await page_inputs.note(database, number, "/chair", found)
    if askable:
        async with database.write() as session:
            key = (number, "/chair", stored.snapshot.content_hash)
            (same,) = await snapshots.confirm(session, [key], now())
        snapshots.confirmed([same])
    for who in ("owner", "viewer"):
        text = (await filled.get(who, f"{PAGE}?path=/chair")).text
        assert said in text
        assert ("Found unchanged" in text) is askable
        told = (await filled.get(who, f"{PAGE}.json?path=/chair")).json()
        assert told["alwaysRendered"] == (why_not or None)
        assert (told["snapshots"][0]["checkedAt"] is not None) is askable
        assert len(told["snapshots"]) == 1


async def test_odd_questions_are_answered_with_what_can_be_understood(filled: House) -> None:
    for query in ("?bucket=x&sort=y&page=-1", "?page=999999999999", "?page=%C2%B2", "?q=%00", "?period=1y"):
        assert (await filled.get("owner", PAGES + query)).status_code == 200
    assert "No more pages" in (await filled.get("owner", f"{PAGES}?page=7")).text
    assert "Nothing found" in (await filled.get("owner", f"{PAGES}?q=sofa")).text


async def test_a_domain_without_pages_says_what_to_do(house: House) -> None:
    page = (await house.get("owner", PAGES)).text
    assert "crawlight import" in page


@pytest.mark.parametrize(
    "path", ["", "nothing", "/nobody-knows-it", "https://example.com/chair", "//x", "/%00"]
)
async def test_a_page_that_nobody_knows_is_not_there(filled: House, path: str) -> None:
    answer = await filled.browsers["owner"].get(PAGE, params={"path": path})
    assert answer.status_code == (200 if path == "https://example.com/chair" else 404)


async def test_an_address_that_was_only_crawled_has_its_crawls(filled: House) -> None:
    page = await filled.get("owner", f"{PAGE}?path=/unknown")
    assert "not in the inventory" in page.text
    assert "Refresh now" not in page.text


async def test_a_page_that_is_gone_says_so(filled: House) -> None:
    await mark_gone(filled.services.database, await domain_number(filled), "/")
    assert "gone from the inventory" in (await filled.get("owner", f"{PAGE}?path=/")).text
    assert ">/</a>" in (await filled.get("owner", f"{PAGES}?bucket=gone")).text


@pytest.mark.parametrize(
    ("who", "status"), [("owner", 303), ("manager", 303), ("viewer", 403), ("stranger", 404), ("nobody", 401)]
)
async def test_who_may_have_a_page_rendered_anew(filled: House, who: str, status: int) -> None:
    answer = await filled.post(who, f"{PAGE}/refresh", path="/chair")
    assert answer.status_code == status or (who == "nobody" and answer.status_code == 303)
    page = await page_of(filled.services.database, await domain_number(filled), "/chair")
    assert (page.wanted_at is not None) == (who in ("owner", "manager"))
    shown = (await filled.get("viewer", f"{PAGE}?path=/chair")).text
    assert "Refresh now" not in shown
    assert ("Queued for rendering" in shown) == (who in ("owner", "manager"))


async def test_only_known_pages_are_rendered_anew(filled: House) -> None:
    for path in ("/unknown", "nothing", ""):
        assert (await filled.post("owner", f"{PAGE}/refresh", path=path)).status_code == 404


async def test_previews_need_no_cookie_and_can_do_nothing(filled: House) -> None:
    page = (await filled.get("viewer", f"{PAGE}?path=/chair")).text
    served, raw = re.findall(r'<iframe src="([^"]+)" sandbox credentialless', page)
    answer = await filled.get("nobody", served)
    assert answer.status_code == 200
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("sandbox; default-src 'none'")
    assert "set-cookie" not in answer.headers
    assert "Made of oak." in answer.text
    assert not any(word in answer.text for word in ("evil", "elsewhere.example", "<script"))
    assert "Please enable JavaScript." in (await filled.get("nobody", raw)).text
    for other in (served + "x", served[:-3], "/previews/00", "/previews/" + "a" * 500):
        assert (await filled.get("owner", other)).status_code == 404


async def test_the_texts_are_compared(filled: House) -> None:
    text = await filled.get("viewer", f"{PAGE}/text?path=/chair")
    assert (
        'Only in the snapshot: </span><span aria-hidden="true">+</span><span>Made of oak.</span>' in text.text
    )
    assert "Only in the raw HTML: " in text.text
    for who in ("owner", "stranger"):
        assert (await filled.get(who, f"{PAGE}/text?path=/unknown")).status_code == 404


@pytest.mark.parametrize(
    "markup",
    [
        "<script>1</script>",
        "<svg><script>1</script></svg>",
        '<a href="javascript:1">x</a>',
        '<form action="https://x.example"><button formaction="https://x.example">x</button></form>',
        '<p style="background:url(https://x.example/1)">x</p>',
        "<style>@import 'https://x.example';</style>",
        "<style>p{background:\\75rl(https://x.example)}</style>",
        '<iframe srcdoc="<script>1</script>"></iframe>',
        '<meta http-equiv="refresh" content="0;url=https://x.example">',
        '<base href="https://x.example"><link rel=stylesheet href="https://x.example">',
        '<svg><image xlink:href="https://x.example"/><use href="https://x.example#a"/></svg>',
        '<video poster="https://x.example"><source src="https://x.example"></video>',
        '<table background="https://x.example"><tr><td onmouseover=1>x</td></tr></table>',
        '<noscript><img src="https://x.example"></noscript>',
    ],
)
def test_nothing_of_a_document_loads_runs_or_leads_elsewhere(markup: str) -> None:
    shown = harmless(f"<body>{markup}<p>kept</p></body>".encode()).decode()
    assert "kept" in shown
    assert not re.search(r"x\.example|<script|javascript:|\son\w+=", shown)


def test_documents_of_any_kind_are_shown_and_compared() -> None:
    for odd in (b"", b"\xff\xfe\x00", b"<", b"<frameset>", "é".encode("latin-1"), b"<p>" * 5000):
        harmless(odd)
        compare(odd, RAW)
    same = compare(HTML, HTML)
    assert {line.side for line in same.lines} <= {"both", "gap"}
    assert same.served_words == same.raw_words == 5


def test_a_spreadsheet_runs_nothing() -> None:
    rows = [["=1+1", "+1", "-1", "@x", "\t=1", 'a"b', None, -5, "fine"]]
    (line,) = list(csv.reader(io.StringIO(csv_text(["a"] * 9, rows))))[1:]
    assert line == ["'=1+1", "'+1", "'-1", "'@x", "'\t=1", 'a"b', "", "-5", "fine"]


COMPARISON = f"{PAGE}/comparison"


async def compared(house: House, whole: bool | None) -> None:
    none, lost = Change(0.0, 0, ()), Change(12.5, 9, ("A list that came <late>",))
    head = (Difference("title", ("Oak chairs",), ("App",)),)
    found = Comparison("https://example.com/chair", False, "", 72, 63, lost, none, head, none, none, none)
    number = await domain_number(house)
    await comparisons.record(house.services.database, number, "/chair", whole, msgspec.json.encode(found))


async def test_a_page_shows_its_markdown_and_what_was_left_out(filled: House) -> None:
    number = await domain_number(filled)
    html = (
        b"<html><body><nav><a href=/>Our home</a></nav><main><h1>A chair</h1>"
        b"<p>See <a href=/oak>the oak</a> &amp; more.</p><script>evil()</script></main>"
        b"<footer>Legal &lt;b&gt;</footer></body></html>"
    )
    await filled.services.edge.snapshots.put(
        number, "/chair", NewSnapshot(status=200, html=html, raw_html=RAW)
    )
    page = (await filled.get("viewer", f"{PAGE}/markdown?path=/chair")).text
    assert "# A chair\n\nSee [the oak](https://example.com/oak) &amp; more." in page
    assert f"the HTML of the snapshot has {-(-len(html) // 4)}" in page
    left = page.partition("Left out</h3>")[2]
    assert "Our home" in left
    assert "Legal &lt;b&gt;" in left
    assert "the oak" not in left
    await change_agents(filled.services.database, number, markdown=False)
    assert "Markdown is off" in (await filled.get("owner", f"{PAGE}/markdown?path=/chair")).text


@pytest.mark.parametrize(
    ("who", "status"), [("owner", 200), ("manager", 200), ("viewer", 200), ("stranger", 404), ("nobody", 303)]
)
async def test_who_may_see_markdown(filled: House, who: str, status: int) -> None:
    assert (await filled.get(who, f"{PAGE}/markdown?path=/chair")).status_code == status
    if status == 200:
        assert (await filled.get(who, f"{PAGE}/markdown?path=/unknown")).status_code == 404


async def test_a_page_without_markdown_says_so(filled: House) -> None:
    moved = NewSnapshot(status=301, html=b"", raw_html=b"", location="https://example.com/")
    await filled.services.edge.snapshots.put(await domain_number(filled), "/chair", moved)
    assert "There is no Markdown" in (await filled.get("viewer", f"{PAGE}/markdown?path=/chair")).text


async def test_a_page_shows_what_people_see_beside_what_crawlers_get(filled: House) -> None:
    assert "Not compared yet" in (await filled.get("viewer", f"{COMPARISON}?path=/chair")).text
    assert (await filled.get("viewer", f"{COMPARISON}.json?path=/chair")).json() is None
    await compared(filled, whole=False)
    for who in ("owner", "manager", "viewer"):
        text = (await filled.get(who, f"{COMPARISON}?path=/chair")).text
        assert ">not whole</span>" in text
        assert "12.5 %" in text
        assert "A list that came &lt;late&gt;" in text
        assert "Oak chairs" in text
        assert ("Compare again" in text) == (who != "viewer")
        assert f"{COMPARISON}?path=%2Fchair" in (await filled.get(who, f"{PAGE}?path=/chair")).text
    found = (await filled.get("viewer", f"{COMPARISON}.json?path=/chair")).json()
    assert (found["whole"], found["found"]["peopleWords"]) == (False, 72)
    for name in ("", ".json"):
        assert (await filled.get("stranger", f"{COMPARISON}{name}?path=/chair")).status_code == 404
        assert (await filled.get("viewer", f"{COMPARISON}{name}?path=/unknown")).status_code == 404
        assert (await filled.get("nobody", f"{COMPARISON}{name}?path=/chair")).status_code == (
            401 if name else 303
        )


async def test_the_whole_share_is_told(filled: House) -> None:
    assert "whole" not in (await filled.get("viewer", PAGES)).text
    await compared(filled, whole=True)
    assert "1 of 1 compared page whole" in (await filled.get("viewer", PAGES)).text
    assert "1 of 1" in (await filled.get("viewer", "/domains/example.com")).text


async def test_who_may_have_a_page_compared(filled: House) -> None:
    comparer, number = filled.services.comparer, await domain_number(filled)
    refused = {"viewer": 403, "stranger": 404, "nobody": 303}
    for who, status in refused.items():
        assert (await filled.post(who, f"{PAGE}/compare", path="/chair")).status_code == status
    assert (await filled.post("owner", f"{PAGE}/compare", path="/unknown")).status_code == 404
    assert (await filled.post("owner", f"{PAGE}/compare", path="no path")).status_code == 404
    assert not comparer.is_comparing(number, "/chair")
    answer = await filled.post("manager", f"{PAGE}/compare", path="/chair")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{PAGE}?path=%2Fchair#comparison")
    assert comparer.is_comparing(number, "/chair")
    text = (await filled.get("viewer", f"{COMPARISON}?path=/chair")).text
    assert "Comparing: a plain browser" in text
    assert 'hx-trigger="every 2s"' in text
    await comparer.close()
