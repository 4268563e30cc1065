"""The wheel alone, in an environment without anything else: what it lacks shows only there."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.soak

ROOT = Path(__file__).parents[2]
OF_TESTS = {"pytest", "playwright", "hypothesis", "mypy", "ruff", "httpx2", "import-linter", "time-machine"}


def build(folder: Path) -> Path:
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--wheel-dir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, cwd=folder.parent)
    (wheel,) = folder.glob("crawlight-*.whl")
    return wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("first"))


def test_the_same_source_makes_the_same_wheel_with_every_file(wheel: Path, tmp_path: Path) -> None:
    (tmp_path / "again").mkdir()
    assert build(tmp_path / "again").read_bytes() == wheel.read_bytes()
    listed = subprocess.run(
        ["git", "ls-files", "-z", "src/crawlight"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    wanted = {name.removeprefix("src/") for name in listed.stdout.split("\0") if name}
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if name.startswith("crawlight/")}
    assert packed == wanted


def test_the_demo_runs_from_the_wheel_alone(wheel: Path, tmp_path: Path) -> None:
    environment = {
        name: os.environ[name] for name in os.environ if not name.startswith(("PYTHON", "CRAWLIGHT_"))
    }
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "empty"], check=True)
    programs = tmp_path / "empty" / "bin"
    install = list(
        map(str, (programs / "pip", "install", "-q", "--constraint", ROOT / "constraints.txt", wheel))
    )
    subprocess.run(install, check=True, env=environment, cwd=tmp_path)
    listed = subprocess.run([programs / "pip", "list", "--format=json"], check=True, capture_output=True)
    assert {one["name"] for one in json.loads(listed.stdout)} & OF_TESTS == set()
    demo = subprocess.run(
        [programs / "crawlight", "--data", tmp_path / "data", "demo", "--once"],
        check=True,
        capture_output=True,
        cwd=tmp_path,
        env=environment,
        timeout=600,
    )
    (domain, *_) = json.loads(demo.stdout)["domains"]
    assert domain["summary"]["totalCrawls"] > 2000
