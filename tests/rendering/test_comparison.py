"""Whether crawlers get what people see: the comparison, and the browser that it is made with."""

import asyncio
import json
from typing import Any

import pytest
from aiohttp import web

from crawlight.rendering.comparison import Comparison, Seen, compare
from crawlight.rendering.plain import PlainError, compared
from crawlight.rendering.renderer import Renderer
from tests.rendering.conftest import request_for
from tests.rendering.site import CONTENT, Site
from tests.rendering.wild.taken_away import PICTURE

pytestmark = pytest.mark.anyio

URL = "https://example.com/"
WORDS = [f"word{number}" for number in range(400)]


def seen(text: list[str] | None = None, **given: Any) -> Seen:
    lists: dict[str, Any] = {"links": [], "pictures": [], "loaded": [], "head": {}}
    return Seen(
        url=URL,
        status=200,
        done=True,
        height=900,
        text=[" ".join(WORDS)] if text is None else text,
        **(lists | given),
    )


def compare_texts(people: list[str], crawlers: list[str], before: list[str] | None = None) -> Comparison:
    return compare(URL, seen(people if before is None else before), seen(people), seen(crawlers))


def test_the_same_is_whole() -> None:
    found = compare(URL, seen(), seen(), seen())
    assert found.whole
    assert (found.people_words, found.crawler_words) == (400, 400)


def test_a_lost_list_is_named() -> None:
    text = [" ".join(WORDS), "Omega Seamaster 1966", "Longines Flagship 1958"]
    found = compare_texts(text, text[:1])
    assert not found.whole
    assert found.text_missing.first == ("Omega Seamaster 1966", "Longines Flagship 1958")
    assert (found.text_missing.percent, found.text_missing.count) == (1.5, 6)


def test_what_only_crawlers_get_is_named() -> None:
    found = compare_texts([" ".join(WORDS)], [" ".join(WORDS), "Buy cheap watches here " * 10])
    assert not found.whole
    assert found.text_added.count == 40
    assert found.text_missing.count == 0


@pytest.mark.parametrize(
    ("before", "people", "crawlers"),
    [
        (["It is 12:04:31"], ["It is 12:04:33"], ["It is 12:04:29"]),
        (["First slide of a carousel"], ["Second slide of many others"], ["Third of them"]),
    ],
)
def test_what_changes_by_itself_is_not_missing(
    before: list[str], people: list[str], crawlers: list[str]
) -> None:
    base = [" ".join(WORDS)]
    assert compare_texts(base + people, base + crawlers, base + before).whole


def test_letters_count_where_words_have_no_spaces() -> None:
    found = compare_texts(["水壶可以烧水泡茶", "咖啡和汤"], ["水壶可以烧水泡茶"])
    assert (found.people_words, found.text_missing.count, found.whole) == (12, 4, False)


@pytest.mark.parametrize("name", ["title", "description", "canonical", "robots", "hreflang", "JSON-LD"])
def test_another_head_is_not_whole(name: str) -> None:
    found = compare(URL, seen(), seen(head={name: ["One"]}), seen(head={name: ["Another"]}))
    assert not found.whole
    assert [(one.name, one.people, one.crawlers) for one in found.head] == [(name, ("One",), ("Another",))]


def test_white_space_and_the_order_of_json_make_no_difference() -> None:
    people = {"title": ["A  title"], "JSON-LD": ['{"a": 1, "b": [2]}', "{no json"]}
    crawlers = {"title": ["A title "], "JSON-LD": ["{no  json", '{"b":[2],"a":1}']}
    assert compare(URL, seen(), seen(head=people), seen(head=crawlers)).whole


def test_lost_links_and_pictures_are_named() -> None:
    people = seen(
        links=["https://a/", "https://b/"], loaded=["https://a/1.png"], pictures=["https://a/1.png"]
    )
    found = compare(URL, people, people, seen(links=["https://a/", "https://c/"]))
    assert not found.whole
    assert found.links_missing.first == ("https://b/",)
    assert found.links_added.first == ("https://c/",)
    assert found.pictures_missing.first == ("https://a/1.png",)


async def test_a_browser_shows_what_people_see(site: Site, renderer: Renderer) -> None:
    """All at once, for each takes its ten seconds."""

    async def picture(_: web.Request) -> web.Response:
        return web.Response(text=PICTURE, content_type="image/svg+xml")

    site.pages["/a.svg"] = picture
    script = (
        "<script>alert('hello'); setTimeout(() => { root.innerHTML = `<p>Late, but it comes to everybody in the end."
        "</p><img src=/a.svg><a href=/more>more</a>`;"
        # Half an emoji, as of a text that was cut through it.
        "root.insertAdjacentHTML('beforeend', `<p>\\ud83c</p>`) }, 3000)</script>"
    )
    late = site.page("/late", f"{CONTENT}<div id=root></div>{script}")
    shown = (
        f"<title>A page</title>{CONTENT}<p>Late, but it comes to everybody in the end.</p><img src=/a.svg>"
        "<a href=/more>more</a><noscript>Please turn on JavaScript to see this page as it is</noscript>"
        "<script>document.body.innerHTML = 'gone'</script>"
    )
    hidden = f"<title>A page</title><body style='opacity: 0'>{CONTENT}</body>"
    stays = site.page("/stays", CONTENT)
    moves = site.page("/moves", "<script>location.replace('/stays')</script>")
    browser = await renderer.supervisor.browser()

    def ask(url: str, html: str = "", location: str | None = None) -> Any:
        return compared(browser, request_for(url), html.encode(), location)

    whole, half, unseen, led_away, moved = await asyncio.gather(
        ask(late, shown),
        ask(late, f"<title>A page</title>{CONTENT}"),
        ask(stays, hidden),
        ask(stays, location=site.url + "/late"),
        ask(moves, location=stays),
    )
    assert whole.whole, whole
    assert not half.whole
    assert half.text_missing.first == ("Late, but it comes to everybody in the end.", "more")
    assert half.links_missing.first == (site.url + "/more",)
    assert half.pictures_missing.first == (site.url + "/a.svg",)
    assert unseen.text_missing.percent == 100
    assert (led_away.whole, moved.whole) == (False, True)
    assert "people stay" in led_away.failure


async def test_a_browser_reaches_what_renders_reach_and_no_more(site: Site, renderer: Renderer) -> None:
    url = site.page("/", CONTENT)
    with pytest.raises(PlainError, match="could not open it"):
        await compared(
            await renderer.supervisor.browser(), request_for(url, allowed_networks=()), CONTENT.encode()
        )
    assert site.asked == []


def test_a_comparison_is_written_as_json() -> None:
    import msgspec

    made = json.loads(msgspec.json.encode(compare(URL, seen(), seen(), seen())))
    assert made["peopleWords"] == 400
    assert made["textMissing"] == {"percent": 0.0, "count": 0, "first": []}
