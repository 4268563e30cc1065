import os
import time
from pathlib import Path

from crawlight.kit.stillness import Stillness

LONG_AGO = time.time_ns() - 10_000_000_000


def aged(path: Path, nanoseconds: int = LONG_AGO) -> Path:
    os.utime(path, ns=(nanoseconds, nanoseconds))
    return path


def test_what_was_left_alone_is_still_until_anything_changes(tmp_path: Path) -> None:
    file, missing = tmp_path / "file", tmp_path / "missing"
    file.touch()
    aged(file)
    still = Stillness([file, missing], 1000)
    assert [still() for _ in range(3)] == [False, True, True]
    aged(file, LONG_AGO + 1)
    assert [still(), still()] == [False, True]
    missing.touch()
    aged(missing)
    assert [still(), still()] == [False, True]
    file.unlink()
    assert [still(), still()] == [False, True]
    still.forget()
    assert [still(), still()] == [False, True]


def test_what_changed_a_moment_ago_may_do_so_again_and_look_the_same(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    aged(file, time.time_ns() + 3_600_000_000_000)  # A clock that was set back is no reason to sleep either.
    still = Stillness([file], 1000)
    assert [still() for _ in range(3)] == [False, False, False]


def test_one_looks_once_in_a_while_whatever_the_files_say(tmp_path: Path) -> None:
    moments = iter([0.0, 29.0, 30.0, 31.0])
    still = Stillness([aged(tmp_path)], 30, clock=lambda: next(moments))
    assert [still() for _ in range(4)] == [False, True, False, True]
