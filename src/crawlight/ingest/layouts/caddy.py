"""Format strings of Caddy's transform encoder: https://github.com/caddyserver/transform-encoder."""

import re
from typing import Final

from crawlight.ingest.layouts.layout import Field, Layout, cut, layout_of

_ROLES: Final = {
    "ts": ("time", 0),
    "request>client_ip": ("address", 0),
    "request>remote_ip": ("address", 1),
    "request>remote_addr": ("address", 2),
    "request>method": ("method", 0),
    "request>host": ("host", 0),
    "request>uri": ("target", 0),
    "status": ("status", 0),
    "request>headers>user-agent>[0]": ("user_agent", 0),
    "request>headers>x-forwarded-for>[0]": ("forwarded", 0),
}
_COMMON: Final = (
    '{request>remote_ip} - {user_id} [{ts}] "{request>method} {request>uri} {request>proto}" {status} {size}'
)
PLACEHOLDER: Final = re.compile(r"(?<![%$])\{([a-z_][^{}:\s]*)(?::[^{}]*)?\}")
_QUOTED: Final = re.compile(
    r"\s*(?:(?:format\s+)?transform\s+)?(?:\"((?:[^\"\\]|\\.)*)\"|`([^`]*)`)\s*(?:\{.*)?", re.DOTALL
)


def layout(given: str) -> Layout:
    """The layout of a format string, with or without its directive. Raises UserError where it has no placeholders."""
    text = given.strip()
    if found := _QUOTED.fullmatch(text):
        text = found[2] if found[1] is None else re.sub(r"\\(.)", r"\1", found[1])
    text = text.replace("{common_log}", _COMMON)
    return layout_of(cut(text, PLACEHOLDER, lambda found: [_field(found)]), "{placeholders} of Caddy")


def _field(found: re.Match[str]) -> Field:
    role, rank = _ROLES.get(found[1].lower(), ("", 0))
    shape = r"[\w./]*" if found[1] == "request>proto" else ""
    return Field(found[0], role, rank, shape, kind="any" if role == "time" else "")
