import json
import os
import re
import tomllib
from pathlib import Path

import pytest
from pydantic.fields import FieldInfo

from crawlight.errors import UserError
from crawlight.settings import DEFAULT_PLANS, PREFIX, PlanSettings, Settings, load_settings, secret_names

DOCUMENT = Path(__file__).parents[1] / "docs" / "settings.md"
PLAN = {"api_keys": 9, "calls_per_month": 8, "export_api": True}
SECRET = "hunter2"


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.upper().startswith(PREFIX):
            monkeypatch.delenv(name)


def refusal(folder: Path, **overrides: object) -> str:
    """Return the one line with which the settings are refused."""
    with pytest.raises(UserError) as refused:
        load_settings(data_dir=folder, **overrides)
    message = str(refused.value)
    assert message
    assert "\n" not in message
    assert SECRET not in message
    assert refused.value.__suppress_context__ or refused.value.__context__ is None
    return message


def write(folder: Path, text: str) -> None:
    (folder / "crawlight.toml").write_text(text, encoding="utf-8")


def test_nothing_needs_to_be_set(tmp_path: Path) -> None:
    settings = load_settings(data_dir=tmp_path)
    assert settings.data_dir == tmp_path
    assert settings.database_url == f"sqlite+aiosqlite:///{tmp_path}/crawlight.sqlite"
    assert settings.events_url == f"chdb://{tmp_path}/events"
    assert settings.snapshots_url == f"file://{tmp_path}/snapshots"
    assert settings.limits_url == "memory://"
    assert (settings.host, settings.port) == ("127.0.0.1", 8080)
    assert settings.plans == DEFAULT_PLANS


def test_the_plans_of_the_contract() -> None:
    rows = {
        name: (p.api_keys, p.calls_per_month, p.calls_per_minute, p.export_api, p.routing_rules)
        for name, p in DEFAULT_PLANS.items()
    }
    assert rows == {
        "starter": (1, 300, 60, False, 5),
        "pro": (2, 1500, 60, True, None),
        "growth": (3, 5000, 60, True, None),
        "agency": (5, 12000, 60, True, None),
    }


def test_the_data_directory_is_absolute_whatever_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert load_settings().data_dir == tmp_path / "crawlight-data"
    monkeypatch.setenv("CRAWLIGHT_DATA_DIR", "elsewhere")
    settings = load_settings()
    assert settings.data_dir == tmp_path / "elsewhere"
    assert str(tmp_path / "elsewhere") in settings.database_url
    assert load_settings(data_dir=Path("given")).data_dir == tmp_path / "given"


def test_command_line_then_environment_then_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, 'port = 1001\nhost = "::1"\nlog_level = "debug"')
    monkeypatch.setenv("CRAWLIGHT_PORT", "1002")
    monkeypatch.setenv("CRAWLIGHT_HOST", "0.0.0.0")
    settings = load_settings(data_dir=tmp_path, port=1003, host=None)
    assert (settings.port, settings.host, settings.log_level) == (1003, "0.0.0.0", "debug")


def test_an_empty_variable_is_not_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "port = 1001")
    for name in ("PORT", "HOST", "DATABASE_URL", "DATABASE_URL_FILE", "CONFIG_FILE", "DATA_DIR"):
        monkeypatch.setenv(PREFIX + name, "")
    settings = load_settings(data_dir=tmp_path)
    assert (settings.port, settings.host) == (1001, "127.0.0.1")
    assert settings.database_url.startswith("sqlite")


def test_another_settings_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "port = 1001")
    other = tmp_path / "other.toml"
    other.write_text("port = 1002", encoding="utf-8")
    assert load_settings(data_dir=tmp_path, config_file=other).port == 1002
    monkeypatch.setenv("CRAWLIGHT_CONFIG_FILE", str(other))
    assert load_settings(data_dir=tmp_path).port == 1002


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PORT", "http", "CRAWLIGHT_PORT: Input should be a valid integer"),
        ("PORT", "65536", "CRAWLIGHT_PORT: Input should be less than or equal to 65535"),
        ("PORT", "-1", "CRAWLIGHT_PORT: Input should be greater than or equal to 0"),
        ("LOG_LEVEL", "loud", "CRAWLIGHT_LOG_LEVEL: Input should be 'debug', 'info'"),
        ("LOG_FORMAT", "xml", "CRAWLIGHT_LOG_FORMAT"),
        ("RETENTION_MONTHS", "12", "CRAWLIGHT_RETENTION_MONTHS: Input should be greater than or equal to 13"),
        ("PUBLIC_URL", "crawlight.example.com", "must start with one of http://, https://"),
        ("DATABASE_URL", f"mysql://me:{SECRET}@db/x", "one of sqlite+aiosqlite://, postgresql+asyncpg://"),
        ("DATABASE_URL", "sqlite+aiosqlite", "CRAWLIGHT_DATABASE_URL"),
        ("EVENTS_URL", f"postgresql://me:{SECRET}@db/x", "CRAWLIGHT_EVENTS_URL"),
        ("SNAPSHOTS_URL", f"ftp://me:{SECRET}@files/x", "CRAWLIGHT_SNAPSHOTS_URL"),
        ("LIMITS_URL", f"{SECRET}", "CRAWLIGHT_LIMITS_URL"),
        ("PLANS", f"{{{SECRET}", "CRAWLIGHT_PLANS: is no JSON"),
        ("PLANS", "[]", "CRAWLIGHT_PLANS: Input should be a valid dictionary"),
        ("PLANS", '{"pro": {}}', "CRAWLIGHT_PLANS (pro.api_keys): Field required"),
        ("PLANS", json.dumps({"pro": {**PLAN, "api_keys": -1}}), "(pro.api_keys)"),
        ("PLANS", json.dumps({"pro": {**PLAN, "calls_per_minute": 0}}), "(pro.calls_per_minute)"),
        ("PLANS", json.dumps({"pro": {**PLAN, "seats": 1}}), "(pro.seats)"),
    ],
)
def test_a_malformed_value_is_one_clear_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(PREFIX + name, value)
    assert said in refusal(tmp_path)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("CRAWLIGHT_DATABSE_URL", "did you mean CRAWLIGHT_DATABASE_URL?"),
        ("CRAWLIGHT_DATABASE_URL_FIEL", "did you mean CRAWLIGHT_DATABASE_URL_FILE?"),
        ("CRAWLIGHT_PORT_FILE", "unknown setting CRAWLIGHT_PORT_FILE"),
        ("CRAWLIGHT_XYZZY", "docs/settings.md"),
        ("crawlight_port", "did you mean CRAWLIGHT_PORT?"),
    ],
)
def test_an_unknown_name_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, said: str
) -> None:
    monkeypatch.setenv(name, SECRET)
    assert said in refusal(tmp_path)


def test_an_unknown_override_is_refused(tmp_path: Path) -> None:
    assert "CRAWLIGHT_BOGUS" in refusal(tmp_path, bogus=1)


def test_what_kubernetes_sets_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    address = "tcp://10.0.0.7:80"
    for service in ("", "DATABASE_"):
        monkeypatch.setenv(f"CRAWLIGHT_{service}SERVICE_HOST", "10.0.0.7")
        monkeypatch.setenv(f"CRAWLIGHT_{service}SERVICE_PORT", "80")
        monkeypatch.setenv(f"CRAWLIGHT_{service}SERVICE_PORT_HTTP", "80")
        monkeypatch.setenv(f"CRAWLIGHT_{service}PORT", address)
        monkeypatch.setenv(f"CRAWLIGHT_{service}PORT_80_TCP", address)
        monkeypatch.setenv(f"CRAWLIGHT_{service}PORT_80_TCP_ADDR", "10.0.0.7")
    assert load_settings(data_dir=tmp_path).port == 8080
    write(tmp_path, "port = 1001")
    assert load_settings(data_dir=tmp_path).port == 1001
    assert load_settings(data_dir=tmp_path, port=1002).port == 1002


def test_a_secret_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = tmp_path / "secret"
    secret.write_text(f"  redis://:{SECRET}@limits:6379/0\n", encoding="utf-8")
    monkeypatch.setenv("CRAWLIGHT_LIMITS_URL_FILE", str(secret))
    settings = load_settings(data_dir=tmp_path)
    assert settings.limits_url == f"redis://:{SECRET}@limits:6379/0"
    assert SECRET not in repr(settings)
    assert SECRET not in str(settings)


def test_secrets_are_settings_that_are_not_shown() -> None:
    hidden = {name for name, field in Settings.model_fields.items() if not field.repr}
    assert hidden == secret_names()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot read"),
        (b"\xff\xfe", "is no UTF-8 text"),
        (SECRET.encode(), "CRAWLIGHT_LIMITS_URL: must start with one of memory://"),
    ],
)
def test_a_secret_file_that_is_no_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None, said: str
) -> None:
    secret = tmp_path / "secret"
    if content is not None:
        secret.write_bytes(content)
    monkeypatch.setenv("CRAWLIGHT_LIMITS_URL_FILE", str(secret))
    assert said in refusal(tmp_path)


def test_a_secret_and_its_file_together_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRAWLIGHT_LIMITS_URL", f"redis://:{SECRET}@limits")
    monkeypatch.setenv("CRAWLIGHT_LIMITS_URL_FILE", "/any")
    assert "keep one" in refusal(tmp_path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("prot = 1", "unknown setting prot; did you mean port?"),
        ("xyzzy = 1", "unknown setting xyzzy"),
        ("PORT = 1", "unknown setting PORT"),
        ('config_file = "x"', "unknown setting config_file"),
        ("port = ", "settings file"),
        ('port = "http"', "CRAWLIGHT_PORT"),
        (f'database_url = "mysql://{SECRET}"', "CRAWLIGHT_DATABASE_URL"),
        ("plans = 3", "CRAWLIGHT_PLANS"),
        ("[plans.pro]\napi_keys = 1", "CRAWLIGHT_PLANS (pro.calls_per_month)"),
    ],
)
def test_a_settings_file_that_is_no_use(tmp_path: Path, text: str, said: str) -> None:
    write(tmp_path, text)
    assert said in refusal(tmp_path)


def test_a_settings_file_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "crawlight.toml").write_bytes(b"\xff")
    assert "is no UTF-8 text" in refusal(tmp_path)
    monkeypatch.setenv("CRAWLIGHT_CONFIG_FILE", str(tmp_path))
    assert "Is a directory" in refusal(tmp_path)
    monkeypatch.setenv("CRAWLIGHT_CONFIG_FILE", str(tmp_path / "none.toml"))
    assert "No such file" in refusal(tmp_path)


def test_plans_from_file_and_environment_replace_the_defaults(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, "[plans.free]\napi_keys = 1\ncalls_per_month = 2\nexport_api = false")
    plans = load_settings(data_dir=tmp_path).plans
    assert plans == {"free": PlanSettings(api_keys=1, calls_per_month=2, export_api=False)}
    assert (plans["free"].calls_per_minute, plans["free"].routing_rules) == (60, None)
    monkeypatch.setenv("CRAWLIGHT_PLANS", json.dumps({"own": PLAN}))
    assert load_settings(data_dir=tmp_path).plans == {"own": PlanSettings.model_validate(PLAN)}


def documented_default(field: FieldInfo) -> str:
    if field.default is DEFAULT_PLANS:
        return "the four below"
    return f"`{field.default}`" if field.default not in ("", None) else ""


def test_the_document_has_every_setting_as_it_is() -> None:
    row = re.compile(r"^\| `(CRAWLIGHT_\w+)` \| ?(.*?) \| (.*?) \| (.+?) \|$", re.MULTILINE)
    written = {name: (default, meaning) for name, default, meaning, _ in row.findall(DOCUMENT.read_text())}
    assert written == {
        PREFIX + name.upper(): (documented_default(field), field.description)
        for name, field in Settings.model_fields.items()
    }


def test_the_document_has_every_secret_file() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert all(f"`{PREFIX}{name.upper()}_FILE`" in text for name in secret_names())


def test_the_document_has_the_plans_as_they_are() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    plans = tomllib.loads(text.split("```toml")[1].split("```")[0])["plans"]
    assert {name: PlanSettings.model_validate(plan) for name, plan in plans.items()} == DEFAULT_PLANS
    assert all(f"| `{member}` |" in text for member in PlanSettings.model_fields)


def test_the_examples_of_the_document_are_accepted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    row = re.compile(r"^\| `(CRAWLIGHT_\w+)` \|.*\| `([^`]+)` \|$", re.MULTILINE)
    examples = dict(row.findall(DOCUMENT.read_text(encoding="utf-8")))
    examples["CRAWLIGHT_PLANS"] = re.findall(r"`CRAWLIGHT_PLANS=(.*)`", DOCUMENT.read_text())[0]
    file = tmp_path / "other.toml"
    file.touch()
    for name, value in {**examples, "CRAWLIGHT_CONFIG_FILE": str(file)}.items():
        monkeypatch.setenv(name, value)
    settings = load_settings()
    assert set(examples) == {PREFIX + name.upper() for name in Settings.model_fields}
    assert settings.port == int(examples["CRAWLIGHT_PORT"])
