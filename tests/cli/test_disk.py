"""Disks that refuse, through the real command: a folder that this user cannot write, and files that cannot grow."""

import ctypes
from pathlib import Path

import pytest

from tests.processes import Crawlight

PR_CAPBSET_DROP = 24
CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 1, 2
COMMANDS = (
    ("export", "--user", "me@example.org"),
    ("backup", "BACKUP"),
    ("serve", "--port", "0"),
    ("user", "add", "other@example.org"),
)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("refused")
    crawlight = Crawlight(folder / "data")
    crawlight.site()
    crawlight.document()
    for path in [folder / "data", *(folder / "data").rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    return folder / "data"


def obey_modes() -> None:
    """Take from root what lets it write everywhere; nobody else has that."""
    libc = ctypes.CDLL(None)
    for capability in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH):
        libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_a_directory_that_cannot_be_written_is_told_in_one_line(
    data: Path, tmp_path: Path, command: tuple[str, ...]
) -> None:
    arguments = [str(tmp_path / "backup") if one == "BACKUP" else one for one in command]
    with Crawlight(data).start(*arguments, preexec_fn=obey_modes) as process:
        _, err = process.communicate(timeout=120)
    status = process.returncode
    assert status == 1
    assert err.count("\n") == 1
    assert err.startswith("crawlight: ")
    assert str(data) in err
