import os
import subprocess
import sys
from pathlib import Path

from crawlight.edge.counts import Counts, clear, read, total, write

TOLD = Counts([(200, "hit", 7), (204, "none", 1)], lost=2, waiting=3, held=4, held_bytes=5)


def test_what_is_told_is_read_and_summed(tmp_path: Path) -> None:
    folder = tmp_path / "edges"
    assert read(folder) == []
    write(folder, Counts())
    write(folder, TOLD)
    assert read(folder) == [TOLD]
    summed = total([TOLD, Counts([(200, "hit", 1)], lost=1)])
    assert summed == Counts([(200, "hit", 8), (204, "none", 1)], lost=3, waiting=3, held=4, held_bytes=5)
    clear(folder)
    assert read(folder) == []


def test_telling_again_takes_no_room_on_the_disk(tmp_path: Path) -> None:
    write(tmp_path, Counts())
    (path,) = tmp_path.iterdir()
    before = path.stat()
    write(tmp_path, TOLD)
    after = path.stat()
    assert list(tmp_path.iterdir()) == [path]
    assert (before.st_ino, before.st_size) == (after.st_ino, after.st_size)


def test_of_the_dead_there_is_the_past_only(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    write(tmp_path, TOLD)
    (tmp_path / f"{os.getpid()}.counts").rename(tmp_path / f"{process.pid}.counts")
    assert read(tmp_path) == [Counts(TOLD.answers, lost=2)]
