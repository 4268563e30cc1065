"""``log_format`` of nginx: https://nginx.org/en/docs/http/ngx_http_log_module.html#log_format."""

import re
from typing import Final

from crawlight.errors import UserError
from crawlight.ingest.layouts.layout import Field, Layout, cut, layout_of

# Variables by https://nginx.org/en/docs/varindex.html; those of ingress-nginx and headers that CDNs set.
_ROLES: Final = {
    "time": ("time_local", "time_iso8601", "msec", "time_mail"),
    "request": ("request",),
    "method": ("request_method",),
    "target": ("request_uri", "uri", "document_uri"),
    "query": ("args", "query_string"),
    "scheme": ("scheme",),
    "status": ("status",),
    "user_agent": ("http_user_agent",),
    "host": ("host", "http_host", "server_name", "ssl_server_name", "http_x_forwarded_host"),
    "address": (
        *("http_cf_connecting_ip", "http_true_client_ip", "http_fastly_client_ip", "the_real_ip"),
        *("http_x_real_ip", "http_x_client_ip", "remote_addr", "proxy_protocol_addr", "realip_remote_addr"),
        "ip_address",
    ),
    "forwarded": ("http_x_forwarded_for", "proxy_add_x_forwarded_for", "plain_more"),
    "size": ("body_bytes_sent", "bytes_sent"),
    "duration": ("request_time", "duration", "total_time"),
}
ROLE_OF: Final = {name: (role, rank) for role, names in _ROLES.items() for rank, name in enumerate(names)}
_KINDS: Final = {
    "time_local": "ncsa",
    "time_iso8601": "iso",
    "msec": "number",
    # What `known` calls Gin's, by RFC 1123.
    "time_mail": "mail",
    # nginx has seconds; the two others are what `known` calls those of Envoy, Traefik and Amazon S3.
    "request_time": "s",
    "duration": "ms",
    "total_time": "ms",
}
_LISTS: Final = r"-?(?:[^\s,]+(?:(?:, | : |,)[^\s,]+)*)?"
IP: Final = r"(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-fA-F]*:[0-9a-fA-F:]*:[0-9a-fA-F:.]*)"
"""An IP address, roughly."""
# What Apache and nginx write before and behind the usual fields, where another format is told by it: behind a virtual
# host stands an address, and what looks like a user agent is one.
_PLAIN: Final = {
    "plain_ident": rf"(?!{IP} )\S+",
    "plain_user": r"(?!\[).*?",
    "plain_more": r"(?!Mozilla|[A-Za-z][\w. -]*/v?\d|[^\"]*(?i:bot|crawl|spider))[^\"]*",
}
_SHAPES: Final = {
    **_PLAIN,
    "is_args": r"\??",
    "status": r"\d{3}|-",
    "rest": r"(?:[ \t].*)?",
    "ip_address": IP,
    "plain_user": r"(?!\[).*?",
}

_VARIABLE: Final = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
_STATEMENT: Final = re.compile(r"\s*log_format\s+[^\s'\"$]+\s+(?:escape=\w+\s+)?")
_NAME: Final = re.compile(r"\s*(?:[\w.-]+\s+)?(?:escape=\w+\s+)?(?=['\"])")
_PART: Final = re.compile(r"\s*(?:'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"|([^\s;'\"][^\s;]*))", re.DOTALL)
_BACKSLASH: Final = re.compile(r"\\(.)", re.DOTALL)
_CONTROLS: Final = {"t": "\t", "n": "\n", "r": "\r"}


def text_of(given: str) -> str:
    """What the format writes: the quoted parts put together, without the statement around them.

    The statement's name may be missing, and so may the quotes. Raises UserError where a quote is not closed.
    """
    found = _STATEMENT.match(given) or _NAME.match(given)
    rest = (given[found.end() :] if found else given).strip()
    if rest[:1] not in ("'", '"'):
        return rest.removesuffix(";")
    return rest if _is_format_itself(rest, named=bool(found and found[0].strip())) else "".join(_parts(rest))


def layout(given: str) -> Layout:
    """The layout of a format as it stands in nginx's configuration. Raises UserError where it names no variables."""
    text = text_of(given)
    return layout_of(cut(text, _VARIABLE, lambda found: [_field(found[1] or found[2])]), "$variables")


def _field(name: str) -> Field:
    role, rank = ROLE_OF.get(name, ("", 0))
    if not role and re.search(r"(?:real|client|visitor)_?(?:ip|addr)", name):
        role, rank = "address", 3
    spaced = name.startswith("upstream_") or name == "proxy_add_x_forwarded_for"
    shape = _SHAPES.get(name, _LISTS if spaced else "")
    return Field(f"${name}", role, rank, shape, _KINDS.get(name, ""))


def _is_format_itself(rest: str, *, named: bool) -> bool:
    """Whether double quotes are what the format writes around its values, and not nginx's own around its parts."""
    if named or rest.startswith("'"):
        return False
    try:
        parts = _parts(rest)
    except UserError:
        return True
    return len(parts) > 1 and all(_VARIABLE.fullmatch(part) for part in parts)


def _parts(text: str) -> list[str]:
    parts, place = [], 0
    while found := _PART.match(text, place):
        value = next(one for one in found.groups() if one is not None)
        parts.append(_BACKSLASH.sub(lambda escape: _CONTROLS.get(escape[1], escape[1]), value))
        place = found.end()
    if rest := text[place:].strip(" \t\r\n;"):
        raise UserError(f"a quote of the log_format is not closed, before: {rest[:40]}")
    return parts
