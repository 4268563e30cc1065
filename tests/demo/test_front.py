"""The demo's front: both commands that it prints work, and nothing is left of it; without Caddy it says what to do."""

import re
import shlex
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from tests.processes import Crawlight

from crawlight.cli.demo_front import front_settings, through_front
from crawlight.settings import load_settings


@contextmanager
def demo(data: Path) -> Iterator[str]:
    """A running demo; gives what it prints."""
    with Crawlight(data).start("demo", "--port", "0", stdout=subprocess.DEVNULL) as process:
        assert process.stderr is not None
        told = ""
        for line in process.stderr:
            told += line
            if line.startswith("Ctrl-C"):
                break
        yield told
        process.send_signal(signal.SIGINT)
        process.stderr.read()
    assert process.returncode == 0


def run(command: str) -> str:
    done = subprocess.run(shlex.split(command), capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_person_and_a_bot_get_the_sample_site(tmp_path: Path) -> None:
    data = tmp_path / "demo"
    with demo(data) as told:
        person, bot = re.findall(r"^  (curl -i .*)$", told, re.MULTILINE)
        as_person, as_bot = run(person), run(bot)
        moved = run(person.replace("/breads/rye", "/bread/rye"))
        robots = run(person.replace("/breads/rye", "/robots.txt"))
        sitemap = run(person.replace("/breads/rye", "/sitemap.xml"))
    assert "rye" not in as_person
    assert "x-crawlight-outcome: hit" in as_bot.lower()
    assert "rye" in as_bot.lower()
    assert "location: https://shop.example.com/breads/rye" in moved.lower()
    assert "Crawlight answers this in the place of the site." in robots
    assert "<loc>https://shop.example.com/breads/spelt</loc>" in sitemap
    assert "/breads/cake" not in sitemap
    config = str(data / "front" / "caddy.json")
    assert not [one for one in psutil.process_iter(["cmdline"]) if config in (one.info["cmdline"] or [])]


def test_without_caddy_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert front_settings() == {"front": False}
    settings = load_settings(data_dir=tmp_path, front=False)
    assert "apt install caddy" in through_front(settings)
