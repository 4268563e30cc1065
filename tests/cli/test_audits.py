import gzip
import json
import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from tests.audit import pages
from tests.conftest import Cli
from tests.kit.test_confined import MANY_COPIES

SHELL = """<!doctype html><html lang="en"><head><title>Loading</title></head><body><div id="app"></div><script>
document.title = "Kettles and pots, made by a script of the page";
document.getElementById("app").innerHTML = "<h1>Kettles</h1><p>" + "many words of text ".repeat(40) + "</p>";
</script></body></html>"""


class Site:
    """A local site; ``answers`` maps paths to status, headers and body."""

    def __init__(self) -> None:
        self.answers: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self.url = ""

    def put(self, path: str, body: str | bytes, status: int = 200, **headers: str) -> str:
        sent = {
            "Content-Type": "text/html; charset=utf-8",
            **{n.replace("_", "-"): h for n, h in headers.items()},
        }
        self.answers[path] = (status, sent, body.encode() if isinstance(body, str) else body)
        return self.url + path


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    served = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, headers, body = served.answers.get(self.path, (404, {}, b""))
            self.send_response(status)
            for name, text in headers.items():
                self.send_header(name, text)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield served
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def without_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRAWLIGHT_BROWSER_PATH", "/nowhere/chromium")


def at_a_terminal(folder: Path, *arguments: str) -> tuple[int, str]:
    """Run ``crawlight audit`` at a real terminal; gives status and all that it wrote there."""
    ours, its = pty.openpty()
    given = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "160", "NO_COLOR": ""}
    command = [sys.executable, "-m", "crawlight", "--data", str(folder / "data"), "audit", *arguments]
    with subprocess.Popen(command, stdin=its, stdout=its, stderr=its, env=given) as run:
        os.close(its)
        written = b""
        with suppress(OSError):  # Linux tells the end of a terminal so.
            while part := os.read(ours, 65536):
                written += part
    os.close(ours)
    return run.returncode, written.decode()


def checks(result: dict[str, Any]) -> set[str]:
    return {issue["check"] for issue in result["issues"]}


def test_a_file_is_audited_under_its_canonical_address(cli: Cli, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.html", tmp_path / "bad.html"
    good.write_text(pages.html(), encoding="utf-8")
    bad.write_text("<p>nothing", encoding="utf-8")
    status, out, _ = cli("audit", "--json", str(good), str(bad))
    first, second = json.loads(out)
    assert status == 0
    assert (first["url"], first["score"], first["issues"]) == (pages.URL, 100, [])
    assert second["score"] < 90
    assert "title-missing" in checks(second)
    assert list(second["issues"][0]) == (
        ["check", "severity", "weight", "title", "found", "elements", "count", "fix", "guidance"]
    )


def test_the_table_says_what_is_wrong_and_how_to_fix_it(cli: Cli, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(
        pages.changed("<title>", '<meta name="robots" content="noindex"><title>'), encoding="utf-8"
    )
    status, out, err = cli("audit", str(page))
    assert (status, err.strip()) == (0, "")
    assert "noindex" in out
    assert '<meta name="robots" content="noindex">' in out
    assert "Remove noindex" in out
    assert "no status, headers or robots.txt" in out


def test_fail_under_ends_with_1(cli: Cli, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(pages.html(), encoding="utf-8")
    assert cli("audit", str(page), "--fail-under", "100")[0] == 0
    page.write_text("<p>nothing", encoding="utf-8")
    status, _, err = cli("audit", str(page), "--fail-under", "90")
    assert status == 1
    assert "1 of 1 pages score less than 90" in err
    assert cli("audit", str(page), "--fail-under", "101")[0] == 2


def test_a_page_is_rendered_and_compared_with_its_raw_html(cli: Cli, site: Site) -> None:
    url = site.put("/app", SHELL, X_Robots_Tag="noindex")
    site.put("/robots.txt", "User-agent: *\nDisallow: /app", Content_Type="text/plain")
    status, out, err = cli("audit", "--local", "--json", url)
    (page,) = json.loads(out)
    assert status == 0, err
    assert (page["rendered"], page["status"], page["indexable"]) == (True, 200, False)
    assert {"raw-title", "raw-heading", "raw-text", "robots-header", "robots-txt"} <= checks(page)
    assert not {"thin-content", "h1-missing"} & checks(page)
    del site.answers["/robots.txt"]


@pytest.mark.usefixtures("without_browser")
def test_without_a_browser_the_raw_html_is_audited_and_that_is_said(cli: Cli, site: Site) -> None:
    status, out, _ = cli("audit", "--local", "--json", site.put("/app", SHELL))
    (page,) = json.loads(out)
    assert (status, page["rendered"]) == (0, False)
    assert "no browser" in page["note"]
    assert "thin-content" in checks(page)


@pytest.mark.usefixtures("without_browser")
def test_redirects_and_errors_of_the_site_are_told(cli: Cli, site: Site) -> None:
    site.put("/new", pages.html())
    _, out, _ = cli(
        "audit", "--local", "--json", site.put("/old", "", 301, Location="/new"), f"{site.url}/gone"
    )
    moved, gone = json.loads(out)
    assert (moved["url"], moved["status"]) == (f"{site.url}/new", 200)
    assert "redirected to" in moved["note"]
    assert (gone["status"], gone["issues"][0]["check"]) == (404, "http-status")


@pytest.mark.usefixtures("without_browser")
def test_local_addresses_are_reached_only_if_asked_for(cli: Cli, site: Site) -> None:
    status, out, err = cli("audit", site.put("/app", SHELL))
    assert (status, out.strip()) == (1, "")
    assert "127.0.0.1 is no public address; --local lets it" in err
    assert "127.0.0.1: 127.0.0.1" not in err


@pytest.mark.usefixtures("without_browser")
def test_all_pages_of_a_sitemap_are_audited(cli: Cli, site: Site) -> None:
    urls = [site.put(f"/page-{n}", pages.html() if n else "<p>nothing") for n in range(7)]
    listed = "".join(
        f"<url><loc> {url}?a=1&amp;b=2</loc></url>" if n == 9 else f"<url><loc>{url}</loc></url>"
        for n, url in enumerate(urls)
    )
    site.put("/pages.xml.gz", gzip.compress(f"<?xml version='1.0'?><urlset>{listed}</urlset>".encode()))
    index = site.put(
        "/sitemap.xml",
        f"<sitemapindex><sitemap><loc>{site.url}/pages.xml.gz</loc></sitemap>"
        f"<sitemap><loc>{site.url}/sitemap.xml</loc></sitemap></sitemapindex>",
    )
    status, out, _ = cli("audit", "--local", "--json", "--sitemap", index)
    results = json.loads(out)
    assert status == 0
    assert [result["url"] for result in results] == urls
    status, out, _ = cli("audit", "--local", "--sitemap", index, "--fail-under", "1")
    assert out.index("/page-0") < out.index("/page-1")
    assert "The page has no title" in out


@pytest.mark.usefixtures("without_browser")
def test_at_a_terminal_a_bar_counts_the_pages_and_severities_have_colours(site: Site, tmp_path: Path) -> None:
    urls = [site.put(f"/bar-{n}", "<p>nothing") for n in range(6)]
    listed = "".join(f"<url><loc>{url}</loc></url>" for url in [*urls, f"{site.url}/bar-gone"])
    sitemap = site.put("/bar.xml", f"<urlset>{listed}</urlset>", Content_Type="application/xml")
    status, written = at_a_terminal(tmp_path, "--local", "--sitemap", sitemap)
    assert status == 0
    assert written.index("Auditing") < written.index("7/7") < written.index("worst issue")
    assert "\x1b[2K" in written[written.index("7/7") :]  # It is wiped away when it is done.
    assert "\x1b[1;31merror\x1b[0m" in written
    assert "\x1b[33mwarning\x1b[0m" in written
    assert "The page does not answer with status 200" in written


@pytest.mark.usefixtures("without_browser")
def test_html_that_would_take_the_machine_down_is_an_issue_and_the_others_are_audited(
    cli: Cli, site: Site, tmp_path: Path
) -> None:
    bomb, good = tmp_path / "bomb.html", tmp_path / "good.html"
    bomb.write_text(MANY_COPIES, encoding="utf-8")
    good.write_text(pages.html(), encoding="utf-8")
    served = site.put("/bomb", MANY_COPIES)
    status, out, err = cli("audit", "--local", "--json", str(bomb), served, str(good), "--fail-under", "50")
    first, second, third = json.loads(out)
    assert (status, "2 of 3 pages score less than 50" in err) == (1, True)
    for page in (first, second):
        assert page["issues"][0]["check"] == "document-structure"
        assert "takes too much time or memory" in page["issues"][0]["found"]
        assert not {"title-missing", "thin-content"} & checks(page)
    assert (second["url"], second["status"]) == (served, 200)
    assert third["score"] == 100


@pytest.mark.usefixtures("without_browser")
def test_what_cannot_be_read_is_told(cli: Cli, site: Site, tmp_path: Path) -> None:
    assert cli("audit")[0] == 2
    status, _, err = cli("audit", str(tmp_path / "absent.html"))
    assert status == 1
    assert "absent.html: cannot read the file: No such file" in err
    status, _, err = cli("audit", "--local", "--sitemap", site.put("/none.xml", "<html>"))
    assert status == 1
    assert "it is no XML" in err
    status, _, err = cli("audit", "--local", "--sitemap", site.put("/empty.xml", "<urlset></urlset>"))
    assert (status, "names no pages" in err) == (1, True)
    status, _, err = cli("audit", "--local", "--sitemap", f"{site.url}/absent.xml")
    assert (status, "absent.xml: the answer was 404" in err) == (1, True)
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00")
    listed = site.put("/prices.pdf", b"%PDF-1.4", Content_Type="application/pdf")
    others = ("http://[bad/", "ftp://example.com/", str(tmp_path / "picture.png"), listed)
    status, out, err = cli("audit", "--local", "--json", str(tmp_path), *others)
    assert (status, "5 of 5 pages could not be audited" in err) == (1, True)
    shown = cli("audit", str(tmp_path), str(tmp_path / "picture.png"))[2]
    assert f"{tmp_path}: cannot read the file: Is a directory" in shown
    assert "picture.png: the file is no text" in shown
    assert [result["error"] for result in json.loads(out)] == [
        "cannot read the file: Is a directory",
        "not the address of a page",
        "not the address of a page",
        "the file is no text",
        "the URL is no page, but application/pdf",
    ]


def test_a_file_in_utf_16_and_one_without_anything_are_pages(cli: Cli, tmp_path: Path) -> None:
    wide, empty = tmp_path / "wide.html", tmp_path / "empty.html"
    wide.write_text(pages.html(), encoding="utf-16")
    empty.write_bytes(b"")
    _, out, _ = cli("audit", "--json", str(wide), str(empty))
    first, second = json.loads(out)
    assert (first["score"], first["issues"]) == (100, [])
    assert "title-missing" in checks(second)


def test_what_ai_agents_get_is_told_and_decides_in_ci(cli: Cli, site: Site) -> None:
    page = site.put("/agents", SHELL)
    site.put("/robots.txt", "User-agent: GPTBot\nDisallow: /\n", Content_Type="text/plain")
    site.put("/llms.txt", SHELL)
    status, out, told = cli("--json", "audit", "--local", "--agents", page)
    (audited,) = json.loads(out)
    assert (status, "1 of 1 pages fail a check for AI agents" in told) == (1, True)
    found = {one["check"]: one["ok"] for one in audited["agents"]}
    assert found == {
        "text": False,
        "markdown": False,
        "robots": False,
        "signals": False,
        "llms-txt": False,
        "reachable": True,
    }
    status, out, _ = cli("audit", "--local", "--agents", page)
    assert "robots.txt blocks GPTBot." in out
    site.put("/llms.txt", "# Kettles", Content_Type="text/plain")
    checks = json.loads(cli("--json", "audit", "--local", "--agents", page)[1])[0]["agents"]
    assert {one["check"]: one["ok"] for one in checks}["llms-txt"] is True
    plain = json.loads(cli("--json", "audit", "--local", page)[1])[0]
    assert (plain["agents"], plain["score"]) == ([], audited["score"])
    for path in ("/robots.txt", "/llms.txt"):
        del site.answers[path]
