import html

import pytest
from sqlalchemy import select

from crawlight.database.tables import Domain
from crawlight.domains.settings import DEFAULTS, PathRule, read_settings
from tests.dashboard.conftest import House

pytestmark = pytest.mark.anyio

PATH = "/domains/example.com/settings"
FIELDS = {
    "freshness": "12h",
    "path_rules": "/blog/* 7d\r\n/$ 30m\r\n\r\n",
    "ignored_parameters": "ref\nsession",
    "blocked_paths": "/account/",
    "language": "de-CH, de",
    "identity_policy": "strict",
    "private_pages": "keep",
    "revalidation": "off",
    "render_within": "3d",
}


async def settings_of(house: House) -> object:
    domain = (await house.scope("owner")).domains[0]
    return await read_settings(house.services.database, domain.id)


@pytest.mark.parametrize("who", ["owner", "manager"])
async def test_settings_are_saved_and_shown(house: House, who: str) -> None:
    assert (await house.post(who, PATH, **FIELDS)).headers["location"] == PATH
    settings = await settings_of(house)
    assert settings.freshness_seconds == 43_200
    assert settings.path_rules == (PathRule("/blog/*", 604_800), PathRule("/$", 1800))
    assert (settings.ignored_parameters, settings.blocked_paths) == (("ref", "session"), ("/account/",))
    assert (settings.language, settings.identity_policy) == ("de-CH, de", "strict")
    page = html.unescape((await house.get(who, PATH)).text)
    assert "Settings saved." in page
    assert "/blog/* 7d\n/$ 30m" in page
    assert 'value="12h"' in page
    assert "disabled" not in page


@pytest.mark.parametrize(
    ("who", "read", "change"),
    [("viewer", 200, 403), ("stranger", 404, 404), ("nobody", 303, 303)],
)
async def test_others_change_nothing(house: House, who: str, read: int, change: int) -> None:
    for path in ("", "/data"):
        assert (await house.get(who, PATH + path)).status_code == read
        assert (await house.post(who, PATH + path, **FIELDS, days="1")).status_code == change
    assert await settings_of(house) == DEFAULTS


async def test_a_viewer_reads_only(house: House) -> None:
    assert "<fieldset disabled>" in (await house.get("viewer", PATH)).text
    page = (await house.get("viewer", f"{PATH}/data")).text
    assert "<fieldset disabled>" in page
    assert "Remove the domain" not in page


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("freshness", "", "is no duration"),
        ("freshness", "soon", "is no duration"),
        ("freshness", "9999999d", "stay fresh for"),
        ("path_rules", "/blog", "is no rule"),
        ("path_rules", "/blog 3", "is no duration"),
        ("path_rules", "blog 3d", "is no pattern"),
        ("blocked_paths", "account", "is no pattern"),
        ("blocked_paths", "/account/" + "*a" * 9, "up to 8 stars"),
        ("ignored_parameters", "a=b", "is no name of a query parameter"),
        ("language", "<script>", "is no language"),
        ("identity_policy", "none", "is no identity policy"),
        ("private_pages", "share", "is no way with private pages"),
        ("revalidation", "maybe", "is no way with unchanged pages"),
        ("render_within", "a while", "is no duration"),
    ],
)
async def test_what_is_wrong_changes_nothing_and_is_shown_again(
    house: House, name: str, value: str, said: str
) -> None:
    answer = await house.post("owner", PATH, **{**FIELDS, name: value})
    page = html.unescape(answer.text)
    assert answer.status_code == 400
    assert said in page
    assert "/account/" in page or name == "blocked_paths"
    assert "<script>" not in answer.text
    assert await settings_of(house) == DEFAULTS


async def test_retention_is_saved_and_given_back(house: House) -> None:
    query = select(Domain.retention_days, Domain.retention_months).where(Domain.host == "example.com")
    for fields, kept in (
        ({"days": "30", "months": "12"}, (30, 12)),
        ({"days": "", "months": " 13 "}, (None, 13)),
        ({}, (None, None)),
    ):
        assert (await house.post("manager", f"{PATH}/data", **fields)).status_code == 303
        async with house.services.database.read() as session:
            assert tuple((await session.execute(query)).one()) == kept
        assert f'value="{kept[1] or ""}"' in (await house.get("manager", f"{PATH}/data")).text


@pytest.mark.parametrize("fields", [{"days": "0"}, {"days": "x"}, {"months": "121"}, {"months": "1.5"}])
async def test_retention_that_makes_no_sense(house: House, fields: dict[str, str]) -> None:
    assert (await house.post("owner", f"{PATH}/data", **fields)).status_code == 400


async def test_a_domain_is_removed_by_its_owner_who_types_its_name(house: House) -> None:
    for who, status in (("manager", 403), ("viewer", 403), ("stranger", 404), ("nobody", 303)):
        assert (await house.post(who, f"{PATH}/remove", typed="example.com")).status_code == status
    for typed in ("", "example", "stranger.example"):
        answer = await house.post("owner", f"{PATH}/remove", typed=typed)
        assert (answer.status_code, "Nothing was removed" in answer.text) == (400, True)
    assert (await house.get("viewer", PATH)).status_code == 200
    assert (await house.post("owner", f"{PATH}/remove", typed=" Example.com ")).headers["location"] == "/"
    for who in ("owner", "manager", "viewer"):
        assert (await house.get(who, PATH)).status_code == 404
