"""Private servers for tests: a PostgreSQL cluster and a Redis, each in a folder of its own on a free port."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

INSTALL = "`make test` installs what is missing, or says how"
_PATIENCE_SECONDS = 30


@contextmanager
def postgresql() -> Iterator[str]:
    """A running cluster; gives the URL of its server, without a database."""
    programs = _postgresql_programs()
    with _folder() as (folder, user):
        data = folder / "data"
        make: list[str | Path] = [
            programs / "initdb",
            "-D",
            data,
            "-U",
            "postgres",
            "--auth=trust",
            "--no-sync",
            "-E",
            "UTF8",
        ]
        subprocess.run(make, user=user, check=True, stdout=subprocess.DEVNULL)
        port = free_port()
        start: list[str | Path] = [
            programs / "postgres",
            "-D",
            data,
            "-p",
            str(port),
            "-k",
            folder,
            "-h",
            "127.0.0.1",
        ]
        # What is lost with the power matters to nobody here.
        quick = ["-c", "fsync=off", "-c", "full_page_writes=off", "-c", "max_connections=200"]
        with running([*start, *quick], port, folder / "log", user=user):
            yield f"postgresql+asyncpg://postgres@127.0.0.1:{port}"


@contextmanager
def redis() -> Iterator[str]:
    """A running server that keeps nothing on disk; gives its URL."""
    program = shutil.which("redis-server")
    if program is None:
        raise RuntimeError(f"redis-server is missing; {INSTALL}")
    with _folder() as (folder, user):
        port = free_port()
        start: list[str | Path] = [
            program,
            "--port",
            str(port),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--dir",
            folder,
        ]
        with running(start, port, folder / "log", user=user):
            yield f"redis://127.0.0.1:{port}"


def _postgresql_programs() -> Path:
    found = shutil.which("postgres")
    if found is not None:
        return Path(found).resolve().parent
    folders = Path("/usr/lib/postgresql").glob("*/bin/postgres")
    newest = max(folders, key=lambda program: int(program.parts[-3]), default=None)
    if newest is None:
        raise RuntimeError(f"PostgreSQL is missing; {INSTALL}")
    return newest.parent


@contextmanager
def _folder() -> Iterator[tuple[Path, int | None]]:
    """A folder, and the user to run as: PostgreSQL refuses root."""
    with tempfile.TemporaryDirectory(prefix="crawlight-") as name:
        user = pwd.getpwnam("postgres").pw_uid if os.geteuid() == 0 else None
        if user is not None:
            os.chown(name, user, -1)
        yield Path(name), user


@contextmanager
def running(
    command: list[str | Path],
    port: int,
    log: Path,
    *,
    user: int | None = None,
    env: Mapping[str, str] | None = None,
) -> Iterator[None]:
    """A program that listens on a port, from then on to the end of the block."""
    with (
        log.open("wb") as output,
        ended(command, signal.SIGINT, user=user, env=env, stdout=output, stderr=subprocess.STDOUT) as process,
    ):
        _wait(lambda: listens(port), process, log)
        yield


@contextmanager
def ended(
    command: Sequence[str | Path], stop: signal.Signals = signal.SIGTERM, **options: Any
) -> "Iterator[subprocess.Popen[Any]]":
    """A process that ends with the block (`end`)."""
    with subprocess.Popen(command, **options) as process:
        try:
            yield process
        finally:
            end(process, stop)


def end(process: "subprocess.Popen[Any]", stop: signal.Signals = signal.SIGTERM) -> None:
    """Ask a process to end. One that does not is killed, with SIGABRT first: Python can say then where it was.

    Raises TimeoutExpired where it had to be killed.
    """
    process.send_signal(stop)
    try:
        process.wait(_PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGABRT)
        with suppress(subprocess.TimeoutExpired):
            process.wait(5)
        process.kill()
        raise


def _wait(ready: Callable[[], bool], process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + _PATIENCE_SECONDS
    while not ready():
        if process.poll() is not None or time.monotonic() > end:
            raise RuntimeError(f"{process.args!r} does not start:\n{log.read_text()}")
        time.sleep(0.02)


def listens(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def free_port() -> int:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        port: int = server.getsockname()[1]
        return port
