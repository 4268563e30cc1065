"""What root writes into a folder that the service's user may write to as well."""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from crawlight.errors import UserError
from crawlight.setup.answers import Answers
from crawlight.setup.files import File, settings_file
from crawlight.setup.machine import give, write

ANSWERS = Answers(email="me@example.org")
TEXT = "front = true\n"


def _own(path: Path) -> File:
    return File(path, TEXT, 0o600, own=True)


def _link(path: Path) -> None:
    path.with_name("secret").write_text("password = 'secret'\n")
    path.symlink_to(path.with_name("secret"))


@pytest.mark.parametrize("put", [_link, os.mkfifo, os.mkdir])
def test_what_the_user_put_in_the_place_of_a_file_is_refused(
    tmp_path: Path, put: Callable[[Path], None]
) -> None:
    path = tmp_path / "crawlight.toml"
    put(path)
    before = sorted(tmp_path.iterdir())
    with pytest.raises(UserError, match=r"crawlight\.toml is no .*remove it"):
        settings_file(tmp_path, ANSWERS, "")
    with pytest.raises(UserError, match=r"crawlight\.toml is no .*remove it"):
        write(_own(path))
    assert sorted(tmp_path.iterdir()) == before


def test_nothing_is_written_through_a_link_in_the_place_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "front").symlink_to(tmp_path / "etc")
    with pytest.raises(UserError, match="front is no folder"):
        write(_own(tmp_path / "front" / "start.json"))
    assert list((tmp_path / "etc").iterdir()) == []


def test_a_link_in_the_place_of_the_new_file_is_not_written_through(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text("stays")
    (tmp_path / "crawlight.toml.part").symlink_to(other)
    with suppress(PermissionError):  # Only root gives files away.
        write(_own(tmp_path / "crawlight.toml"))
    assert other.read_text() == "stays"


def test_settings_that_are_no_text_are_told(tmp_path: Path) -> None:
    (tmp_path / "crawlight.toml").write_bytes(b"\xff")
    with pytest.raises(UserError, match="is no UTF-8 text"):
        settings_file(tmp_path, ANSWERS, "")


def test_a_tree_is_given_without_what_its_links_lead_to(tmp_path: Path) -> None:
    data, outside = tmp_path / "data", tmp_path / "outside"
    (data / "spool").mkdir(parents=True)
    outside.mkdir()
    inside = [data / "spool", data / "spool" / "one", data / "to-folder", data / "to-file"]
    inside[1].touch()
    (outside / "file").touch()
    inside[2].symlink_to(outside)
    inside[3].symlink_to(outside / "file")
    mine = (os.geteuid(), os.getegid())
    assert give(data, mine) == 0
    if mine[0] != 0:  # Only root gives files away.
        with pytest.raises(PermissionError):
            give(data, (mine[0] + 1, mine[1]))
        return
    assert give(data, (54321, 54322)) == len(inside)
    assert {(path.lstat().st_uid, path.lstat().st_gid) for path in inside} == {(54321, 54322)}
    assert {path.stat().st_uid for path in (outside, outside / "file")} == {0}
    assert give(data, (54321, 54322)) == 0
