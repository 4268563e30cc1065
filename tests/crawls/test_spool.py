import os
from pathlib import Path

import pytest

from crawlight.crawls.spool import CorruptSegmentError, Spool
from crawlight.ids import DomainId


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "spool")


def test_a_segment_is_read_back_as_it_was_written(spool: Spool) -> None:
    spool.prepare("one", b"block\nwith lines", rows=2, pages={DomainId(7): ["/a", "/b"]})
    spool.publish("one")
    segment = spool.read("one")
    assert (segment.header.rows, segment.block) == (2, b"block\nwith lines")
    assert segment.header.pages == {7: ["/a", "/b"]}


def test_the_loader_sees_published_segments_only(spool: Spool) -> None:
    spool.prepare("one", b"x", rows=1, pages={})
    assert (spool.prepared(), spool.published()) == (["one"], [])
    spool.publish("one")
    assert (spool.prepared(), spool.published()) == ([], ["one"])


def test_publishing_twice_and_discarding_nothing_are_harmless(spool: Spool) -> None:
    spool.prepare("one", b"x", rows=1, pages={})
    spool.publish("one")
    spool.publish("one")
    spool.discard("one")
    assert spool.published() == ["one"]


def test_segments_come_in_the_order_in_which_they_were_written(spool: Spool) -> None:
    for at, name in enumerate(["b", "c", "a"]):
        spool.prepare(name, b"x", rows=1, pages={})
        spool.publish(name)
        os.utime(spool.folder / f"{name}.segment", (at, at))
    assert spool.published() == ["b", "c", "a"]


@pytest.mark.parametrize("damage", [b"", b"no header", b'{"rows":1}\n'])
def test_what_is_no_segment_is_said_to_be_corrupt(spool: Spool, damage: bytes) -> None:
    (spool.folder / "one.segment").write_bytes(damage)
    with pytest.raises(CorruptSegmentError, match="one: its first line is no header"):
        spool.read("one")


def test_a_torn_block_is_corrupt(spool: Spool) -> None:
    spool.prepare("one", b"0123456789", rows=1, pages={})
    spool.publish("one")
    path = spool.folder / "one.segment"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(CorruptSegmentError, match="9 bytes where 10 were written"):
        spool.read("one")


def test_every_flipped_bit_of_the_block_is_noticed(spool: Spool) -> None:
    spool.prepare("one", b"0123456789", rows=1, pages={})
    spool.publish("one")
    path = spool.folder / "one.segment"
    whole = path.read_bytes()
    for bit in range(8 * (len(whole) - 10), 8 * len(whole)):
        damaged = bytearray(whole)
        damaged[bit // 8] ^= 1 << bit % 8
        path.write_bytes(damaged)
        with pytest.raises(CorruptSegmentError, match="checksum"):
            spool.read("one")


def test_a_segment_put_aside_is_out_of_the_way_and_told(spool: Spool) -> None:
    spool.prepare("one", b"x", rows=1, pages={})
    spool.publish("one")
    spool.put_aside("one")
    assert (spool.published(), spool.set_aside()) == ([], ["one"])


@pytest.mark.parametrize("name", ["", "../up", "a/b", "UP", "a.b", "-a"])
def test_a_name_stays_inside_the_folder(spool: Spool, name: str) -> None:
    with pytest.raises(ValueError, match="no name for a segment"):
        spool.prepare(name, b"x", rows=1, pages={})


def test_a_segment_is_on_disk_before_it_is_published(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    monkeypatch.setattr(os, "fdatasync", lambda _fd: calls.append("file"))
    monkeypatch.setattr(os, "fsync", lambda _fd: calls.append("folder"))
    spool.prepare("one", b"x", rows=1, pages={})
    assert calls == ["file", "folder"]
    spool.publish("one")
    assert calls == ["file", "folder", "folder"]
