import subprocess
import sys

from crawlight.cli.main import COMMANDS
from tests.conftest import Cli

HEAVY = """
import sys
from crawlight.cli.main import main

sys.argv = ["crawlight", "--help"]
try:
    main()
finally:
    print(sorted({"sqlalchemy", "pydantic", "chdb", "crawlight.settings"} & set(sys.modules)))
"""


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


def test_the_help_loads_nothing_heavy() -> None:
    done = subprocess.run([sys.executable, "-c", HEAVY], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_misspelt_command_is_guessed(cli: Cli) -> None:
    status, _, err = cli("usr", "list")
    assert status == 2
    assert "Did you mean 'user'?" in err
