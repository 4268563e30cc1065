"""Every setting: its name, type, default and what it is for."""

import ipaddress
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

PREFIX = "CRAWLIGHT_"
_THIS_MACHINE = frozenset({"127.0.0.1", "::1", "localhost"})


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


def _addresses(given: str) -> str:
    for part in filter(None, map(str.strip, given.split(","))):
        try:
            ipaddress.ip_address(part)
        except ValueError:
            raise ValueError(f"{part} is no address, such as 203.0.113.7") from None
    return given


def _host_and_port(given: str) -> str:
    host, _, port = given.rpartition(":")
    if given and not (host and port.isdecimal() and 0 <= int(port) <= 65535):
        raise ValueError("must be HOST:PORT, such as 127.0.0.1:9090")
    return given


def _listening(given: str) -> str:
    host, _, port = given.rpartition(":")
    if not port.isdecimal() or int(port) > 65535 or (":" in given and not host):
        raise ValueError("must be a port or HOST:PORT, such as 443 or 127.0.0.1:8443; 0 is off")
    return given


def _admin(given: str) -> str:
    if given and not given.startswith(("http://", "unix:/")):
        raise ValueError("must be http://HOST:PORT or unix:/PATH")
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


class Settings(BaseModel):
    """Every setting of Crawlight. Each has a default that needs nothing installed or configured."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)

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
    metrics_address: Annotated[str, AfterValidator(_host_and_port)] = Field(
        default="",
        description="`HOST:PORT` of its own for `/metrics`; default the server's where only this machine reaches it "
        "and `CRAWLIGHT_PUBLIC_URL` is not set, else nowhere.",
    )
    connections: int = Field(
        default=10_000, ge=64, description="Connections that each serving process holds at a time."
    )
    connections_per_address: int = Field(
        default=1_000,
        ge=1,
        description="Those of one address, or of one network of /64; this machine and trusted proxies have no limit.",
    )
    public_url: Annotated[str, _scheme("http", "https")] = Field(
        default="",
        description="Address under which people reach this server, with the path where it is below one; "
        "default `http://HOST:PORT`.",
    )
    trusted_proxies: Annotated[str, AfterValidator(_networks)] = Field(
        default="",
        description="Addresses or networks, with commas between, whose `X-Forwarded-For`, `-Proto` and `-Host` "
        "are believed, here and in what is told of crawls.",
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
    indexnow_url: Annotated[str, _scheme("http", "https")] = Field(
        default="https://api.indexnow.org/indexnow",
        description="Where IndexNow changes are reported; to turn this off, set it empty in the settings file.",
    )
    browser_url: Annotated[str, _scheme("ws", "wss", "http", "https")] = Field(
        default="",
        repr=False,
        description="Render with the browser at this DevTools address instead of one started here.",
    )
    browser_path: str = Field(default="", description="Browser to start; default the best that is installed.")
    render_concurrency: int = Field(
        default=0,
        ge=0,
        le=64,
        description="Pages rendered at a time; 0 is twice the number of cores, or as many as memory allows.",
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
        description="Calls for pages that an account may make in a minute, in each process.",
    )
    renders_per_origin: int = Field(
        default=4,
        ge=1,
        le=64,
        description="Pages of one site rendered at a time, by all servers on one database together.",
    )
    snapshot_memory: int = Field(
        default=128, ge=1, description="MiB of snapshots that each serving process holds in memory."
    )
    snapshot_history: int = Field(
        default=5, ge=1, le=100, description="Snapshots of each page that are kept, the newest included."
    )
    snapshot_fetched_days: int = Field(
        default=400,
        ge=1,
        le=3660,
        description="Days that older snapshots are kept where they are what some crawler got last.",
    )
    edge_workers: int = Field(
        default=0,
        ge=0,
        le=256,
        description="Further processes that answer `/v1/render`, `/v1/event/crawl` and `/v1/event/referral`.",
    )
    edge_port: int = Field(default=8081, ge=0, le=65535, description="Port that they listen on.")
    front: bool = Field(
        default=False,
        description="Serve the domains that are on the front, with Caddy; also `serve --front`.",
    )
    front_http: Annotated[str, AfterValidator(_listening)] = Field(
        default="80", description="Port, or `HOST:PORT`, of the front for `http://`; `0` is off."
    )
    front_https: Annotated[str, AfterValidator(_listening)] = Field(
        default="443", description="The same for `https://`; `0` is off."
    )
    front_tls: Literal["acme", "internal", "off"] = Field(
        default="acme",
        description="Where the front's certificates come from: `acme` is Let's Encrypt, `internal` an authority of "
        "Caddy's own for tests; `off` speaks no TLS.",
    )
    front_addresses: Annotated[str, AfterValidator(_addresses)] = Field(
        default="",
        description="Addresses that DNS of domains on the front is to name, with commas between; default: the public "
        "ones of this machine.",
    )
    front_admin: Annotated[str, AfterValidator(_admin)] = Field(
        default="",
        description="Admin interface of a Caddy that somebody else runs, `http://HOST:PORT` or `unix:/PATH`; "
        "default: a Caddy started here.",
    )
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
    def shows_metrics(self) -> bool:
        """Whether ``/metrics`` is answered where everything else is."""
        if self.metrics_address:
            return self.metrics_address == f"{self.host}:{self.port}"
        return self.host in _THIS_MACHINE and not self.public_url

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
