"""A Caddy that somebody else runs: told what is new, told again where it was started anew, and left running."""

import asyncio
import json
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.front import origin
from tests.front.conftest import CRAWLER, Front, put, up, wait
from tests.processes import Crawlight
from tests.servers import free_port


@contextmanager
def caddy(folder: Path, port: int) -> Iterator["subprocess.Popen[bytes]"]:
    """A Caddy with nothing but its admin interface, and no configuration of before."""
    config = folder / "somebodys.json"
    config.write_text(json.dumps({"admin": {"listen": f"127.0.0.1:{port}", "config": {"persist": False}}}))
    with subprocess.Popen(["caddy", "run", "--config", config], stderr=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.terminate()


def is_there(port: int) -> bool:
    """Whether something listens there."""
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


def test_somebodys_caddy_serves_the_domains(tmp_path: Path) -> None:
    admin, port = free_port(), free_port()
    crawlight = Crawlight(
        tmp_path / "data",
        FRONT_ADMIN=f"http://127.0.0.1:{admin}",
        FRONT_HTTP=f"127.0.0.1:{port}",
        FRONT_TLS="off",
        BOTS_REFRESH="false",
        TRUSTED_PROXIES="127.0.0.1",
    )
    crawlight.site()
    asyncio.run(put(tmp_path / "data", "example.com", "/", b"<h1>The snapshot</h1>"))
    status, _, told = crawlight.try_to("serve", "--port", "0", "--front")
    assert (status, "no Caddy answers at CRAWLIGHT_FRONT_ADMIN" in told) == (1, True)
    with origin.serving() as behind:
        front = Front(crawlight, port, behind)
        front.set("--front", "on", "--origin", f"http://127.0.0.1:{behind}", "--identity", "strict")
        with caddy(tmp_path, admin) as running:
            wait(lambda: is_there(admin))
            with crawlight.serve("--front") as server:
                assert front.ask("/").seen["target"] == "/"
                # Who is trusted may say whom it asks for: this is an address of Googlebot.
                forwarded = CRAWLER | {"X-Forwarded-For": "66.249.66.1"}
                assert front.ask("/", forwarded).body == b"<h1>The snapshot</h1>"
                assert front.ask("/", CRAWLER | {"X-Forwarded-For": "9.9.9.9"}).seen["target"] == "/"
                front.set("--front", "off")
                wait(lambda: front.ask("/").status == 421)
                front.set("--front", "on")
                running.kill()
                running.wait()
                with caddy(tmp_path, admin) as anew:
                    wait(lambda: up(front))
                    server.process.send_signal(signal.SIGTERM)
                    server.process.wait()
                    assert up(front)
                    assert anew.poll() is None
