"""Containers of the image, by Docker's own command."""

import subprocess
import time
from collections.abc import Callable
from typing import Final
from uuid import uuid4

from tests.docs.pages import ROOT
from tests.servers import free_port

GPTBOT: Final = "Mozilla/5.0 (compatible; GPTBot/1.2; +https://openai.com/gptbot)"
PAGE: Final = (
    "<title>Shell</title>"
    "<script>document.write('<h1>Made by a script</h1><p>' + 'Words. '.repeat(60))</script>"
)


def docker(*arguments: str, timeout: float = 120) -> str:
    """A call of Docker that must succeed; gives what it says."""
    ended = subprocess.run(
        ["docker", *arguments], capture_output=True, text=True, timeout=timeout, check=False
    )
    assert ended.returncode == 0, ended.stderr[-2000:]
    return ended.stdout


def wait(ready: Callable[[], bool], seconds: float = 60) -> None:
    """Until something holds."""
    end = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < end
        time.sleep(0.2)


class Container:
    """A container of the image, on a volume of its own."""

    def __init__(self) -> None:
        self.name = f"crawlight-test-{uuid4().hex[:8]}"
        self.port = free_port()

    def run(self, *options: str) -> None:
        hardened = ("--cap-drop=ALL", "--security-opt=no-new-privileges", "--shm-size=1g")
        seccomp = f"--security-opt=seccomp={ROOT / 'docker' / 'seccomp.json'}"
        ports, volume = f"127.0.0.1:{self.port}:8080", f"{self.name}:/var/lib/crawlight"
        docker(
            "run",
            "-d",
            "--name",
            self.name,
            *hardened,
            *options,
            seccomp,
            "-p",
            ports,
            "-v",
            volume,
            "crawlight",
        )
        self.wait()

    def wait(self) -> None:
        """Until its health check says that it is ready."""
        end = time.monotonic() + 120
        while docker("inspect", "-f", "{{.State.Health.Status}}", self.name).strip() != "healthy":
            assert time.monotonic() < end, docker("logs", self.name)
            time.sleep(0.5)

    def crawlight(self, *arguments: str, timeout: float = 120) -> str:
        return docker("exec", self.name, "crawlight", *arguments, timeout=timeout)

    def remove(self) -> None:
        docker("rm", "-f", self.name)
        docker("volume", "rm", self.name)
