"""Structured logs: JSON for machines, text for people. Keys, passwords and addresses never reach them."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, Literal

_SECRET = re.compile(r"(hado_sk_[0-9a-f]{8})[0-9a-f]+|(?<=://)([^\s/@:]+):[^\s/@]+@")

Line = MutableMapping[str, Any]
Level = Literal["debug", "info", "warning", "error"]
Format = Literal["auto", "json", "text"]


def first_line(error: BaseException) -> str:
    """What an error says, in one line; its kind where it says nothing."""
    return str(error).strip().partition("\n")[0] or type(error).__name__


def logger(name: str) -> Any:
    """The log of a module. Loads when a line is to be written: most commands write none."""
    import structlog

    return structlog.get_logger(name)


def configure_logs(level: Level = "info", log_format: Format = "auto") -> None:
    """Send every log line of the process to standard error. ``auto`` is text on a terminal, else JSON."""
    import structlog

    text = log_format == "text" or (log_format == "auto" and sys.stderr.isatty())
    # A plain traceback: the pretty ones show the values of variables, and some of those are secret.
    console = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    renderer = console if text else structlog.processors.JSONRenderer()
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _without_secrets,
    ]
    structlog.configure(
        # First what the level drops is dropped: there is a line for every request.
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    handler = logging.StreamHandler()
    formatter = structlog.stdlib.ProcessorFormatter(
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            _without_secrets,
            renderer,
        ],
        foreign_pre_chain=shared,
    )
    handler.setFormatter(formatter)
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    # They tell of their own inner life.
    for chatty in ("alembic", "clickhouse_connect"):
        logging.getLogger(chatty).setLevel(logging.ERROR)


def _without_secrets(
    _logger: object, _method: str, line: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    for name, value in line.items():
        if isinstance(value, str):
            line[name] = _SECRET.sub(lambda m: f"{m[1]}…" if m[1] else f"{m[2]}:…@", value)
    return line
