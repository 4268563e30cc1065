"""What tests of several rooms need: both databases, a Redis, the command line. Async tests run on asyncio."""

import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from crawlight.cli.main import main
from crawlight.database.engine import Database
from tests import servers, templates
from tests.clickhouse import ClickHouse, clickhouse

Cli = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session", autouse=True)
def empty_stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Stores that tests open begin as copies of empty ones (`templates`)."""
    with templates.in_use(templates.Templates(tmp_path_factory.mktemp("templates"))):
        yield


@pytest.fixture
def made_anew() -> Iterator[None]:
    """The test's stores are made as a first start makes them."""
    with templates.out_of_use():
        yield


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """URL of a PostgreSQL server, without a database."""
    with servers.postgresql() as url:
        yield url


@pytest.fixture(scope="session")
async def postgresql_template(postgresql_server: str, anyio_backend: str) -> str:
    """Name of a PostgreSQL database that has all tables and no rows."""
    await _create_database(postgresql_server, "template_crawlight")
    await (await Database.open(f"{postgresql_server}/template_crawlight")).close()
    return "template_crawlight"


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """URL of a Redis that all tests share."""
    with servers.redis() as url:
        yield url


@pytest.fixture(scope="session")
def clickhouse_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClickHouse]:
    """A server of the events store that all tests share."""
    with clickhouse(tmp_path_factory.mktemp("clickhouse") / "engine") as server:
        yield server


@pytest.fixture(params=["embedded", "server"])
def events_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of an empty events store; the test runs once on each kind."""
    if request.param == "embedded":
        return f"chdb://{tmp_path / 'events'}"
    server: ClickHouse = request.getfixturevalue("clickhouse_server")
    return server.database()


@pytest.fixture
async def postgresql_url(postgresql_server: str, anyio_backend: str) -> str:
    """URL of an empty PostgreSQL database of the test's own."""
    name = f"test_{uuid4().hex}"
    await _create_database(postgresql_server, name)
    return f"{postgresql_server}/{name}"


async def _create_database(server: str, name: str, template: str = "template1") -> None:
    engine = create_async_engine(f"{server}/postgres", poolclass=NullPool, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
    await engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of an empty database; the test runs once on each kind."""
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path / 'crawlight.sqlite'}"
    wanted = "postgresql_url" if "made_anew" in request.fixturenames else "migrated_postgresql_url"
    url: str = request.getfixturevalue(wanted)
    return url


@pytest.fixture
async def migrated_postgresql_url(
    postgresql_server: str, postgresql_template: str, anyio_backend: str
) -> str:
    """URL of a PostgreSQL database of the test's own, with all tables."""
    name = f"test_{uuid4().hex}"
    await _create_database(postgresql_server, name, postgresql_template)
    return f"{postgresql_server}/{name}"


@pytest.fixture
async def database(database_url: str, anyio_backend: str) -> AsyncIterator[Database]:
    """An open database with all tables; the test runs once on each kind."""
    opened = await Database.open(database_url)
    yield opened
    await opened.close()


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cli:
    """Run ``crawlight`` with arguments on a data directory of the test's own; gives status, stdout, stderr."""
    monkeypatch.delenv("CRAWLIGHT_DATA_DIR", raising=False)
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["crawlight", "--data", str(tmp_path / "data"), *arguments])
        with pytest.raises(SystemExit) as end:
            main()
        output = capsys.readouterr()
        return int(end.value.code or 0), output.out, output.err

    return run
