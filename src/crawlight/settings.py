"""The only reader of environment variables and of the settings file."""

import difflib
import ipaddress
import os
import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from crawlight.errors import UserError

PREFIX = "CRAWLIGHT_"
# Kubernetes puts such variables into every container beside a service named "crawlight" or "crawlight-...".
_SERVICE_LINK = re.compile(r"CRAWLIGHT_(\w+_)?(SERVICE_(HOST|PORT\w*)|PORT_\d+_(TCP|UDP|SCTP)\w*)$")
# ..._PORT is such a variable only by its value: CRAWLIGHT_PORT is a setting, too.
_SERVICE_ADDRESS = re.compile(r"(tcp|udp|sctp)://")


def _scheme(*allowed: str) -> AfterValidator:
    def check(url: str) -> str:
        scheme, separator, _ = url.partition("://")
        if url and not (separator and scheme in allowed):
            raise ValueError(f"must start with one of {', '.join(f'{a}://' for a in allowed)}")
        return url

    return AfterValidator(check)


def _networks(given: str) -> str:
    for part in filter(None, map(str.strip, given.split(","))):
        try:
            ipaddress.ip_network(part)
        except ValueError:
            raise ValueError(f"{part} is no address or network, such as 10.0.0.0/8") from None
    return given


class PlanSettings(BaseModel):
    """One plan. ``None`` for ``routing_rules`` means no limit."""

    model_config = ConfigDict(extra="forbid")

    api_keys: int = Field(ge=0)
    calls_per_month: int = Field(ge=0)
    calls_per_minute: int = Field(default=60, ge=1)
    export_api: bool
    routing_rules: int | None = Field(default=None, ge=0)


DEFAULT_PLANS = {
    "starter": PlanSettings(api_keys=1, calls_per_month=300, export_api=False, routing_rules=5),
    "pro": PlanSettings(api_keys=2, calls_per_month=1_500, export_api=True),
    "growth": PlanSettings(api_keys=3, calls_per_month=5_000, export_api=True),
    "agency": PlanSettings(api_keys=5, calls_per_month=12_000, export_api=True),
}


class Settings(BaseSettings):
    """Every setting of Crawlight. Each has a default that needs nothing installed or configured."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, extra="forbid", frozen=True)

    data_dir: Path = Field(default=Path("crawlight-data"), description="Folder of everything that is kept.")
    config_file: Path | None = Field(
        default=None,
        description="TOML file of settings in lower case; default `crawlight.toml` in the data directory.",
    )
    database_url: Annotated[str, _scheme("sqlite+aiosqlite", "postgresql+asyncpg")] = Field(
        default="",
        repr=False,
        description="Accounts, domains, pages: SQLite in the data directory, or PostgreSQL.",
    )
    events_url: Annotated[str, _scheme("chdb", "clickhouse", "clickhouses", "http", "https")] = Field(
        default="",
        repr=False,
        description="Crawls and their rollups: chDB in the data directory, or a ClickHouse server.",
    )
    snapshots_url: Annotated[str, _scheme("file", "s3", "gs", "az")] = Field(
        default="", repr=False, description="Snapshots: a folder in the data directory, or S3, GCS, Azure."
    )
    limits_url: Annotated[str, _scheme("memory", "redis", "rediss")] = Field(
        default="memory://",
        repr=False,
        description="Per-minute limits: memory of the process, or Redis or Valkey.",
    )
    host: str = Field(default="127.0.0.1", description="Address that `crawlight serve` listens on.")
    port: int = Field(
        default=8080, ge=0, le=65535, description="Port that `crawlight serve` listens on; 0 picks one."
    )
    public_url: Annotated[str, _scheme("http", "https")] = Field(
        default="",
        description="Address under which people reach this server, with the path where it is below one; "
        "default `http://HOST:PORT`.",
    )
    trusted_proxies: Annotated[str, AfterValidator(_networks)] = Field(
        default="",
        description="Addresses or networks, with commas between, whose `X-Forwarded-For`, `-Proto` and `-Host` "
        "are believed.",
    )
    first_email: str = Field(
        default="", description="Account to make at the first start, as long as there is none."
    )
    first_password: str = Field(
        default="", repr=False, description="Its password, at least 12 characters; best from a file."
    )
    sign_up: Literal["invitation", "open"] = Field(
        default="invitation",
        description="Who may make an account: those with an invitation, or everybody with a mailbox.",
    )
    smtp_url: Annotated[str, _scheme("smtp", "smtps")] = Field(
        default="",
        repr=False,
        description="Server for invitations and password links; without one, links are shown instead of sent. "
        "`smtps://` is TLS from the start; `smtp://` turns to TLS where the server can.",
    )
    mail_from: str = Field(default="", description="Sender of mails; `CRAWLIGHT_SMTP_URL` needs it.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="Least severe log line."
    )
    log_format: Literal["auto", "json", "text"] = Field(
        default="auto", description="`json` for machines, `text` for people; `auto` is text on a terminal."
    )
    bots_refresh: bool = Field(
        default=True, description="Fetch newer address lists of crawlers from their operators, once a day."
    )
    browser_url: Annotated[str, _scheme("ws", "wss", "http", "https")] = Field(
        default="",
        repr=False,
        description="Render with the browser at this DevTools address instead of one started here.",
    )
    browser_path: str = Field(default="", description="Browser to start; default the best that is installed.")
    render_concurrency: int = Field(
        default=0, ge=0, le=64, description="Pages rendered at a time; 0 is twice the number of cores."
    )
    render_timeout: float = Field(
        default=20, ge=1, le=120, description="Seconds after which a page that is not done is given up."
    )
    render_wait: float = Field(
        default=12, ge=0, le=60, description="Seconds that a crawler waits for a page without a snapshot."
    )
    render_calls_per_minute: int = Field(
        default=6000,
        ge=1,
        description="Calls of `/v1/render` that an account may make in a minute, in each process.",
    )
    renders_per_origin: int = Field(
        default=4, ge=1, le=64, description="Pages of one site rendered at a time."
    )
    snapshot_memory: int = Field(
        default=128, ge=1, description="MiB of snapshots that each serving process holds in memory."
    )
    snapshot_history: int = Field(
        default=5, ge=1, le=100, description="Snapshots of each page that are kept, the newest included."
    )
    edge_workers: int = Field(
        default=0, ge=0, le=256, description="Further processes that answer `/v1/render` and `/v1/event/*`."
    )
    edge_port: int = Field(default=8081, ge=0, le=65535, description="Port that they listen on.")
    crawl_events_per_minute: int = Field(
        default=6000, ge=1, description="Calls of `/v1/event/crawl` that an account may make in a minute."
    )
    referral_events_per_minute: int = Field(
        default=6000, ge=1, description="Calls of `/v1/event/referral` that an account may make in a minute."
    )
    retention_days: int = Field(
        default=90, ge=1, le=3660, description="Days that single crawls are kept, where a domain sets none."
    )
    retention_months: int = Field(
        default=25,
        ge=13,
        le=120,
        description="Months that daily rollups are kept, and how far back logs are imported.",
    )
    plans: dict[str, PlanSettings] = Field(
        default=DEFAULT_PLANS,
        description="Plans by name; replaces the four defaults. JSON in the environment.",
    )

    @property
    def people_url(self) -> str:
        """Where people reach the server, without a slash at the end."""
        return self.public_url.rstrip("/") or f"http://{self.host}:{self.port}"


def secret_names() -> frozenset[str]:
    """Settings that may hold a password: each can also be read from the file that ``<NAME>_FILE`` names."""
    return frozenset(
        {
            "browser_url",
            "database_url",
            "events_url",
            "first_password",
            "limits_url",
            "smtp_url",
            "snapshots_url",
        }
    )


def load_settings(*, data_dir: Path | None = None, **overrides: object) -> Settings:
    """Read environment and settings file. Raises UserError with one line that says what to mend."""
    _refuse_unknown_names()
    values: dict[str, Any] = {**_secret_files(), **{k: v for k, v in overrides.items() if v is not None}}
    if data_dir is not None:
        values["data_dir"] = data_dir
    values = {**_file_values(values), **values}
    if _is_service_link(PREFIX + "PORT"):
        values.setdefault("port", Settings.model_fields["port"].default)
    try:
        settings = Settings(**values)
    except ValidationError as error:
        raise UserError(_one_line(error)) from None
    except SettingsError as error:
        field = str(error).split('"')[1]
        raise UserError(f"setting {PREFIX}{field.upper()}: is no JSON") from None
    _check_together(settings)
    return _with_embedded_urls(settings)


def _check_together(settings: Settings) -> None:
    if bool(settings.smtp_url) != bool(settings.mail_from):
        raise UserError(f"{PREFIX}SMTP_URL and {PREFIX}MAIL_FROM belong together; set both, or neither")
    if settings.smtp_url and not settings.public_url:
        raise UserError(f"setting {PREFIX}SMTP_URL: needs {PREFIX}PUBLIC_URL, for the links in mails")
    if settings.sign_up == "open" and not settings.smtp_url:
        raise UserError(f"setting {PREFIX}SIGN_UP: open sign-up needs {PREFIX}SMTP_URL, to check addresses")
    if bool(settings.first_email) != bool(settings.first_password):
        raise UserError(
            f"{PREFIX}FIRST_EMAIL and {PREFIX}FIRST_PASSWORD belong together; set both, or neither"
        )


def _known_names() -> set[str]:
    names = {PREFIX + name.upper() for name in Settings.model_fields}
    return names | {PREFIX + name.upper() + "_FILE" for name in secret_names()}


def _refuse_unknown_names() -> None:
    known = _known_names()
    for name in sorted(os.environ):
        if name.upper().startswith(PREFIX) and name not in known and not _is_service_link(name):
            hint = _did_you_mean(name.upper(), known, PREFIX) or "; docs/settings.md lists the known ones"
            raise UserError(f"unknown setting {name}{hint}")


def _did_you_mean(name: str, known: Iterable[str], prefix: str = "") -> str:
    endings = [other.removeprefix(prefix) for other in known]
    close = difflib.get_close_matches(name.removeprefix(prefix), endings, n=1)
    return f"; did you mean {prefix}{close[0]}?" if close else ""


def _is_service_link(name: str) -> bool:
    if name.endswith("_PORT") and _SERVICE_ADDRESS.match(os.environ.get(name, "")):
        return True
    return bool(_SERVICE_LINK.match(name))


def _secret_files() -> dict[str, str]:
    values = {}
    for name in secret_names():
        variable = f"{PREFIX}{name.upper()}_FILE"
        path = os.environ.get(variable)
        if not path:
            continue
        if os.environ.get(f"{PREFIX}{name.upper()}"):
            raise UserError(f"{variable} and {PREFIX}{name.upper()} are both set; keep one")
        try:
            values[name] = Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise UserError(f"{variable}: cannot read {path}: {error.strerror}") from None
        except UnicodeDecodeError:
            raise UserError(f"{variable}: {path} is no UTF-8 text") from None
    return values


def _file_values(given: dict[str, Any]) -> dict[str, Any]:
    """Values of the settings file that neither the environment nor the command line sets."""
    data_dir = Path(
        given.get("data_dir")
        or os.environ.get(PREFIX + "DATA_DIR")
        or Settings.model_fields["data_dir"].default
    )
    chosen = given.get("config_file") or os.environ.get(PREFIX + "CONFIG_FILE")
    path = Path(chosen) if chosen else data_dir / "crawlight.toml"
    if not chosen and not path.exists():
        return {}
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"settings file {path}: {error.strerror}") from None
    except tomllib.TOMLDecodeError as error:
        raise UserError(f"settings file {path}: {error}") from None
    except UnicodeDecodeError:
        raise UserError(f"settings file {path}: is no UTF-8 text") from None
    known = Settings.model_fields.keys() - {"config_file"}
    for name in values:
        if name not in known:
            raise UserError(f"settings file {path}: unknown setting {name}{_did_you_mean(name, known)}")
    return {name: value for name, value in values.items() if not _in_environment(name)}


def _in_environment(name: str) -> bool:
    variable = PREFIX + name.upper()
    return bool(os.environ.get(variable)) and not _is_service_link(variable)


def _one_line(error: ValidationError) -> str:
    first = error.errors()[0]
    name = PREFIX + str(first["loc"][0]).upper()
    inside = ".".join(str(part) for part in first["loc"][1:])
    message = first["msg"].removeprefix("Value error, ")
    return f"setting {name}{f' ({inside})' if inside else ''}: {message}"


def _with_embedded_urls(settings: Settings) -> Settings:
    folder = settings.data_dir.absolute()
    changes: dict[str, object] = {"data_dir": folder}
    if not settings.database_url:
        changes["database_url"] = f"sqlite+aiosqlite:///{folder / 'crawlight.sqlite'}"
    if not settings.snapshots_url:
        changes["snapshots_url"] = f"file://{folder / 'snapshots'}"
    if not settings.events_url:
        changes["events_url"] = f"chdb://{folder / 'events'}"
    return settings.model_copy(update=changes)
