"""The front over TLS, with certificates of Caddy's own authority."""

import socket
import ssl
import subprocess
from collections.abc import Iterator

import pytest

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
