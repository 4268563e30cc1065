import json

from tests.conftest import Cli

HOST = "shop.example.com"


def test_pages_are_warmed_and_refreshed(cli: Cli, origin: str) -> None:
    cli("user", "add", "me@example.org")
    cli("domain", "add", HOST, "--owner", "me@example.org", "--origin", origin)
    status, _, err = cli("warm", HOST)
    assert (status, f"the sitemaps of {HOST} name no pages of it" in err) == (1, True)
    cli("domain", "set", HOST, "--allow", "127.0.0.1")
    never = f"crawlight: {HOST} was never refreshed; begin with `crawlight refresh {HOST}`\n"
    assert cli("refresh", HOST, "status") == (1, "", never)
    first = json.loads(cli("--json", "warm", HOST)[1])
    assert (first["pages"], first["files"], first["new"], first["wanted"]) == (5, 1, 5, 5)
    said = "Pages in the sitemap: 5, of them new: 0. The server is to render 0, as long as it runs.\n"
    assert cli("warm", HOST)[1] == said
    for action, told in (
        ("start", "0 of 5 pages are done.\n"),
        ("pause", "0 of 5 pages are done, paused.\n"),
        ("status", "0 of 5 pages are done, paused.\n"),
        ("resume", "0 of 5 pages are done.\n"),
    ):
        assert cli("refresh", HOST, action)[:2] == (0, told)
    assert cli("refresh", HOST, "cancel")[0] == 0
    assert cli("warm", "other.example")[0] == 1
