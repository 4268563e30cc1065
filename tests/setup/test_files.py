"""What is written to a machine, as text; `tests/image/test_setup.py` has systemd start it."""

import configparser
import grp
import os
import pwd
import subprocess
import tomllib
from pathlib import Path

import pytest

from crawlight.errors import UserError
from crawlight.settings import Settings
from crawlight.setup.answers import Answers
from crawlight.setup.files import COMMAND, FRONT, SERVER, UNITS, machine_files, settings_file

DATA = Path("/srv/crawlight")
ANSWERS = Answers(email="me@example.org", name="crawlight.example.net")


def written(caddy: str = "/usr/bin/caddy") -> dict[Path, str]:
    return {file.path: file.text for file in machine_files(DATA, "/opt/crawlight/bin/crawlight", caddy)}


def unit(text: str) -> configparser.ConfigParser:
    read = configparser.ConfigParser(strict=False, interpolation=None)
    read.optionxform = str  # type: ignore[assignment, method-assign]
    read.read_string(text)
    return read


def test_the_service_writes_to_its_data_alone() -> None:
    made = written()
    server, front = unit(made[UNITS / SERVER])["Service"], unit(made[UNITS / FRONT])["Service"]
    for service, folder in ((server, DATA), (front, DATA / "front")):
        assert service["User"] == "crawlight"
        assert (service["ProtectSystem"], service["ReadWritePaths"]) == ("strict", str(folder))
        assert service["NoNewPrivileges"] == "yes"
    assert server["CapabilityBoundingSet"] == ""
    assert front["CapabilityBoundingSet"] == "CAP_NET_BIND_SERVICE"
    assert server["ExecStart"] == "/opt/crawlight/bin/crawlight serve"
    assert FRONT in unit(made[UNITS / SERVER])["Unit"]["After"]


def test_without_a_front_nothing_speaks_of_one() -> None:
    made = written(caddy="")
    assert set(made) == {UNITS / SERVER, COMMAND}
    assert FRONT not in made[UNITS / SERVER]


def test_the_command_is_a_script_that_a_shell_can_read(tmp_path: Path) -> None:
    script = tmp_path / "crawlight"
    script.write_text(written()[COMMAND])
    subprocess.run(["sh", "-n", script], check=True)
    assert "${CRAWLIGHT_DATA_DIR:-/srv/crawlight}" in script.read_text()


def test_the_command_may_read_what_web_servers_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crawlight.setup.files.USER", pwd.getpwuid(os.geteuid()).pw_name)
    script = tmp_path / "crawlight"
    script.write_text({file.path: file.text for file in machine_files(tmp_path, "/usr/bin/id", "")}[COMMAND])
    has = subprocess.run(["sh", script, "-G"], capture_output=True, text=True, check=True).stdout.split()
    logs = {str(group.gr_gid) for group in grp.getgrall() if group.gr_name == "adm" and os.geteuid() == 0}
    assert set(has) == {str(gid) for gid in (os.getegid(), *os.getgroups())} | logs


def test_settings_are_ones(tmp_path: Path) -> None:
    values = tomllib.loads(settings_file(tmp_path, ANSWERS, "/opt/browser").text)
    settings = Settings(**values)
    assert settings.front
    assert settings.public_url == "https://crawlight.example.net"
    assert settings.browser_path == "/opt/browser"
    assert settings.front_admin in written()[DATA / "front" / "start.json"].replace("unix/", "unix:")


BEFORE = """\
# Ours.
port = 9000
  front = false  # not yet
public_url = "https://old.example"

[plans.one]
front = 1
"""


def test_what_others_wrote_into_them_stays(tmp_path: Path) -> None:
    (tmp_path / "crawlight.toml").write_text(BEFORE)
    after = settings_file(tmp_path, ANSWERS, "").text
    read = tomllib.loads(after)
    assert (read["port"], read["front"], read["plans"]) == (9000, True, {"one": {"front": 1}})
    assert read["public_url"] == "https://crawlight.example.net"
    assert after.startswith("# Ours.\nport = 9000\n")
    (tmp_path / "crawlight.toml").write_text(after)
    assert tomllib.loads(settings_file(tmp_path, ANSWERS, "").text) == read
    kept = settings_file(tmp_path, Answers(email="me@example.org", front=False), "").text
    assert tomllib.loads(kept) == read | {"front": False}


@pytest.mark.parametrize("text", ["front = \n", "a = 'b", 'x = """\nfront = 1\n"""\n'])
def test_settings_that_cannot_be_changed_are_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "crawlight.toml").write_text(text)
    with pytest.raises(UserError, match=r"settings file .*crawlight\.toml: "):
        settings_file(tmp_path, ANSWERS, "")
    assert (tmp_path / "crawlight.toml").read_text() == text
