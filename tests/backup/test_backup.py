"""A backup of a running server restores to the same export; one that is not whole changes nothing."""

import asyncio
import json
import subprocess
import sys
import tarfile
import urllib.request
from pathlib import Path

import pytest

from crawlight.backup.archive import check
from crawlight.errors import UserError
from crawlight.kit.zstd import zstd
from tests.cli.test_serve import without_time
from tests.ingest.test_deaths import load_and_count, with_services
from tests.processes import Crawlight

GPTBOT = "Mozilla/5.0 (compatible; GPTBot/1.2; +https://openai.com/gptbot)"
SEND = """
import json, sys, urllib.request
url, key, ua = sys.argv[1:]
for number in range(10 ** 9):
    crawls = [{"url": f"https://example.com/{number}/{n}", "userAgent": ua, "status": 200} for n in range(10)]
    body = json.dumps(crawls).encode()
    headers = {"Authorization": f"Bearer {key}"}
    with urllib.request.urlopen(urllib.request.Request(url + "/v1/event/crawl", body, headers)) as answer:
        assert answer.status == 202
    print(number, flush=True)
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> tuple[Crawlight, str]:
    crawlight = Crawlight(tmp_path_factory.mktemp("site") / "data")
    return crawlight, crawlight.site()


def report(url: str, key: str, *pages: str) -> None:
    entries = [{"url": f"https://example.com{page}", "userAgent": GPTBOT} for page in pages]
    headers = {"Authorization": f"Bearer {key}"}
    request = urllib.request.Request(f"{url}/v1/event/crawl", json.dumps(entries).encode(), headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        assert json.load(answer) == {"accepted": len(pages), "ignored": 0}


def test_a_backup_under_load_restores_to_what_was_acknowledged(
    site: tuple[Crawlight, str], tmp_path: Path
) -> None:
    crawlight, key = site
    backup = tmp_path / "backup.tar.zst"
    with crawlight.serve() as server:
        command = [sys.executable, "-c", SEND, server.url, key, GPTBOT]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as sender:
            assert sender.stdout is not None
            for _ in range(20):
                before = int(sender.stdout.readline())
            told = json.loads(crawlight.run("--json", "backup", str(backup)))
            sender.kill()
            sender.communicate()
        assert told["elsewhere"] == []
        assert not list(crawlight.data.glob("backup-*"))
    restored = Crawlight(tmp_path / "restored")
    assert f"to {restored.data}" in restored.run("restore", str(backup))
    found, totals = asyncio.run(with_services(restored.data, load_and_count))
    assert {f"/{number}/{n}" for number in range(before + 1) for n in range(10)} <= set(found)
    assert set(found.values()) == {1}
    assert totals == dict.fromkeys(totals, len(found))


def test_a_restored_backup_gives_the_same_export_and_keeps_keys_and_files(
    site: tuple[Crawlight, str], tmp_path: Path
) -> None:
    crawlight, key = site
    (crawlight.data / "crawlight.toml").write_text('log_level = "warning"\n')
    (crawlight.data / "snapshots").mkdir(exist_ok=True)
    (crawlight.data / "snapshots" / "one.html").write_text("a snapshot")
    with crawlight.serve("--host", "127.0.0.1") as server:
        report(server.url, key, "/a", "/b", "/a")
        crawlight.run("backup", str(tmp_path / "backup"))
    restored = Crawlight(tmp_path / "restored")
    restored.run("restore", str(tmp_path / "backup"))
    assert (restored.data / "snapshots" / "one.html").read_text() == "a snapshot"
    assert [path for path in restored.data.rglob("*") if path.is_file() and path.stat().st_mode & 0o077] == []
    for one in (crawlight, restored):
        with one.serve() as server:
            report(server.url, key, "/c")
    assert without_time(restored.document()) == without_time(crawlight.document())
    assert (tmp_path / "backup").stat().st_mode & 0o777 == 0o600


def test_what_is_not_whole_is_refused_and_changes_nothing(
    site: tuple[Crawlight, str], tmp_path: Path
) -> None:
    crawlight, _ = site
    backup = tmp_path / "backup"
    crawlight.run("backup", str(backup))
    status, _, err = crawlight.try_to("backup", str(backup))
    assert (status, err) == (1, f"crawlight: {backup} is there already\n")
    status, _, err = crawlight.try_to("restore", str(backup))
    assert (status, "is not empty" in err) == (1, True)
    whole, other = backup.read_bytes(), Crawlight(tmp_path / "other")
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 1
    for damaged in (whole[:-1], whole[: len(whole) // 2], bytes(flipped), b"", b"no backup"):
        backup.write_bytes(damaged)
        with pytest.raises(UserError, match="is no whole backup"):
            check(backup)
    status, _, err = other.try_to("restore", str(backup))
    assert (status, "is no whole backup" in err) == (1, True)
    assert not list(other.data.iterdir())
    with pytest.raises(UserError, match="No such file or directory"):
        check(tmp_path / "nowhere")
    status, _, err = crawlight.try_to("backup", str(tmp_path / "no" / "where"))
    assert (status, err) == (1, f"crawlight: cannot write {tmp_path}/no/where: No such file or directory\n")


@pytest.mark.parametrize("link", ["", "../../outside", "/etc"])
def test_nothing_in_a_backup_leads_out_of_the_folder(tmp_path: Path, link: str) -> None:
    backup, folder = tmp_path / "backup", tmp_path / "folder"
    folder.mkdir()
    with zstd.open(backup, "wb") as packed, tarfile.open(fileobj=packed, mode="w|") as archive:
        member = tarfile.TarInfo("data/link" if link else "data/../../outside")
        member.type, member.linkname = (tarfile.SYMTYPE, link) if link else (tarfile.REGTYPE, "")
        archive.addfile(member)
    with pytest.raises(UserError, match="is no whole backup"):
        check(backup, folder)
    assert not list(folder.rglob("*"))
    assert not (tmp_path / "outside").exists()
