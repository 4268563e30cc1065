"""Reading settings: environment variables, the files that hold secrets, and the settings file."""

import difflib
import os
import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
from pydantic import ValidationError

from crawlight.errors import UserError
from crawlight.settings.model import PREFIX, Settings, secret_names

_JSON = frozenset({"plans"})

# Kubernetes puts such variables into every container beside a service named "crawlight" or "crawlight-...".
_SERVICE_LINK = re.compile(r"CRAWLIGHT_(\w+_)?(SERVICE_(HOST|PORT\w*)|PORT_\d+_(TCP|UDP|SCTP)\w*)$")
# ..._PORT is such a variable only by its value: CRAWLIGHT_PORT is a setting, too.
_SERVICE_ADDRESS = re.compile(r"(tcp|udp|sctp)://")


def load_settings(*, data_dir: Path | None = None, **overrides: object) -> Settings:
    """Read environment and settings file. Raises UserError with one line that says what to mend."""
    _refuse_unknown_names()
    values: dict[str, Any] = {**_secret_files(), **{k: v for k, v in overrides.items() if v is not None}}
    if data_dir is not None:
        values["data_dir"] = data_dir
    values = {**_file_values(values), **_environment(), **values}
    try:
        settings = Settings(**values)
    except ValidationError as error:
        raise UserError(_one_line(error)) from None
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


def _environment() -> dict[str, Any]:
    """What variables say; an empty one is not set, and what is no plain value is JSON."""
    values: dict[str, Any] = {}
    for name in filter(_in_environment, Settings.model_fields):
        given = os.environ[PREFIX + name.upper()]
        try:
            values[name] = msgspec.json.decode(given) if name in _JSON else given
        except msgspec.DecodeError:
            raise UserError(f"setting {PREFIX}{name.upper()}: is no JSON") from None
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
