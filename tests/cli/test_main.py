import subprocess
import sys
from pathlib import Path

from crawlight.cli.main import COMMANDS
from tests.conftest import Cli

LOADED = """
import sys
from crawlight.cli.main import main

try:
    main()
finally:
    print(len(sys.modules), *sorted({name.partition(".")[0] for name in sys.modules}))
"""

SLOW = frozenset(
    {"alembic", "asyncio", "chdb", "clickhouse_connect", "numpy", "pyarrow", "sqlalchemy", "structlog"}
)
"""What takes long to load, and what a command must not load that only lists something."""


def loaded(*arguments: str) -> tuple[int, set[str]]:
    """The number of modules that a command has loaded at its end, and their packages."""
    command = [sys.executable, "-c", LOADED, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    number, *packages = done.stdout.splitlines()[-1].split()
    return int(number), set(packages)


def test_the_help_lists_every_command(cli: Cli) -> None:
    status, out, _ = cli("--help")
    assert status == 0
    for name, (_, text) in COMMANDS.items():
        assert f" {name} " in out
        assert text in out


def test_every_command_has_a_help(cli: Cli) -> None:
    for name in COMMANDS:
        status, out, _ = cli(name, "--help")
        assert status == 0
        assert f"Usage: crawlight {name} " in out


def test_help_and_version_load_nothing_slow() -> None:
    for arguments in (("--help",), ("--version",)):
        number, packages = loaded(*arguments)
        assert not packages & (SLOW | {"pydantic"})
        assert number < 330


def test_lists_are_read_without_what_loads_slowly(cli: Cli, tmp_path: Path) -> None:
    """Counted in modules, because time depends on the machine: a list takes as long as what it loads."""
    assert cli("user", "add", "owner@example.com")[0] == 0
    for arguments in (("domain", "list"), ("user", "list"), ("key", "list"), ("domain", "list", "--json")):
        number, packages = loaded("--data", str(tmp_path / "data"), *arguments)
        assert not packages & SLOW
        assert number < 460


def test_export_loads_nothing_that_only_writes_log_lines(cli: Cli, tmp_path: Path) -> None:
    assert cli("user", "add", "owner@example.com")[0] == 0
    _, packages = loaded("--data", str(tmp_path / "data"), "export", "--user", "owner@example.com")
    assert "chdb" in packages
    assert not packages & {"rich", "structlog"}


def test_a_misspelt_command_is_guessed(cli: Cli) -> None:
    status, _, err = cli("usr", "list")
    assert status == 2
    assert "Did you mean 'user'?" in err


def test_the_data_directory_may_stand_after_the_command(cli: Cli, tmp_path: Path) -> None:
    other = str(tmp_path / "other")
    assert cli("user", "add", "me@example.org", "--data", other)[0] == 0
    assert cli("user", "list", f"--data={other}")[1].count("me@example.org") == 1
    assert "me@example.org" not in cli("user", "list")[1]
    assert "--data needs a folder" in cli("user", "list", "--data")[2]
