"""Search engines are told of changes, by a server on loopback in their place."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from aiohttp import web

from crawlight.accounts.people import create_account
from crawlight.database.engine import Database
from crawlight.domains import indexnow
from crawlight.domains.agents import read_agents
from crawlight.domains.pages import learn
from crawlight.domains.registry import add_domain
from crawlight.domains.settings import change_settings
from crawlight.kit.addresses import parse_networks
from crawlight.kit.clock import now
from crawlight.rendering.bodies import Bodies
from crawlight.rendering.indexnow import IndexNow
from crawlight.rendering.snapshots import NewSnapshot, Snapshots
from crawlight.settings import DEFAULT_PLANS

pytestmark = pytest.mark.anyio

HTML = (
    "<html><head><title>Page</title></head><body><nav>Home {nonce}</nav><main><h1>Page</h1><p>{text}</p></main>"
    "<script nonce={nonce}>x</script></body></html>"
)


@dataclass
class Engine:
    """What search engines were told, and what they answer."""

    bodies: list[dict[str, object]] = field(default_factory=list)
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    url: str = ""

    async def handle(self, request: web.Request) -> web.Response:
        assert request.headers["content-type"] == "application/json; charset=utf-8"
        self.bodies.append(await request.json())
        return web.Response(status=self.status, headers=self.headers)

    @property
    def paths(self) -> list[str]:
        return [
            str(url).removeprefix("https://example.com") for body in self.bodies for url in body["urlList"]
        ]  # type: ignore[attr-defined]


@dataclass
class House:
    database: Database
    snapshots: Snapshots
    engine: Engine
    domain_id: int
    teller: IndexNow

    async def page(self, path: str, text: str, nonce: str = "1", **members: object) -> None:
        html = HTML.format(text=text, nonce=nonce).encode()
        new = NewSnapshot(**({"status": 200, "html": html, "raw_html": b""} | members))  # type: ignore[arg-type]
        await learn(self.database, self.domain_id, [path])
        await self.snapshots.put(self.domain_id, path, new)

    async def told(self) -> list[str]:
        """What is told now."""
        self.engine.bodies.clear()
        await self.teller.tell()
        return sorted(self.engine.paths)


@pytest.fixture
async def house(database: Database, tmp_path: Path) -> AsyncIterator[House]:
    await create_account(database, DEFAULT_PLANS, "a@example.com", plan="pro")
    domain = await add_domain(database, "example.com", "a@example.com")
    engine = Engine()
    app = web.Application(client_max_size=4 * 1024 * 1024)
    app.router.add_post("/indexnow", engine.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    engine.url = f"http://127.0.0.1:{runner.addresses[0][1]}/indexnow"
    snapshots = Snapshots(database, Bodies(f"file://{tmp_path}/snapshots"))
    teller = IndexNow(database, snapshots, engine.url, parse_networks(["127.0.0.0/8"]))
    yield House(database, snapshots, engine, domain.id, teller)
    await snapshots.close()
    await runner.cleanup()


async def switched_on(house: House) -> str:
    await indexnow.switch(house.database, house.domain_id, True)
    return (await read_agents(house.database, house.domain_id)).indexnow_key


async def test_off_nothing_is_told(house: House) -> None:
    await house.page("/a", "one")
    assert await house.told() == []
    assert await indexnow.state(house.database, house.domain_id) is None


async def test_only_what_changed_since_it_was_switched_on_is_told_once(house: House) -> None:
    for path in ("/same", "/changed", "/nonce", "/gone", "/moved"):
        await house.page(path, "one")
    await learn(house.database, house.domain_id, ["/known"])
    key = await switched_on(house)
    assert await house.told() == []
    await house.page("/same", "one")
    await house.page("/nonce", "one", nonce="2")
    await house.page("/changed", "two")
    await house.page("/known", "one")
    await house.page("/new", "one")
    await house.page("/gone", "nothing here", status=404)
    await house.page("/moved", "", status=301, html=b"", location="https://example.com/new")
    assert await house.told() == ["/changed", "/gone", "/moved", "/new"]
    (body,) = house.engine.bodies
    assert (body["host"], body["key"]) == ("example.com", key)
    assert body["keyLocation"] == f"https://example.com/{key}.txt"
    assert await house.told() == []
    await house.page("/changed", "three")
    await house.page("/nonce", "one", nonce="3")
    assert await house.told() == ["/changed"]


async def test_blocked_paths_and_pages_that_never_were_are_not_told(house: House) -> None:
    await switched_on(house)
    await change_settings(house.database, house.domain_id, blocked_paths=["/secret"])
    await house.page("/secret", "one")
    await house.page("/nothing", "nothing here", status=404)
    assert await house.told() == []


async def test_batches_have_10_000_at_most(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexnow, "BATCH", 2)
    await switched_on(house)
    for number in range(5):
        await house.page(f"/{number}", "one")
    assert len(await house.told()) == 5
    assert [len(body["urlList"]) for body in house.engine.bodies] == [2, 2, 1]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("status", "headers", "seconds", "failure"),
    [
        (403, {}, 3_600, "key file"),
        (422, {}, 86_400, "do not fit"),
        (429, {}, 3_600, "too many"),
        (429, {"Retry-After": "120"}, 120, "too many"),
        (429, {"Retry-After": "999999999"}, 86_400, "too many"),
        (500, {}, 900, "500"),
    ],
)
async def test_refusals_are_told_and_tried_again_later(
    house: House, status: int, headers: dict[str, str], seconds: int, failure: str
) -> None:
    await switched_on(house)
    await house.page("/a", "one")
    house.engine.status, house.engine.headers = status, headers
    assert await house.told() == ["/a"]
    state = await indexnow.state(house.database, house.domain_id)
    assert state is not None
    assert (state.waiting, state.last, failure in state.failure) == (1, None, True)
    assert await house.told() == []
    house.engine.status = 202
    with time_machine.travel(now() + timedelta(seconds=seconds + 1), tick=True):
        assert await house.told() == ["/a"]
    state = await indexnow.state(house.database, house.domain_id)
    assert state is not None
    assert (state.waiting, state.failure) == (0, "")
    assert state.last is not None


async def test_nobody_there(house: House) -> None:
    await switched_on(house)
    await house.page("/a", "one")
    for teller in (
        IndexNow(house.database, house.snapshots, house.engine.url),  # Loopback is not allowed.
        IndexNow(house.database, house.snapshots, "http://127.0.0.1:9/", parse_networks(["127.0.0.0/8"])),
    ):
        await teller.tell()
        state = await indexnow.state(house.database, house.domain_id)
        assert state is not None
        assert state.failure.startswith("Not reached:")
    assert house.engine.bodies == []


async def test_switched_off_everything_is_forgotten(house: House) -> None:
    key = await switched_on(house)
    await house.page("/a", "one")
    await house.told()
    assert list(await indexnow.submitted(house.database, house.domain_id, 10)) == ["/a"]
    await indexnow.switch(house.database, house.domain_id, True)
    assert (await read_agents(house.database, house.domain_id)).indexnow_key == key
    await indexnow.switch(house.database, house.domain_id, False)
    assert await indexnow.submitted(house.database, house.domain_id, 10) == {}
    assert (await read_agents(house.database, house.domain_id)).indexnow_key == ""
    assert await switched_on(house) != key
