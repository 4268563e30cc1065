"""The user's page on rendering says what is true."""

from pathlib import Path

from crawlight.rendering.navigation import MOST_DOCUMENT_BYTES
from crawlight.rendering.proxy import MOST_BYTES
from crawlight.rendering.renderer import MOST_WAITING, REASONS, TIMEOUT
from crawlight.rendering.windows import HEIGHT, TALL, WIDTH

TEXT = (Path(__file__).parents[2] / "docs" / "rendering.md").read_text(encoding="utf-8")


def test_every_reason_is_explained() -> None:
    for reason in REASONS:
        assert f"`{reason}`" in TEXT


def test_every_number_is_so() -> None:
    assert f"{WIDTH} × {HEIGHT}" in TEXT
    assert f"up to {TALL:,} pixels" in TEXT
    assert f"may load {MOST_BYTES >> 20} MiB" in TEXT
    assert f"{MOST_DOCUMENT_BYTES >> 20} MiB, and as many" in TEXT
    assert f"At most {MOST_WAITING} more wait" in TEXT
    assert f"the default is {TIMEOUT:g}." in TEXT
