"""The ways in which a domain comes to Crawlight: each step tells what to do, and is done once it is seen to be."""

import html
import re
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import dns.asyncresolver
import httpx2
import pytest
from aiohttp import web

from crawlight.dashboard.ways_in import RECIPES, recipes
from crawlight.domains.fronting import set_origin
from crawlight.domains.pointing import HEADER, PATH, OwnFront, front_name
from crawlight.domains.proof import Outside
from crawlight.kit.addresses import parse_networks
from crawlight.kit.clock import now
from tests.bots.nameserver import NameServer, running
from tests.dashboard.conftest import House
from tests.records import Record, insert

pytestmark = pytest.mark.anyio

HOST = "shop.example.net"
START = f"/domains/{HOST}/start"


@pytest.fixture
async def names(house: House) -> AsyncIterator[NameServer]:
    """The name server; domains are looked for on this machine, where nothing answers."""
    async with running() as names:
        resolver = dns.asyncresolver.Resolver(configure=False)
        resolver.nameservers, resolver.port = ["127.0.0.1"], names.port
        house.dashboard.outside = Outside(resolver, parse_networks(["127.0.0.0/8"]), (1, 1))
        house.dashboard.origin_of = lambda _host: "http://127.0.0.1:1"
        house.dashboard.front = OwnFront(True, "off", "", ("203.0.113.7",))
        yield names


def told(answer: httpx2.Response) -> str:
    return html.unescape(answer.text)


def done(answer: httpx2.Response) -> list[bool]:
    """Which of the steps are done."""
    return ["done" in tag for tag in re.findall(r"<li[^>]*>\s*<h2>", answer.text)]


async def poll(house: House, path: str, way: str, seen: str = "") -> httpx2.Response:
    """What a page that is open asks by itself."""
    browser, fields = house.browsers["owner"], {"way": way, "seen": seen}
    return await browser.post(path, data=fields, headers={"HX-Request": "true"})


async def test_a_domain_is_proven_while_one_looks_at_the_page(house: House, names: NameServer) -> None:
    await house.post("owner", "/domains/new", host=HOST)
    page = await house.get("owner", START)
    assert done(page) == [False, False, False, False]
    assert f'value="_crawlight.{HOST}"' in page.text
    token = re.findall(r'value="(crawlight-[0-9a-f]{32})"', page.text)[0]
    seen = re.findall(r'name="seen" value="(\w+)"', page.text)[0]
    assert (await poll(house, START, "front", seen)).status_code == 204
    names.records[(f"_crawlight.{HOST}.", "TXT")] = [token]
    steps = await poll(house, START, "front", seen)
    assert (steps.status_code, done(steps)) == (200, [True, False, False, False])
    assert "<html" not in steps.text
    assert done(await house.get("owner", START)) == [True, False, False, False]


async def test_without_scripts_a_button_looks(house: House, names: NameServer) -> None:
    await house.post("owner", "/domains/new", host=HOST)
    token = re.findall(r'value="(crawlight-[0-9a-f]{32})"', (await house.get("owner", START)).text)[0]
    names.records[(f"_crawlight.{HOST}.", "TXT")] = [token]
    answer = await house.post("owner", START, way="logs")
    assert answer.headers["location"] == f"{START}?way=logs"
    assert done(await house.get("owner", f"{START}?way=logs")) == [True, False]


async def seen_on(house: House, path: str) -> str:
    return re.findall(r'name="seen" value="(\w+)"', (await house.get("owner", path)).text)[0]


async def test_a_check_says_when_it_looked_and_what_it_saw(house: House, names: NameServer) -> None:
    await house.post("owner", "/domains/new", host=HOST)
    answer = await house.post("owner", START, way="front", seen=await seen_on(house, START))
    assert answer.status_code == 200
    assert re.search(r"Checked at \d\d:\d\d:\d\d UTC. Nothing has changed.", answer.text)
    assert f"_crawlight.{HOST} has no TXT record." in answer.text
    own = "/domains/example.com/start"
    for way, said in (
        ("front", "Example.com has no A or AAAA record."),
        ("server", "No crawler has come through your server to example.com in the last 30 days."),
        ("logs", "Nothing has been counted for example.com yet."),
    ):
        await house.post("owner", own, way=way)
        answer = await house.post("owner", own, way=way, seen=await seen_on(house, f"{own}?way={way}"))
        assert said in told(answer)
    await crawled(house)
    before = await seen_on(house, f"{own}?way=front")
    assert (await house.post("owner", own, way="logs", seen=before)).status_code == 303
    assert "Checked just now: all steps are done." in told(await house.get("owner", f"{own}?way=logs"))


async def test_dns_and_certificate_are_seen(house: House, names: NameServer) -> None:
    database = house.services.database
    path, domain = "/domains/example.com/start", (await house.scope("owner")).domains[0]
    assert "crawlight domain set example.com --front on --origin" in told(await house.get("owner", path))
    await set_origin(database, domain.id, "https://app.example.net")
    assert "Put example.com on the front" in told(await house.get("owner", path))
    await house.post("owner", "/domains/example.com/settings/front", front="on")
    page = await house.get("owner", path)
    assert done(page) == [True, True, False, False]
    assert 'value="203.0.113.7"' in page.text
    await house.post("owner", path, way="front")
    assert "example.com has no A or AAAA record." in told(await house.get("owner", path))

    async with answering_front(await front_name(database)) as port:
        house.dashboard.outside.ports = (port, port)
        names.records[("example.com.", "A")] = ["127.0.0.1"]
        steps = await poll(house, path, "front")
    assert done(steps) == [True, True, True, True]
    assert "every 15s" not in steps.text
    assert "See the crawlers of example.com" in told(steps)


async def test_a_key_and_the_first_crawler_are_seen(house: House, names: NameServer) -> None:
    path = "/domains/example.com/start?way=server"
    assert done(await house.get("owner", path)) == [True, False, False, False]
    await house.post("owner", "/account/keys", name="mine")
    assert done(await house.get("owner", path)) == [True, True, False, False]
    await crawled(house)
    assert done(await house.get("owner", path)) == [True, True, True, True]
    assert done(await house.get("owner", "/domains/example.com/start?way=logs")) == [True, True]


async def crawled(house: House) -> None:
    domain = (await house.scope("owner")).domains[0]
    store = house.services.store
    await store.run(insert, store, [Record(domain.id, now(), source="proxy")])


@asynccontextmanager
async def answering_front(name: str) -> AsyncIterator[int]:
    """What names itself as the front does; gives its port."""

    async def answer(request: web.BaseRequest) -> web.Response:
        return web.Response(status=204, headers={HEADER: name} if request.path == PATH else {})

    runner = web.ServerRunner(web.Server(answer))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield runner.addresses[0][1]
    await runner.cleanup()


async def test_who_only_reads_is_shown_the_steps_and_asks_nothing(house: House, names: NameServer) -> None:
    page = await house.get("viewer", "/domains/example.com/start")
    assert "every 15s" not in page.text
    assert "Check now" not in page.text


async def test_a_page_that_asks_by_itself_leaves_its_reader_their_tries(
    house: House, names: NameServer
) -> None:
    path = "/domains/example.com/start"
    assert [(await poll(house, path, "front")).status_code for _ in range(12)][-2:] == [204, 204]
    assert (await house.post("owner", path, way="front")).status_code == 303
    assert [(await house.post("owner", path, way="front")).status_code for _ in range(10)][-1] == 429


@pytest.mark.parametrize("heading", RECIPES)
def test_the_recipes_are_those_of_the_docs(heading: str) -> None:
    text = Path("docs/integrations.md").read_text("utf-8")
    assert f"\n{recipes('example.com')[heading]}```" in text[text.index(f"\n## {heading}\n") :]
    assert "example.com" not in recipes(HOST)["Caddy"]


async def test_recipes_lead_to_the_public_url(house: House) -> None:
    path = "/domains/example.com/start?way=server"
    assert "The recipes expect Crawlight on the same machine" in told(await house.get("owner", path))
    house.dashboard.public_url = "http://crawlight.example.net"
    page = told(await house.get("owner", path))
    assert "CRAWLIGHT_URL=http://crawlight.example.net" in page
    assert "127.0.0.1:8080" not in page


@pytest.mark.parametrize("url", ["https://localhost:8443/below", "http://localhost:8080"])
def test_servers_take_the_recipes_with_a_public_url(url: str, tmp_path: Path) -> None:
    texts, caddyfile, config = recipes("localhost", url), tmp_path / "Caddyfile", tmp_path / "nginx.conf"
    caddyfile.write_text(texts["Caddy"], "utf-8")
    program = shutil.which("caddy") or "/usr/bin/caddy"
    command = [program, "adapt", "--validate", "--config", str(caddyfile), "--adapter", "caddyfile"]
    adapted = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert f'"Host":["{url.split("/")[2]}"]' in adapted
    http = f"events {{}}\nhttp {{\n{texts['nginx']}}}\n"
    config.write_text(f"pid {tmp_path}/pid;\nerror_log stderr;\n{http}", "utf-8")
    nginx = shutil.which("nginx") or "/usr/sbin/nginx"
    subprocess.run([nginx, "-t", "-p", str(tmp_path), "-c", str(config)], check=True, capture_output=True)
    assert "127.0.0.1:8080" not in texts["nginx"]
