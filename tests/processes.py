"""The real command in processes of its own."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.servers import end

_READY = re.compile(r"listens on (\S+)")


class Crawlight:
    """``crawlight`` on one data directory, with settings given by their names in capitals."""

    def __init__(self, data: Path, **settings: str) -> None:
        self.data = data
        self.settings = settings
        self.program = ("-m", "crawlight")
        """What Python executes; `-c` and a text where something of it is to be another."""
        self._environment = {
            name: text for name, text in os.environ.items() if not name.startswith("CRAWLIGHT_")
        } | {"PYTHONFAULTHANDLER": "1"}
        self._environment |= {f"CRAWLIGHT_{name}": text for name, text in settings.items()}

    def start(self, *arguments: str, **options: Any) -> "subprocess.Popen[str]":
        command = [sys.executable, *self.program, "--data", str(self.data), *arguments]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        return subprocess.Popen(command, env=self._environment, **(pipes | options))

    def run(self, *arguments: str) -> str:
        """Run a command that must succeed; give its stdout."""
        status, out, err = self.try_to(*arguments)
        assert status == 0, err
        return out

    def try_to(self, *arguments: str) -> tuple[int, str, str]:
        """Run a command; give status, stdout, stderr."""
        with self.start(*arguments) as process:
            try:
                out, err = process.communicate(timeout=120)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGABRT)
                raise AssertionError(f"{arguments} does not end:\n{process.communicate()[1]}") from None
        return process.returncode, out, err

    def site(self) -> str:
        """Make an account on plan pro with the domain example.com; give its key."""
        self.run("user", "add", "me@example.org", "--plan", "pro")
        self.run("domain", "add", "example.com", "--owner", "me@example.org")
        return self.run("key", "create", "--user", "me@example.org", "--name", "test").strip()

    def document(self, period: str = "30d") -> dict[str, Any]:
        """The export document, as the command line gives it."""
        document: dict[str, Any] = json.loads(
            self.run("export", "--user", "me@example.org", "--period", period)
        )
        return document

    @contextmanager
    def serve(self, *arguments: str) -> Iterator["Server"]:
        """A running server on a free port; it must end with status 0 unless it was killed."""
        with self.start("serve", "--port", "0", *arguments, stdout=subprocess.DEVNULL) as process:
            assert process.stderr is not None
            # A pipe that nobody empties stops who writes into it.
            told: list[str] = []
            reader = threading.Thread(target=told.extend, args=(process.stderr,))
            try:
                address = _address(process)
                reader.start()
                yield Server(process, address, told)
            finally:
                try:
                    end(process)
                except subprocess.TimeoutExpired:
                    raise AssertionError(f"the server does not end:\n{''.join(told)}") from None
                finally:
                    if reader.ident:
                        reader.join(30)
        assert process.returncode in (0, -9)


class Server:
    """A running ``crawlight serve``."""

    def __init__(self, process: "subprocess.Popen[str]", url: str, told: list[str]) -> None:
        self.process = process
        self.url = url
        self.told = told
        """Lines of its standard error after the one with its address; all of them once it has ended."""

    def post(self, path: str, key: str, body: bytes = b"{}") -> tuple[int, Any]:
        """POST with a key; give status and JSON."""
        request = urllib.request.Request(self.url + path, body, {"Authorization": f"Bearer {key}"})
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as refusal:
            with refusal:
                return refusal.code, json.load(refusal)

    def get(self, path: str) -> tuple[int, str]:
        """GET; give status and text."""
        try:
            with urllib.request.urlopen(self.url + path, timeout=30) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refusal:
            with refusal:
                return refusal.code, refusal.read().decode()


def _address(process: "subprocess.Popen[str]") -> str:
    assert process.stderr is not None
    told = []
    for line in process.stderr:
        told.append(line)
        if match := _READY.search(line):
            return match[1]
    raise AssertionError(f"the server did not start: {''.join(told)}")
