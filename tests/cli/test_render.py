"""``crawlight render`` on a real page."""

import asyncio
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from crawlight.cli.render import markdown_of
from crawlight.errors import UserError
from tests.conftest import Cli
from tests.kit.test_confined import MANY_COPIES

PAGE = (
    b"<!doctype html><title>Hi</title><div id=root></div><script>document.getElementById('root').innerHTML = "
    b"'<p>Rendered text of a page that has some. </p>'.repeat(20)</script>"
)


class _Pages(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        found = self.path == "/"
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(PAGE if found else b"<h1>gone</h1>")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Pages) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


ALLOW = ("--allow", "127.0.0.0/8")


def test_a_page_is_printed_as_a_crawler_gets_it(cli: Cli, url: str, tmp_path: Path) -> None:
    picture = tmp_path / "page.png"
    status, out, err = cli("render", url, *ALLOW, "--timing", "--screenshot", str(picture))
    assert status == 0
    assert out.count("<p>Rendered text") == 20
    assert "<script" not in out
    assert "status 200" in err
    assert "done" in err
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_raw_is_what_the_origin_sent(cli: Cli, url: str) -> None:
    assert cli("render", url, *ALLOW, "--raw")[:2] == (0, PAGE.decode())


def test_json_has_all_of_it(cli: Cli, url: str) -> None:
    status, out, _ = cli("--json", "render", url + "nowhere", *ALLOW)
    told = json.loads(out)
    assert (status, told["status"], told["finalUrl"]) == (0, 404, url + "nowhere")
    assert "<h1>gone</h1>" in told["html"]


def test_markdown_is_made_of_the_rendered_page(cli: Cli, url: str) -> None:
    status, out, _ = cli("render", url, *ALLOW, "--markdown")
    assert (status, out.startswith('---\ntitle: "Hi"\n')) == (0, True)
    assert out.count("Rendered text of a page") == 20
    _, raw, _ = cli("render", url, *ALLOW, "--markdown", "--raw")
    assert "Rendered text" not in raw
    told = json.loads(cli("--json", "render", url, *ALLOW, "--markdown")[1])
    assert (told["markdown"], told["markdownTokens"]) == (out, -(-len(out) // 4))


def test_a_page_that_no_parser_can_bear_is_told() -> None:
    with pytest.raises(UserError, match="cannot be written as Markdown: it takes too much"):
        asyncio.run(markdown_of(MANY_COPIES.encode(), "https://example.com/"))


def test_a_page_of_a_domain_comes_from_its_origin(cli: Cli, url: str) -> None:
    cli("user", "add", "me@example.org")
    cli("domain", "add", "shop.example", "--owner", "me@example.org", "--origin", url)
    status, _, err = cli("render", "https://www.shop.example/")
    assert (status, "--allow lets it" in err) == (1, True)
    cli("domain", "set", "shop.example", "--allow", "127.0.0.1")
    assert cli("render", "https://www.shop.example/", "--raw")[:2] == (0, PAGE.decode())
    _, told, _ = cli("--json", "audit", "https://shop.example/")
    (audited,) = json.loads(told)
    assert (audited["url"], audited["rendered"]) == ("https://shop.example/", True)


def test_local_addresses_need_to_be_allowed(cli: Cli, url: str) -> None:
    status, out, err = cli("render", url)
    assert (status, out) == (1, "")
    assert "127.0.0.1 is no public address; --allow lets it" in err


@pytest.mark.parametrize("wrong", ["ftp://example.com/", "example.com", "file:///etc/passwd"])
def test_other_addresses_are_refused(cli: Cli, wrong: str) -> None:
    status, _, err = cli("render", wrong)
    assert status == 1
    assert "is no http(s) URL" in err


def test_a_malformed_network_is_refused(cli: Cli, url: str) -> None:
    status, _, err = cli("render", url, "--allow", "home")
    assert status == 1
    assert "--allow: 'home' does not appear to be an IPv4 or IPv6 network" in err


def test_what_people_see_is_compared(cli: Cli, url: str) -> None:
    status, out, _ = cli("compare", url, *ALLOW, "--json")
    told = json.loads(out)
    assert (status, told["whole"], told["url"]) == (0, True, url)
    assert told["peopleWords"] == told["crawlerWords"] == 160


@pytest.mark.parametrize("address", ["ftp://example.com/", "http://127.0.0.1:9/", "nonsense"])
def test_only_pages_that_may_be_reached_are_compared(cli: Cli, address: str) -> None:
    status, out, err = cli("compare", address)
    assert (status, out) == (1, "")
    assert address in err
