"""Due pages are made fresh again without a render, if all that they were made of is as it was."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import pytest
from aiohttp import web
from msgspec.structs import replace
from sqlalchemy import delete, update

from crawlight.database.tables import OriginPause, PageInputs
from crawlight.domains import page_inputs, wanted
from crawlight.domains.pages import path_digest
from crawlight.domains.settings import change_settings
from crawlight.kit.clock import now
from crawlight.rendering.inputs import MadeOf, packed, unpacked
from tests.edge.rendered import Edge, rendering_edge, told
from tests.rendering.site import CONTENT, Handler

pytestmark = pytest.mark.anyio

READS = "<h1>Shop</h1><p id=p></p><script src=/app.js></script>" + CONTENT
SCRIPT = "fetch('/api').then(a => a.text()).then(t => { p.textContent = JSON.parse(t).text })"

SHOWN = "const shown = async answer => { p.textContent = await answer.text() }"


@pytest.fixture(scope="module")
async def edge(anyio_backend: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Edge]:
    async with rendering_edge(tmp_path_factory.mktemp("edge") / "data") as opened:
        yield opened


class Answers:
    """What the site answers at an address; ``asked`` has the requests."""

    def __init__(self, text: str, content_type: str = "application/json", **headers: str) -> None:
        self.text, self.content_type, self.status = text, content_type, 200
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}
        self.asked: list[web.Request] = []

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request)
        etag = self.headers.get("etag")
        if etag and request.headers.get("If-None-Match") == etag:
            return web.Response(status=304, headers=self.headers)
        return web.Response(
            text=self.text, status=self.status, content_type=self.content_type, headers=self.headers
        )


async def until_done(edge: Edge, path: str) -> None:
    """Wait until nobody owes a page any more."""
    while (await wanted.states(edge.services.database, [(edge.domain_id, path)]))[
        edge.domain_id, path
    ].pending:
        await asyncio.sleep(0.05)


async def made_of(edge: Edge, path: str) -> MadeOf:
    """What is noted of a page, as soon as it is."""
    async with asyncio.timeout(20):
        while (noted := await page_inputs.read(edge.services.database, edge.domain_id, path)) is None:
            await asyncio.sleep(0.05)
        await until_done(edge, path)
    found = unpacked(noted.inputs)
    assert found is not None
    return found


async def prove(edge: Edge, path: str, change: Callable[[MadeOf], MadeOf] = lambda made: made) -> MadeOf:
    """Render a page, as if it had been rendered with the same result the day before."""
    assert (await edge.get(path)).status_code in (200, 404)
    found = change(await made_of(edge, path))
    assert found.why_not == "", found
    today = now().toordinal()
    found = replace(found, days=(today - 1, today))
    key = (PageInputs.domain_id == edge.domain_id, PageInputs.digest == path_digest(path))
    async with edge.services.database.write() as session:
        await session.execute(update(PageInputs).where(*key).values(inputs=packed(found), askable=True))
    return found


async def refresh(edge: Edge, path: str) -> str:
    """Have a page made fresh, as a crawler does that gets a stale one; say how: `revalidated` or `render`."""
    before = len(edge.seen)
    await wanted.want(edge.services.database, edge.domain_id, [path], "stale")
    await edge.services.rendering.revalidator.round()
    async with asyncio.timeout(30):
        while (kinds := [one.kind for one in edge.seen[before:] if one.path == path]) == []:
            await asyncio.sleep(0.05)
        await until_done(edge, path)
    assert len(kinds) == 1
    return kinds[0]


def shop(edge: Edge, path: str, api: Handler | None = None) -> Answers:
    """A page that is made of a document, a script and the answer of an API."""
    answers = Answers('{"text": "Price 10"}')
    edge.origin.page(path, READS.replace("/app.js", f"{path}.js"))
    edge.origin.pages[f"{path}.js"] = Answers(SCRIPT.replace("/api", f"{path}/api"), "text/javascript")
    edge.origin.pages[f"{path}/api"] = api or answers
    return answers


async def test_an_unchanged_page_is_fresh_again_and_a_changed_one_rendered(edge: Edge) -> None:
    api = shop(edge, "/shop")
    found = await prove(edge, "/shop")
    assert [one.kind for one in found.inputs] == ["document", "script", "data"]
    first = (await edge.get("/shop")).text
    assert "Price 10" in first
    asked = len(edge.origin.asked)
    assert await refresh(edge, "/shop") == "revalidated"
    assert edge.origin.asked[asked:] == ["/shop", "/shop.js", "/shop/api"]
    again = await edge.get("/shop")
    assert told(again) == (200, "hit", "revalidated")
    assert 0 <= int(again.headers["x-crawlight-age"]) < 60
    text = (await edge.client.get("/metrics")).text
    assert 'crawlight_revalidations_total{result="unchanged"} 1.0' in text
    assert "crawlight_revalidation_requests_total 3.0" in text
    assert again.text == first

    api.text = '{"text": "Price 11"}'
    assert await refresh(edge, "/shop") == "render"
    assert "Price 11" in (await edge.get("/shop")).text
    # It is known to be made of its inputs alone: the next time it is asked for them.
    assert await refresh(edge, "/shop") == "revalidated"


async def test_purges_render_and_so_do_old_renders_and_domains_that_want_it(edge: Edge) -> None:
    shop(edge, "/rendered")
    database = edge.services.database
    await prove(edge, "/rendered")
    before = len(edge.seen)
    await wanted.want(database, edge.domain_id, ["/rendered"], "purge")
    edge.services.worker.wake()
    async with asyncio.timeout(30):
        while not [one for one in edge.seen[before:] if one.path == "/rendered"]:
            await asyncio.sleep(0.05)
        await until_done(edge, "/rendered")
    assert [one.kind for one in edge.seen[before:] if one.path == "/rendered"] == ["render"]

    key = (PageInputs.domain_id == edge.domain_id, PageInputs.digest == path_digest("/rendered"))
    async with database.write() as session:
        old = now() - timedelta(days=8)
        await session.execute(update(PageInputs).where(*key).values(rendered_at=old))
    assert await refresh(edge, "/rendered") == "render"
    assert await refresh(edge, "/rendered") == "revalidated"
    for changes in ({"revalidation": "off"}, {"revalidation": "on", "language": "de"}):
        await change_settings(database, edge.domain_id, **changes)
        assert await refresh(edge, "/rendered") == "render"
    await change_settings(database, edge.domain_id, language="")


async def test_an_origin_that_is_down_is_no_unchanged_one(edge: Edge) -> None:
    shop(edge, "/down")
    await prove(edge, "/down")
    page, database = edge.origin.pages["/down"], edge.services.database
    down = edge.origin.pages["/down"] = Answers("down", "text/html", retry_after="1")
    down.status = 500
    await wanted.want(database, edge.domain_id, ["/down"], "stale")
    async with asyncio.timeout(30):
        while not (await page_failure(edge, "/down")):
            await asyncio.sleep(0.05)
    assert {one.kind for one in edge.seen if one.path == "/down"} == {"render", "crawl"}
    # Crawlers get the last good copy meanwhile.
    assert told(await edge.get("/down"))[:2] == (200, "hit")

    # One that asks for a pause gets it: the page is rendered later.
    edge.origin.pages["/down"] = page
    await wanted.want(database, edge.domain_id, ["/down"], "purge")
    edge.services.worker.wake()
    async with asyncio.timeout(30):
        await until_done(edge, "/down")
    down.status = 503
    edge.origin.pages["/down"] = down
    asked = len(down.asked)
    await wanted.want(database, edge.domain_id, ["/down"], "stale")
    async with asyncio.timeout(30):
        while not await paused(edge):
            await asyncio.sleep(0.05)
    assert len(down.asked) == asked + 1
    edge.origin.pages["/down"] = page
    async with database.write() as session:
        await session.execute(delete(OriginPause))


async def paused(edge: Edge) -> bool:
    """Say whether the origin has asked for a pause."""
    async with edge.services.database.read() as session:
        return await session.get(OriginPause, edge.domain_id) is not None


async def page_failure(edge: Edge, path: str) -> str:
    """Why the last render of a page failed."""
    states = await wanted.states(edge.services.database, [(edge.domain_id, path)])
    return states[edge.domain_id, path].failure


async def test_a_script_that_changes_behind_its_name_is_found(edge: Edge) -> None:
    shop(edge, "/script")
    await prove(edge, "/script")
    script = edge.origin.pages["/script.js"]
    assert isinstance(script, Answers)
    script.text = script.text.replace(".text })", ".text + '!' })")
    assert await refresh(edge, "/script") == "render"
    assert "Price 10!" in (await edge.get("/script")).text


async def test_data_that_a_preload_asked_for_is_an_input(edge: Edge) -> None:
    api = edge.origin.pages["/early"] = Answers('{"text": "Price 20"}')
    head = "<title>A page</title><link rel=preload as=fetch href=/early crossorigin>"
    body = f"<p id=p></p>{CONTENT}<script>{SCRIPT.replace('/api', '/early')}</script>"
    edge.origin.page("/preload", body, head)
    found = await prove(edge, "/preload")
    assert [one.url for one in found.inputs] == ["https://example.com/preload", "https://example.com/early"]
    assert await refresh(edge, "/preload") == "revalidated"
    api.text = '{"text": "Price 21"}'
    assert await refresh(edge, "/preload") == "render"


async def test_cookies_that_the_origin_sets_make_no_other_page(edge: Edge) -> None:
    """They are sent by the browser, and not when the page is asked for: an answer that depends on them is another."""
    seen: list[str] = []

    async def api(request: web.Request) -> web.StreamResponse:
        seen.append(request.cookies.get("who", "nobody"))
        return web.json_response({"text": f"for {seen[-1]}" if "mine" in request.path else "for all"})

    for path, expected in (("/mine", "render"), ("/all", "revalidated")):
        shop(edge, path, api)
        html = edge.origin.pages[path]

        async def document(_: web.Request, html: object = html) -> web.StreamResponse:
            answer = web.Response(text=str(html), content_type="text/html")
            answer.set_cookie("who", "me")
            return answer

        edge.origin.pages[path] = document
        await prove(edge, path)
        assert await refresh(edge, path) == expected
    assert seen[0] == "me"


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("fetch('/graphql', {method: 'POST', body: '{}'}).then(shown)", "post"),
        ("p.textContent = new Date().toLocaleDateString()", "day"),
        ("new WebSocket(location.origin.replace('http', 'ws') + '/socket')", "live"),
        ("new EventSource('/events')", "live"),
        ("prerenderReady = false; new Worker('/worker.js'); prerenderReady = true", "worker"),
        ("fetch('/varies').then(shown)", "varies"),
        ("fetch('/counts').then(() => fetch('/counts')).then(shown)", "differs"),
        ("Promise.all(Array.from({length: 61}, (_, n) => fetch('/graphql?' + n).then(shown)))", "too_many"),
        ("fetch('/graphql?query={a}').then(shown)", ""),
        ("navigator.sendBeacon('/collect', '{}'); fetch('/collect', {method: 'POST', body: 'x'})", ""),
        ("p.textContent = new Date().getFullYear() + new Date('2020-02-02').toLocaleDateString()", ""),
    ],
)  # fmt: skip
async def test_what_cannot_be_asked_for_again_is_known(edge: Edge, script: str, why: str) -> None:
    count = iter(range(1_000_000))

    async def counts(_: web.Request) -> web.StreamResponse:
        return web.json_response(next(count))

    edge.origin.pages |= {
        "/graphql": Answers('{"data": "much"}'),
        "/varies": Answers("{}", Vary="Accept, Cookie"),
        "/counts": counts,
        "/collect": Answers('{"ok": true}'),
        "/worker.js": Answers("", "text/javascript"),
        "/events": Answers("", "text/event-stream"),
    }
    path = f"/why/{abs(hash(script))}"
    edge.origin.page(path, f"<p id=p></p>{CONTENT}<script>{SHOWN};{script}</script>")
    assert (await edge.get(path)).status_code == 200
    assert (await made_of(edge, path)).why_not == why


async def test_moments_in_data_are_left_out_once_they_made_no_other_page(edge: Edge) -> None:
    count = iter(range(1_000_000))
    price = ["10"]

    async def api(_: web.Request) -> web.StreamResponse:
        return web.json_response({"at": f"2026-06-15 {next(count)}", "text": f"Price {price[0]}"})

    shop(edge, "/moment", api)
    await prove(edge, "/moment")
    # It is another each time, so it is rendered; then it is looked at what in it always is.
    assert await refresh(edge, "/moment") == "render"
    async with asyncio.timeout(20):
        while not (await made_of(edge, "/moment")).inputs[-1].masked:
            await asyncio.sleep(0.1)
    assert await refresh(edge, "/moment") == "revalidated"
    price[0] = "11"
    assert await refresh(edge, "/moment") == "render"
    assert "Price 11" in (await edge.get("/moment")).text


async def test_pages_are_asked_in_idle_time_each_at_its_own_interval(edge: Edge) -> None:
    api = shop(edge, "/idle")
    await prove(edge, "/idle")
    key = (PageInputs.domain_id == edge.domain_id, PageInputs.digest == path_digest("/idle"))

    async def idle(interval: int) -> page_inputs.Noted:
        """Let its time come; what is known of it afterwards."""
        async with edge.services.database.write() as session:
            await session.execute(update(PageInputs).values(ask_at=None))
            due = {"ask_at": now() - timedelta(seconds=1), "interval": interval, "asked_at": None}
            await session.execute(update(PageInputs).where(*key).values(due))
        await edge.services.rendering.revalidator.idle_round()
        async with asyncio.timeout(20):
            while True:  # The server's own round may have been the first.
                noted = await page_inputs.read(edge.services.database, edge.domain_id, "/idle")
                if noted is not None and noted.asked_at:
                    return noted
                await asyncio.sleep(0.05)

    async def askable() -> bool:
        noted = await page_inputs.read(edge.services.database, edge.domain_id, "/idle")
        return noted is not None and noted.askable

    assert (await idle(1000)).interval == 1500
    assert (await idle(80_000)).interval == 86_400
    assert (await edge.get("/idle")).headers["x-crawlight-reason"] == "revalidated"
    api.text = '{"text": "Price 12"}'
    assert (await idle(1000)).interval == 500
    async with asyncio.timeout(20):
        while "Price 12" not in (await edge.get("/idle")).text:
            await asyncio.sleep(0.1)
        while not await askable():  # What the page is made of is noted once its snapshot is kept.
            await asyncio.sleep(0.05)
        await until_done(edge, "/idle")
    api.text = '{"text": "Price 13"}'
    assert (await idle(400)).interval == page_inputs.SHORTEST
