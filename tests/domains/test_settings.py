import re

import pytest

from crawlight.accounts.people import create_account
from crawlight.database.engine import Database
from crawlight.database.generation import generation
from crawlight.database.tables import Domain
from crawlight.domains.patterns import check_pattern, compiled
from crawlight.domains.registry import add_domain
from crawlight.domains.settings import (
    DEFAULTS,
    DomainSettings,
    PathRule,
    change_settings,
    checked,
    read_settings,
)
from crawlight.domains.sites import Site, load_sites
from crawlight.errors import UserError
from crawlight.ids import DomainId
from crawlight.kit.origin import Origin
from crawlight.kit.urls import canonical_path
from crawlight.settings import DEFAULT_PLANS

pytestmark = pytest.mark.anyio


@pytest.fixture
async def domain(database: Database) -> Domain:
    await create_account(database, DEFAULT_PLANS, "me@example.org", plan="pro")
    return await add_domain(database, "example.com", "me@example.org", origin="http://127.0.0.1:5000")


async def test_defaults_hold_until_something_is_chosen(database: Database, domain: Domain) -> None:
    assert await read_settings(database, domain.id) == DEFAULTS
    chosen = await change_settings(database, domain.id, language=" de-CH, de ", freshness_seconds=3600)
    assert chosen == DomainSettings(language="de-CH, de", freshness_seconds=3600)
    rules = (PathRule("/blog/*", 60), PathRule("/", 7200))
    await change_settings(database, domain.id, path_rules=rules, blocked_paths=["/admin"])
    assert await read_settings(database, domain.id) == DomainSettings(
        language="de-CH, de", freshness_seconds=3600, path_rules=rules, blocked_paths=("/admin",)
    )


async def test_a_wrong_setting_changes_nothing(database: Database, domain: Domain) -> None:
    async with database.read() as session:
        before = await generation(session)
    with pytest.raises(UserError, match="'nowhere' is no pattern of paths"):
        await change_settings(database, domain.id, language="de", blocked_paths=["nowhere"])
    assert await read_settings(database, domain.id) == DEFAULTS
    async with database.read() as session:
        assert await generation(session) == before


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        (DomainSettings(freshness_seconds=59), "60 seconds to a year, not for 59"),
        (DomainSettings(path_rules=(PathRule("/a", 0),)), "60 seconds"),
        (DomainSettings(ignored_parameters=("a=b",)), "no name of a query parameter"),
        (DomainSettings(blocked_paths=("/a b",)), "white space"),
        (DomainSettings(blocked_paths=("/a" + "*a" * 9,)), "up to 8 stars"),
        (DomainSettings(language="de\r\nX: y"), "no language"),
        (DomainSettings(allowed_networks=("127.0.0.1/8",)), "no network"),
        (DomainSettings(blocked_paths=tuple(f"/{n}" for n in range(101))), "up to 100"),
    ],
)
def test_refuses(settings: DomainSettings, reason: str) -> None:
    with pytest.raises(UserError, match=reason):
        checked(settings)


@pytest.mark.parametrize(
    ("pattern", "path", "fits"),
    [
        ("/a", "/a", True),
        ("/a", "/ab?c", True),
        ("/a$", "/ab", False),
        ("/a$", "/a", True),
        ("/*/c", "/a/b/c/d", True),
        ("*.php$", "/x.php", True),
        ("*.php$", "/x.php.txt", False),
        ("/a*b*c$", "/a-b-b-c-c", True),
        ("/a.c", "/abc", False),
        ("*?page=", "/list?page=2", True),
    ],
)
def test_patterns_are_those_of_robots_txt(pattern: str, path: str, fits: bool) -> None:
    known = compiled([check_pattern(pattern)])
    assert known is not None
    assert bool(known.match(path)) is fits


@pytest.mark.parametrize("pattern", ["/caf\u00e9", "/caf%c3%a9", "/c%61f%C3%A9$"])
def test_patterns_are_compared_as_paths_are_written(pattern: str) -> None:
    known = compiled([check_pattern(pattern)])
    assert known is not None
    assert known.match(canonical_path("/caf\u00e9") or "")


def test_no_pattern_is_slow() -> None:
    known = compiled(["*" + "a*" * 200 + "b$"])
    assert isinstance(known, re.Pattern)
    assert not known.match("/" + "a" * 8000)  # With backtracking this would not end.


async def test_sites_are_the_verified_domains(database: Database, domain: Domain) -> None:
    await change_settings(
        database,
        domain.id,
        ignored_parameters=["ref"],
        path_rules=[PathRule("/news", 60)],
        blocked_paths=["/admin"],
    )
    site = (await load_sites(database))[domain.id]
    assert (site.page("/a?b=1&ref=2"), site.page("/a?ref=2"), site.page("/a")) == ("/a?b=1", "/a", "/a")
    assert (site.freshness("/news/1"), site.freshness("/")) == (60, 86_400)
    assert (site.blocks("/admin/x"), site.blocks("/a")) == (True, False)
    assert site.page_url("/a") == "https://example.com/a"
    assert site.origin == Origin(frozenset({"example.com", "www.example.com"}), "http://127.0.0.1:5000")
    async with database.write() as session:
        (await session.get_one(Domain, domain.id)).verified_at = None
    assert await load_sites(database) == {}


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("https://example.com/a?b", "/a?b"),
        ("http://www.example.com", "/"),
        ("https://EXAMPLE.com:443/x", "/x"),
        ("http://127.0.0.1:5000/y", "/y"),
        ("http://127.0.0.1:50001/y", None),
        ("https://example.com.evil.org/", None),
        ("https://other.org/example.com", None),
    ],
)
def test_own_path(url: str, path: str | None) -> None:
    site = Site(DomainId(1), "example.com", "http://127.0.0.1:5000", 1, DEFAULTS)
    assert site.own_path(url) == path
