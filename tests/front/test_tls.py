"""The front over TLS, with certificates of Caddy's own authority."""

import asyncio
import json
import socket
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import dns.asyncresolver
import pytest

from crawlight.database.engine import Database
from crawlight.domains.front_states import FrontState, look, state_of
from crawlight.domains.pointing import OwnFront
from crawlight.domains.proof import Outside
from crawlight.domains.registry import find_domain
from crawlight.kit.addresses import parse_networks
from crawlight.kit.clock import now
from tests.bots.nameserver import running
from tests.front import origin
from tests.front.conftest import Front, wait
from tests.processes import Crawlight
from tests.servers import free_port


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Front, int]]:
    """The front of example.com, and its port for https."""
    plain, https = free_port(), free_port()
    settings = {
        "FRONT_HTTP": f"127.0.0.1:{plain}",
        "FRONT_HTTPS": f"127.0.0.1:{https}",
        "FRONT_TLS": "internal",
    }
    crawlight = Crawlight(tmp_path_factory.mktemp("tls") / "data", BOTS_REFRESH="false", **settings)
    crawlight.site()
    with origin.serving() as behind:
        front = Front(crawlight, plain, behind)
        front.set("--front", "on", "--origin", f"http://127.0.0.1:{behind}")
        try:
            with crawlight.serve("--front"):
                yield front, https
        finally:
            crawlight.run("front", "stop")


def root(front: Front) -> str:
    return str(front.crawlight.data / "front/certificates/pki/authorities/local/root.crt")


def test_http_leads_to_https(secure: tuple[Front, int]) -> None:
    front, https = secure
    answer = front.ask("/a?b=c", method="POST", body=b"x")
    assert (answer.status, answer.header("Location")) == (308, f"https://example.com:{https}/a?b=c")
    assert front.ask("/", host="nobody.example").status == 421


def test_a_name_on_the_front_gets_a_certificate_and_http_2(secure: tuple[Front, int]) -> None:
    front, https = secure
    wait(lambda: (front.crawlight.data / "front/certificates/pki/authorities/local/root.crt").exists())
    for host in ("example.com", "www.example.com"):
        command = ["curl", "-s", "--http2", "--cacert", root(front), "--resolve", f"{host}:{https}:127.0.0.1"]
        told = subprocess.run(
            [
                *command,
                "-H",
                "Sec-Fetch-Mode: navigate",
                "-w",
                "%{http_version}",
                f"https://{host}:{https}/x",
            ],
            capture_output=True,
            text=True,
        )
        assert told.returncode == 0, told.stderr
        assert told.stdout.endswith("}2")
        assert '["X-Forwarded-Proto", "https"]' in told.stdout


def test_other_names_get_none(secure: tuple[Front, int]) -> None:
    front, https = secure
    context = ssl.create_default_context(cafile=root(front))
    for host in ("nobody.example", "sub.example.com"):
        with pytest.raises(ssl.SSLError):
            _handshake(context, https, host)
    _handshake(context, https, "example.com")


def _handshake(context: ssl.SSLContext, port: int, host: str) -> None:
    with (
        socket.create_connection(("127.0.0.1", port), timeout=10) as plain,
        context.wrap_socket(plain, server_hostname=host),
    ):
        pass


def test_where_a_domain_points_and_its_certificate_are_seen(secure: tuple[Front, int]) -> None:
    front, https = secure
    crawlight, own = front.crawlight, OwnFront(True, "internal", root(front))
    first = asyncio.run(seen(front, https, ["127.0.0.1"], own))
    assert (first.is_well, first.missing, first.certificate_problem) == (True, "", "")
    assert first.certificate_until is not None
    assert first.certificate_until > now()
    assert doctor(crawlight) == ("ok", "1 of 1 domains point here, with valid certificates")
    assert asyncio.run(seen(front, https, ["127.0.0.1"], own)).here_since == first.here_since

    strange = asyncio.run(seen(front, https, ["127.0.0.1"], OwnFront(True, "acme")))
    assert (strange.is_well, strange.certificate_until) == (False, None)
    assert "issuer" in strange.certificate_problem
    assert doctor(crawlight)[0] == "problem"

    both = asyncio.run(seen(front, https, ["127.0.0.1", "127.0.0.2"], own))
    assert both.here_since == first.here_since
    assert both.missing == "example.com points here, but also to 127.0.0.2, where this front does not answer"
    away = asyncio.run(seen(front, https, ["127.0.0.2"], own))
    assert (away.here_since, away.missing) == (
        None,
        "example.com points to 127.0.0.2, where this front does not answer",
    )
    assert doctor(crawlight)[0] == "warning"
    none = asyncio.run(seen(front, https, [], own))
    assert none.missing == "example.com has no A or AAAA record"


async def seen(front: Front, https: int, addresses: list[str], own: OwnFront) -> FrontState:
    """What is noted of example.com when its name leads to these addresses."""
    database = await Database.open(f"sqlite+aiosqlite:///{front.crawlight.data}/crawlight.sqlite")
    try:
        async with running() as names:
            names.records = {("example.com.", "A"): addresses} if addresses else {}
            resolver = dns.asyncresolver.Resolver(configure=False)
            resolver.nameservers, resolver.port = ["127.0.0.1"], names.port
            outside = Outside(resolver, parse_networks(["127.0.0.0/8"]), (front.port, https))
            domain = await find_domain(database, "example.com")
            await look(outside, database, domain.id, domain.host, own)
        return await state_of(database, "example.com")
    finally:
        await database.close()


def doctor(crawlight: Crawlight) -> tuple[str, str]:
    found = json.loads(crawlight.try_to("--json", "doctor")[1])
    (one,) = [one for one in found if one["check"] == "front domains"]
    return one["state"], one["found"]


def test_a_backup_has_the_certificates(secure: tuple[Front, int], tmp_path: Path) -> None:
    front, https = secure
    _handshake(ssl.create_default_context(cafile=root(front)), https, "example.com")
    front.crawlight.run("backup", str(tmp_path / "all.backup"))
    elsewhere = Crawlight(tmp_path / "data", **front.crawlight.settings)
    elsewhere.run("restore", str(tmp_path / "all.backup"))
    kept = {path: (front.crawlight.data / path).read_bytes() for path in _files(front.crawlight.data)}
    assert any(path.name == "example.com.key" for path in kept)
    assert {path: (elsewhere.data / path).read_bytes() for path in _files(elsewhere.data)} == kept
    assert {(elsewhere.data / path).stat().st_mode & 0o777 for path in kept} == {0o600}


def _files(data: Path) -> list[Path]:
    """Certificates and keys, by their paths in the data directory."""
    found = (data / "front" / "certificates").rglob("*")
    return [path.relative_to(data) for path in found if path.suffix in (".key", ".crt", ".json")]
