"""``crawlight classify``, ``crawlight bots`` and ``crawlight bots check``."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from crawlight.bots.catalogue import load
from crawlight.bots.matcher import classify
from crawlight.cli import bots
from crawlight.cli.context import Context
from crawlight.errors import UserError
from tests.bots.corpus import PART, read

GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
cli = typer.Typer()
cli.command("classify")(bots.classify)
cli.add_typer(bots.app, name="bots")


@pytest.fixture(autouse=True)
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRAWLIGHT_DATA_DIR", str(tmp_path))


def run(*arguments: str, given: bytes = b"", as_json: bool = False) -> Result:
    result = CliRunner().invoke(cli, arguments, input=given, obj=Context(data_dir=None, json=as_json))
    assert result.exit_code == 0, result.output
    return result


def test_classify_writes_a_line_for_a_line() -> None:
    given = (
        b"GPTBot/1.0\n\nMozilla/5.0 (X11; Linux x86_64)\r\nZorg\xff\xfeBot/1.0 (+http://x)\ncurl/8\nZorgbot"
    )
    assert run("classify", given=given).stdout.split("\n") == [
        "openaibot\tGPTBot\tai_training",
        "-\t(empty)\tlibrary",
        "-\t-\t-",
        "-\tZorg??Bot\tother",
        "-\tcurl\tlibrary",
        "-\tZorgbot\tother",
        "",
    ]


def test_classify_a_file(tmp_path: Path) -> None:
    rows = read(PART)
    path = tmp_path / "agents.txt"
    path.write_text("".join(f"{row.user_agent}\n" for row in rows), encoding="utf-8")
    lines = run("classify", str(path)).stdout.splitlines()
    assert len(lines) == len(rows)
    for row, line in zip(rows, lines, strict=True):
        agent = classify(row.user_agent)
        assert line.split("\t")[0] == ((agent and agent.key) or "-")


def test_classify_as_json() -> None:
    lines = run("classify", "-", given=b"GPTBot\nMozilla/5.0 ()\n", as_json=True).stdout.splitlines()
    assert [json.loads(line) for line in lines] == [
        {"key": "openaibot", "agent": "GPTBot", "category": "ai_training", "operator": "OpenAI"},
        {"key": None, "agent": None, "category": None, "operator": None},
    ]


def test_classify_a_file_that_is_not_there() -> None:
    result = CliRunner().invoke(cli, ["classify", "/nowhere"], obj=Context(data_dir=None, json=False))
    assert isinstance(result.exception, UserError)


def test_bots_lists_the_catalogue() -> None:
    assert "AdsBot-Google-Mobile-Apps" in run("bots").stdout
    listed = json.loads(run("bots", as_json=True).stdout)
    assert [agent["name"] for agent in listed] == [agent.name for agent in load().agent]


def test_check_explains() -> None:
    shown = run("bots", "check", GOOGLEBOT, "--ip", "66.249.66.1", "--no-dns").stdout
    for part in ("Googlebot (in the catalogue)", "list google-common-crawlers: holds", "identity: verified"):
        assert part in shown
    person = run("bots", "check", "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0").stdout
    assert "a person" in person
    assert "identity" not in person


def test_check_explains_what_cannot_be_decided() -> None:
    shown = run("bots", "check", GOOGLEBOT, "--ip", "192.0.2.1", "--no-dns").stdout
    assert "lacks the address" in shown
    assert "identity: unchecked" in shown


def test_check_as_json() -> None:
    told = json.loads(run("bots", "check", "Slackbot 1.0", "--ip", "192.0.2.1", as_json=True).stdout)
    assert told["agent"]["key"] == "slackbot"
    assert told["verdict"]["identity"] == "unverifiable"


def test_check_prints_no_control_characters() -> None:
    assert "\x1b" not in run("bots", "check", "Zorgbot\x1b[31m").stdout
