"""Adding a domain and proving it: with a real name server and a real site, both on this machine."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import dns.asyncresolver
import pytest
from aiohttp import web

from crawlight.accounts.people import find_account
from crawlight.accounts.scope import scope_of
from crawlight.dashboard import claims as pages
from crawlight.domains import claims
from crawlight.domains.proof import FILE, Outside
from crawlight.domains.registry import verify_domain
from crawlight.kit.addresses import parse_networks
from tests.bots.nameserver import NameServer, running
from tests.dashboard.conftest import ROLES, House, email_of

pytestmark = pytest.mark.anyio

HOST = "shop.example.net"


@dataclass
class World:
    """What is outside: ``answers`` by path of the site, and the name server."""

    names: NameServer
    origin: str = ""
    answers: dict[str, web.Response] = field(default_factory=dict)

    async def serve(self, request: web.Request) -> web.Response:
        found = self.answers.get(request.path)
        return web.Response(status=404) if found is None else found


@pytest.fixture
async def world(house: House) -> AsyncIterator[World]:
    async with running() as names:
        world = World(names)
        server = web.Server(world.serve)
        runner = web.ServerRunner(server)
        await runner.setup()
        listener = web.TCPSite(runner, "127.0.0.1", 0)
        await listener.start()
        world.origin = f"http://127.0.0.1:{runner.addresses[0][1]}"
        resolver = dns.asyncresolver.Resolver(configure=False)
        resolver.nameservers, resolver.port = ["127.0.0.1"], names.port
        house.dashboard.outside = Outside(resolver, parse_networks(["127.0.0.0/8"]))
        house.dashboard.origin_of = lambda _host: world.origin
        yield world
        await runner.cleanup()


async def token_of(house: House, who: str) -> str:
    account = await find_account(house.services.database, email_of(who))
    (claim,) = await claims.claims_of(house.services.database, account.id)
    return claim.token


async def add(house: House, who: str = "owner") -> str:
    answer = await house.post(who, "/domains/new", host=" WWW.Shop.Example.net")
    assert answer.headers["location"] == f"/domains/{HOST}/start"
    return await token_of(house, who)


async def verify(house: House, who: str = "owner") -> int:
    return (await house.post(who, f"/domains/{HOST}/verify")).status_code


async def sees(house: House, who: str = "owner") -> bool:
    account = await find_account(house.services.database, email_of(who))
    return (await scope_of(house.services.database, account.id)).find(HOST) is not None


async def test_a_domain_is_proven_by_dns(house: House, world: World) -> None:
    token = await add(house)
    assert token in (await house.get("owner", f"/domains/{HOST}/verify")).text
    assert await verify(house) == 400
    world.names.records[f"_crawlight.{HOST}.", "TXT"] = ['"something else"', f'"{token}"']
    assert await verify(house) == 303
    assert await sees(house)
    assert (await house.get("owner", f"/domains/{HOST}/verify")).headers["location"] == f"/domains/{HOST}"


async def test_a_domain_is_proven_by_a_file(house: House, world: World) -> None:
    token = await add(house)
    world.answers[FILE] = web.Response(text=f" {token}\n")
    assert await verify(house) == 303
    assert await sees(house)


async def test_a_domain_is_proven_by_a_tag(house: House, world: World) -> None:
    token = await add(house)
    page = f'<title>x</title><META content=" {token}" NAME="crawlight-verification"><body>'
    world.answers["/"] = web.Response(text=page, content_type="text/html", status=200)
    assert await verify(house) == 303
    assert await sees(house)


async def test_what_is_no_proof(house: House, world: World) -> None:
    token = await add(house)
    await add(house, "stranger")
    other = await token_of(house, "stranger")
    tag = f'<meta name="crawlight-verification" content="{token}">'
    world.names.records[f"{HOST}.", "TXT"] = [f'"{token}"']
    world.names.records[f"_crawlight.{HOST}.", "TXT"] = [f'"{other}"', f'"{token}x"']
    for home, file in (
        (f"<body><p>{tag}</p></body>", f"the token is {token}"),
        (f'<meta name="crawlight-verification" content="{other}">', other),
        (f"<!-- {tag} -->", ""),
        (f'<meta name="description" content="{token}">', f"<html>{token}</html>"),
    ):
        world.answers["/"] = web.Response(text=home, content_type="text/html")
        world.answers[FILE] = web.Response(text=file)
        answer = await house.post("owner", f"/domains/{HOST}/verify")
        assert answer.status_code == 400
        assert "has 2 other TXT records" in answer.text
    world.answers[FILE] = web.Response(text=token, status=404)
    assert await verify(house) == 400
    assert not await sees(house)


async def test_redirects_within_the_site_are_followed_and_others_are_not(house: House, world: World) -> None:
    token = await add(house)
    world.answers["/elsewhere"] = web.Response(text=token)
    world.answers[FILE] = web.Response(status=302, headers={"Location": f"{world.origin}/elsewhere"})
    answer = await house.post("owner", f"/domains/{HOST}/verify")
    assert answer.status_code == 400
    assert "leads away" in answer.text


async def test_private_addresses_are_not_reached(house: House, world: World) -> None:
    token = await add(house)
    world.answers[FILE] = web.Response(text=token)
    house.dashboard.outside = Outside(house.dashboard.outside._resolver)
    answer = await house.post("owner", f"/domains/{HOST}/verify")
    assert answer.status_code == 400
    assert "no public address" in answer.text


async def test_an_outage_of_the_name_servers_is_told(house: House, world: World) -> None:
    token = await add(house)
    world.names.failing = True
    answer = await house.post("owner", f"/domains/{HOST}/verify")
    assert "name servers did not answer" in answer.text
    world.answers[FILE] = web.Response(text=token)
    assert await verify(house) == 303


async def test_anybody_may_add_a_host_and_the_first_proof_counts(house: House, world: World) -> None:
    tokens = {who: await add(house, who) for who in ROLES}
    assert len(set(tokens.values())) == len(ROLES)
    records = [f'"{tokens[who]}"' for who in ("stranger", "owner")]
    world.names.records[f"_crawlight.{HOST}.", "TXT"] = records
    assert await verify(house, "stranger") == 303
    late = await house.post("owner", f"/domains/{HOST}/verify")
    assert (late.status_code, "Another account of this server has" in late.text) == (409, True)
    assert [who for who in ROLES if await sees(house, who)] == ["stranger"]


async def test_two_proofs_at_once_are_one_owner(house: House, world: World) -> None:
    tokens = [await add(house, who) for who in ("owner", "stranger")]
    world.names.records[f"_crawlight.{HOST}.", "TXT"] = [f'"{token}"' for token in tokens]
    statuses = await asyncio.gather(verify(house, "owner"), verify(house, "stranger"))
    assert sorted(statuses) == [303, 409]


PAGES = ("", "/settings", "/settings/sharing", "/settings/data", "/pages")


async def test_pages_of_an_unproven_domain_lead_to_its_proof(house: House, world: World) -> None:
    await add(house)
    for path in PAGES:
        answer = await house.get("owner", f"/domains/www.{HOST}{path}")
        assert (answer.status_code, answer.headers.get("location")) == (303, f"/domains/{HOST}/start")
    start = await house.get("owner", f"/domains/{HOST}/start")
    assert f"{HOST} has no other pages until you have proven that it is yours." in start.text
    assert (await house.post("owner", f"/domains/{HOST}/settings")).status_code == 303
    data = await house.get("owner", f"/domains/{HOST}/settings/robots.json")
    assert (data.status_code, data.json()) == (404, {"error": "not_found"})


async def test_an_unproven_domain_is_listed_with_a_way_to_its_proof(house: House, world: World) -> None:
    await add(house)
    for page in ("/", "/domains/new"):
        shown = (await house.get("owner", page)).text
        assert f'href="/domains/{HOST}/start"' in shown
    overview = (await house.get("owner", "/")).text
    assert overview.count("waiting for proof") == 1
    assert "<table" in overview
    await add(house, "stranger")
    await house.post("owner", f"/domains/{HOST}/withdraw")
    assert "waiting for proof" not in (await house.get("owner", "/")).text


async def test_an_unproven_domain_shows_nothing(house: House, world: World) -> None:
    await add(house)
    for who in ("manager", "viewer", "stranger"):
        for path in PAGES:
            assert (await house.get(who, f"/domains/{HOST}{path}")).status_code == 404
        assert HOST not in (await house.get(who, "/")).text
    for who in ("manager", "stranger"):
        assert (await house.get(who, f"/domains/{HOST}/verify")).status_code == 404
        assert (await house.post(who, f"/domains/{HOST}/verify")).status_code == 404
        assert (await house.post(who, f"/domains/{HOST}/withdraw")).status_code == 404
    assert (await house.get("nobody", f"/domains/{HOST}/verify")).status_code == 303


async def test_an_unproven_domain_is_removed(house: House, world: World) -> None:
    await add(house)
    assert (await house.post("owner", f"/domains/{HOST}/withdraw")).headers["location"] == "/"
    assert (await house.get("owner", f"/domains/{HOST}/verify")).status_code == 404
    await add(house)


@pytest.mark.parametrize(
    ("host", "status", "said"),
    [
        ("", 400, "is not a host name"),
        ("https://example.net/", 400, "leave out https://"),
        ("10.0.0.1", 400, "is an IP address"),
        ("example.net:8080", 400, "has a port; give the host name alone."),
        ("example.com", 409, "already among your domains"),
        ("www.example.com", 409, "already among your domains"),
        ("exam_ple.com", 400, "it has an underscore"),
        ("exa mple.com", 400, "is not a host name"),
        ("x" * 300 + ".com", 400, "is not a host name"),
    ],
)
async def test_what_cannot_be_added(house: House, host: str, status: int, said: str) -> None:
    answer = await house.post("owner", "/domains/new", host=host)
    assert (answer.status_code, said in answer.text) == (status, True)


async def test_adding_twice_and_too_much(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    await add(house)
    assert "waiting for proof" in (await house.post("owner", "/domains/new", host=HOST)).text
    monkeypatch.setattr(claims, "MOST", 1)
    many = await house.post("owner", "/domains/new", host="more.example.net")
    assert (many.status_code, "prove or remove some first" in many.text) == (409, True)


async def test_looking_is_bounded(house: House, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await add(house)
    monkeypatch.setattr(pages, "CHECKS_PER_MINUTE", 2)
    assert [await verify(house) for _ in range(3)] == [400, 400, 429]


async def test_the_operator_may_verify(house: House, world: World) -> None:
    await add(house)
    await verify_domain(house.services.database, HOST, email_of("owner"))
    assert await sees(house)
