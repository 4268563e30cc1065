"""Whoever dies, people get their sites."""

import signal
import threading
from pathlib import Path

from tests.front.conftest import CRAWLER, PERSON, Front, up, wait


def test_crawlight_dies_and_nobody_notices(made: Front) -> None:
    with made.crawlight.serve("--front") as server:
        caddy = made.caddy().pid
        load = Load(made)
        with load:
            wait(lambda: load.answered > 200)
            server.process.send_signal(signal.SIGKILL)
            server.process.wait()
            dead_at = load.answered
            wait(lambda: load.answered > dead_at + 200)
            assert made.ask("/", CRAWLER).seen["target"] == "/"
    with made.crawlight.serve("--front"):
        assert made.caddy().pid == caddy
        assert made.ask("/", CRAWLER).body == b"<h1>The snapshot</h1>"
    assert load.failed == []


def test_crawlight_dies_and_the_site_answers_for_hosted_files(made: Front, tmp_path: Path) -> None:
    file = tmp_path / "robots.txt"
    file.write_text("User-agent: *\nDisallow: /private\n")
    made.crawlight.run("file", "set", "example.com", "robots.txt", str(file))
    with made.crawlight.serve("--front") as server:
        wait(lambda: made.ask("/robots.txt").body == file.read_bytes())
        server.process.send_signal(signal.SIGKILL)
        server.process.wait()
        for headers in (CRAWLER, PERSON):
            assert made.ask("/robots.txt", headers).seen["target"] == "/robots.txt"
    made.crawlight.run("file", "origin", "example.com", "robots.txt")


def test_caddy_dies_and_is_back(made: Front) -> None:
    with made.crawlight.serve("--front"):
        made.caddy().kill()
        wait(lambda: up(made))
        assert made.ask("/", CRAWLER).body == b"<h1>The snapshot</h1>"


class Load:
    """People who ask all the time."""

    def __init__(self, front: Front) -> None:
        self.answered = 0
        self.failed: list[object] = []
        self._front = front
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=self._run) for _ in range(4)]

    def __enter__(self) -> None:
        for thread in self._threads:
            thread.start()

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join(30)

    def _run(self) -> None:
        while not self._ended.is_set():
            try:
                answer = self._front.ask("/page")
                if answer.status != 200:
                    self.failed.append(answer)
            except OSError as error:
                self.failed.append(error)
            self.answered += 1
