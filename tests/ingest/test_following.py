"""What is followed: every state of a file once, over rotation, truncation and files that are not there yet."""

from pathlib import Path

import pytest

from crawlight.ingest.following import LEAVING_SECONDS, Following


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def content(changed: dict[str, str]) -> list[tuple[str, str]]:
    """Names of changed files, and what is in them."""
    return [(Path(name).name, Path(path).read_text()) for path, name in changed.items()]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "access.log"


def test_a_file_is_told_when_it_changes_and_only_then(log: Path) -> None:
    following = Following(lambda: [str(log)])
    assert following.changed() == {}
    log.write_text("")
    assert following.changed() == {}
    log.write_text("a\n")
    assert content(following.changed()) == [("access.log", "a\n")]
    assert following.changed() == {}
    with log.open("a") as file:
        file.write("b\n")
    changed = following.changed()
    assert content(changed) == [("access.log", "a\nb\n")]
    following.again(changed)
    assert following.changed() == changed
    following.close()


def test_a_rotated_file_is_read_to_its_end(log: Path) -> None:
    clock = Clock()
    log.write_text("a\n")
    following = Following(lambda: [str(log)], clock)
    following.changed()
    rotated = log.rename(log.with_name("access.log.1"))
    assert following.changed() == {}
    with rotated.open("a") as file:
        file.write("b\n")
    log.write_text("c\n")
    assert content(following.changed()) == [("access.log", "a\nb\n"), ("access.log", "c\n")]
    with rotated.open("a") as file:
        file.write("late\n")
    clock.now = LEAVING_SECONDS + 1
    assert content(following.changed()) == [("access.log", "a\nb\nlate\n")]
    assert following.changed() == {}
    with rotated.open("a") as file:
        file.write("too late\n")
    assert following.changed() == {}
    following.close()


def test_a_truncated_file_is_told(log: Path) -> None:
    log.write_text("a\nb\n")
    following = Following(lambda: [str(log)])
    following.changed()
    log.write_text("c\n")
    assert content(following.changed()) == [("access.log", "c\n")]
    following.close()
