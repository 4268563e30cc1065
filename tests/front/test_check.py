"""Before DNS moves: a site beside the front that would carry it, with a real Caddy and a real name server."""

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Literal
from uuid import uuid4

import dns.asyncresolver
import pytest
from aiohttp import web

from crawlight.domains.pointing import OwnFront
from crawlight.domains.proof import Outside
from crawlight.domains.settings import DomainSettings
from crawlight.domains.sites import Site
from crawlight.front.check import Checked, Here, check
from crawlight.front.config import Place
from crawlight.ids import DomainId
from crawlight.kit.addresses import parse_networks
from crawlight.kit.finding import Finding
from crawlight.kit.listening import free_port
from crawlight.rendering.certificate import server_context
from tests.bots.nameserver import NameServer, running
from tests.front.conftest import Front

pytestmark = pytest.mark.anyio

PAGE = """<link rel=stylesheet href=/style.css><link rel=canonical href=/not-loaded><img srcset="/a.png 1x, /b.png 2x">
<script src="https://elsewhere.example/x.js"></script>"""


@dataclass
class World:
    """A site that answers by path, plain and over TLS, and the name server that leads to the latter."""

    names: NameServer
    answers: dict[str, tuple[int, dict[str, str], str]] = field(default_factory=dict)
    port: int = 0
    tls_port: int = 0
    asked: list[str] = field(default_factory=list)

    async def serve(self, request: web.BaseRequest) -> web.Response:
        self.asked.append(request.path)
        own = f"origin:{request.path}" if request.host.startswith("127.0.0.1") else request.path
        status, headers, text = self.answers.get(own) or self.answers.get(request.path) or (404, {}, "none")
        said = {name: value.replace("ME", f"http://{request.host}") for name, value in headers.items()}
        text = text.replace("NONCE", uuid4().hex)
        kind = "text/html" if "." not in request.path else "text/plain"
        return web.Response(status=status, headers=said, text=text, content_type=kind)

    async def check(
        self, *paths: str, tls: Literal["acme", "internal"] = "internal", **settings: str
    ) -> Checked:
        place = Place("", f"127.0.0.1:{free_port()}", "internal", "/nowhere.sock", free_port(), "me", 2)
        chosen = DomainSettings(front=True, origin_host=settings.get("origin_host", "origin"))  # type: ignore[arg-type]
        site = Site(
            DomainId(1), "example.com", f"http://127.0.0.1:{self.port}", 1, chosen, settings.get("rules", "")
        )
        resolver = dns.asyncresolver.Resolver(configure=False)
        resolver.nameservers, resolver.port = ["127.0.0.1"], self.names.port
        outside = Outside(resolver, parse_networks(["127.0.0.0/8"]), (free_port(), self.tls_port))
        return await check(outside, site, paths, Here(place, OwnFront(True, tls, "", ("203.0.113.7",))))


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with running() as names:
        world = World(names)
        runner = web.ServerRunner(web.Server(world.serve))
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=server_context()).start()
        world.port, world.tls_port = (address[1] for address in runner.addresses)
        world.answers = {"/": (200, {}, PAGE), "/style.css": (200, {}, "b{}")}
        world.answers |= {"/a.png": (200, {}, "a"), "/b.png": (200, {}, "b")}
        yield world
        await runner.cleanup()


def of(checked: Checked, name: str) -> list[Finding]:
    return [one for one in checked.findings if one.check == name]


def states(found: Sequence[Finding]) -> set[str]:
    return {one.state for one in found}


async def test_a_site_that_is_the_same_is_ready(world: World) -> None:
    world.answers["/random"] = (200, {"Content-Security-Policy": "script-src 'nonce-NONCE'"}, "NONCE")
    checked = await world.check("/", "/random")
    assert checked.ready
    assert {one.check for one in checked.findings if one.state != "ok"} == {"dns"}
    assert checked.compared_with == f"http://127.0.0.1:{world.port}"
    assert of(checked, "pages")[0].found == "2 pages and 3 assets are the same through the front"
    assert states(of(checked, "dns")) == {"warning"}
    assert of(checked, "dns")[0].found == "example.com has no A or AAAA record"
    assert "to 203.0.113.7" in of(checked, "dns")[0].advice
    assert of(checked, "certificate")[0].found == "the front gets one once DNS points here"
    assert "/not-loaded" not in world.asked


async def test_it_is_compared_with_the_site_as_dns_leads_to_it(world: World) -> None:
    world.names.records[("example.com.", "A")] = ["127.0.0.1"]
    noindex = {"X-Robots-Tag": "noindex", "Set-Cookie": "a=1"}
    world.answers |= {"origin:/": (200, noindex, PAGE), "origin:/moved": (404, {}, "")}
    world.answers["/moved"] = (200, {}, "here")
    checked = await world.check("/", "/moved")
    assert (checked.ready, checked.compared_with) == (False, "https://example.com as it is today")
    assert of(checked, "/")[0].found == "x-robots-tag: noindex instead of none; cookies: a instead of none"
    assert "--origin-host domain" in of(checked, "/")[0].advice
    assert (of(checked, "/moved")[0].state, of(checked, "/moved")[0].found) == (
        "problem",
        "status 404 instead of status 200",
    )
    assert "points to 127.0.0.1, where this front does not answer" in of(checked, "dns")[0].found
    assert states(of(checked, "dns")) == {"ok"}  # As it is before DNS is changed.


async def test_redirects_that_would_come_back_are_told(world: World) -> None:
    world.answers["/loop"] = (301, {"Location": "ME/loop"}, "")
    world.answers["/public"] = (302, {"Location": "https://example.com/public"}, "")
    world.answers["/fine"] = (302, {"Location": "ME/"}, "")
    checked = await world.check("/loop", "/public", "/fine")
    (told,) = of(checked, "redirects")
    assert (told.state, told.found) == ("problem", "2 pages would lead round and round: /loop, /public")
    assert states(of(checked, "pages")) == {"ok"}


async def test_pages_that_name_the_origin_are_told(world: World) -> None:
    world.answers["/"] = (200, {}, f'<a href="http://127.0.0.1:{world.port}/about">About</a>')
    checked = await world.check("/")
    assert of(checked, "links")[0].found == f"http://127.0.0.1:{world.port} stands in the HTML of 1 page: /"
    assert of(await world.check("/", origin_host="domain"), "links") == []


async def test_paths_that_rules_answer_are_left_out(world: World) -> None:
    checked = await world.check("/", "/old", rules="/old,/new,301\n")
    assert of(checked, "pages")[0].found.endswith("; 1 path that rules or hosted files answer left out")
    assert "/old" not in world.asked


async def test_an_origin_that_does_not_answer_is_told(world: World) -> None:
    world.port = free_port()
    checked = await world.check("/")
    assert not checked.ready
    assert of(checked, "origin")[0].state == "problem"
    assert of(checked, "origin")[0].found.startswith("1 URL got no answer, such as /: cannot connect to")


async def test_authorities_that_may_not_issue_are_told(world: World) -> None:
    world.names.records[("example.com.", "CAA")] = ['0 issue "pki.example"']
    checked = await world.check("/", tls="acme")
    assert of(checked, "certificate")[0].state == "problem"
    assert "only pki.example may issue" in of(checked, "certificate")[0].found


def test_the_command_says_it_and_ends_with_a_status(front: Front) -> None:
    front.crawlight.run("domain", "add", "other.example", "--owner", "me@example.org")
    status, _, told = front.crawlight.try_to("front", "check", "other.example")
    assert (status, "has no origin" in told) == (1, True)
    told = front.crawlight.run("--json", "front", "check", "example.com", "--pages", "1")
    checked = json.loads(told)
    assert (checked["ready"], checked["comparison"]["pages"]) == (True, 1)
    assert "ok      redirects" in front.crawlight.run("front", "check", "example.com")
    assert front.ask("/").status == 200
