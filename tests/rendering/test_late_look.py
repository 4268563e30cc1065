"""What comes by timers: the page is looked at again, and a look tells what made it another."""

import asyncio

import msgspec
import pytest

from crawlight.rendering.contract import Late
from crawlight.rendering.late import LOOK_SECONDS, Outline, changes
from crawlight.rendering.renderer import Rendered, Renderer
from tests.rendering.conftest import Render, request_for
from tests.rendering.site import CONTENT, Site

pytestmark = pytest.mark.anyio

ADD = (
    "const add = (name, values) => document.head.append(Object.assign(document.createElement(name), values));"
)


def page(script: str) -> str:
    return f"<h1 id=head>A thing</h1>{CONTENT}<div id=more>x</div><script>{ADD}{script}</script>"


MORE: dict[str, tuple[str, tuple[str, ...]]] = {
    "a list": (
        "setTimeout(() => { more.innerHTML = '<a href=/b>Three words more</a>' }, 1500)",
        ("text", "links"),
    ),
    "a title": ("setTimeout(() => { document.title = 'A better title' }, 1500)", ("head",)),
    "a canonical": ("setTimeout(() => add('link', {rel: 'canonical', href: '/x'}), 1500)", ("head",)),
    "structured data": (
        "setTimeout(() => add('script', {type: 'application/ld+json', textContent: '{}'}), 1500)",
        ("head",),
    ),
    "a heading": ("setTimeout(() => { head.textContent = 'Another thing' }, 1500)", ("text",)),
}


@pytest.mark.parametrize("what", MORE)
async def test_what_comes_by_a_timer_is_there_where_it_is_waited_for(
    site: Site, render: Render, what: str
) -> None:
    script, kinds = MORE[what]
    rendered = await render(site.page("/", page(script)), look=LOOK_SECONDS)
    assert rendered.late is not None
    assert rendered.late.what == kinds
    assert 0 < rendered.late.milliseconds <= rendered.complete


RESTLESS: dict[str, str] = {
    "a clock": "const tick = () => { more.textContent = new Date().toISOString() }; tick(); setInterval(tick, 50)",
    "a counter": "let n = 0; const count = () => { more.textContent = `${n++} people are looking` };"
    "count(); setInterval(count, 50)",
    "a title that counts": "let n = 0; setInterval(() => { document.title = `(${n++}) A page` }, 50)",
    "a carousel": "const all = ['A blue watch of steel', 'A green clock of wood']; let n = 0;"
    "const turn = () => { more.textContent = all[n++ % 2] }; turn(); setInterval(turn, 300)",
    "an advertisement": "more.className = 'adsbygoogle';"
    "setTimeout(() => { more.innerHTML = '<a href=//ads.example>Buy this now, it is cheap</a>' }, 900)",
    "a request to agree": "setTimeout(() => { const box = document.createElement('div'); box.id = 'cookie-banner';"
    " box.textContent = 'We use cookies on this site, do you agree?'; document.body.append(box) }, 900)",
    "a closed shadow root that the site sent": "</script><x-a><template shadowrootmode=closed><p>One two three four"
    "</p></template></x-a><script>",
    "nothing": "",
}


@pytest.mark.parametrize("what", RESTLESS)
async def test_what_turns_and_ticks_makes_no_other_page(site: Site, render: Render, what: str) -> None:
    rendered = await render(site.page("/", page(RESTLESS[what])), look=LOOK_SECONDS)
    assert rendered.late == Late()


async def test_who_waits_gets_the_quiet_page_and_the_later_one_is_told(
    site: Site, renderer: Renderer
) -> None:
    told: asyncio.Future[Rendered] = asyncio.get_running_loop().create_future()

    async def later(rendered: Rendered) -> None:
        told.set_result(rendered)

    url = site.page("/", page("setTimeout(() => { more.innerHTML = 'Three words more' }, 1500)"))
    first = await renderer.render(request_for(url), later=later)
    assert b"Three words more" not in first.html
    again = await told
    assert b"Three words more" in again.html
    assert again.late is not None
    assert again.late.what == ("text",)
    assert again.complete > first.complete


async def test_tabs_that_wait_are_few(site: Site) -> None:
    renderer = Renderer(concurrency=2)
    told: list[Rendered] = []

    async def later(rendered: Rendered) -> None:
        told.append(rendered)

    try:
        urls = [site.page(f"/{n}", page("")) for n in range(3)]
        pages = [await renderer.render(request_for(url), later=later) for url in urls]
        # One tab of two may wait: what came meanwhile says that it was not looked at.
        assert [one.late for one in pages] == [None, Late(whole=False), Late(whole=False)]
    finally:
        await renderer.close()


async def test_a_hurry_ends_the_wait(site: Site, renderer: Renderer) -> None:
    url = site.page("/", page("setTimeout(() => { more.innerHTML = 'Three words more' }, 2500)"))
    rendered = await renderer.render(request_for(url, look=LOOK_SECONDS), hurry=lambda: True)
    assert rendered.late == Late(whole=False)
    assert b"Three words more" not in rendered.html
    # What is known to be needed is waited for all the same.
    rendered = await renderer.render(request_for(url, wait=LOOK_SECONDS), hurry=lambda: True)
    assert b"Three words more" in rendered.html


def test_changes_of_an_outline() -> None:
    before = Outline(0, 0.0, "A page", "A page", "one two three four", ["/a"], ["description=About"])

    def after(**changed: object) -> tuple[str, ...]:
        return changes(before, msgspec.structs.replace(before, **changed))

    assert after() == ()
    assert after(text="one two three four five six seven") == ("text",)
    assert after(text="one two three four five") == ()
    assert after(links=["/a", "/b"]) == ("links",)
    assert after(links=[]) == ()
    assert after(head=["description=About it"]) == ("head",)
    assert after(title="(3) A page") == ()
