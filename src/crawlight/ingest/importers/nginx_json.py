"""JSON lines of nginx: a ``log_format`` with ``escape=json``, whose keys everybody names in another way.

https://nginx.org/en/docs/http/ngx_http_log_module.html#log_format. What stands under which key is found by the usual
names, nginx's own first, or said with ``--key``. Any server's flat JSON lines are read alike.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from crawlight.errors import UserError
from crawlight.ingest.importers.format import CHUNK, NOT_PEOPLE, Format, chain, json_object, moment

USUAL_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "time": (
        "time_iso8601",
        "time_local",
        "msec",
        "@timestamp",
        "timestamp",
        "time",
        "ts",
        "datetime",
        "date",
    ),
    "address": ("remote_addr", "realip", "client_ip", "clientip", "remote_ip", "client", "remote", "ip"),
    "forwarded_for": ("http_x_forwarded_for", "x_forwarded_for", "x-forwarded-for", "X-Forwarded-For", "xff"),
    "cf_connecting_ip": ("http_cf_connecting_ip", "cf_connecting_ip", "cf-connecting-ip", "CF-Connecting-IP"),
    "true_client_ip": ("http_true_client_ip", "true_client_ip", "true-client-ip", "True-Client-IP"),
    "host": ("host", "http_host", "vhost", "virtual_host", "server_name", "domain"),
    "method": ("request_method", "method", "verb", "http_method"),
    "target": ("request_uri", "uri", "url", "path"),
    "query": ("args", "query_string", "query"),
    "request": ("request",),
    "status": ("status", "status_code", "response_code", "response", "code"),
    "user_agent": ("http_user_agent", "user_agent", "useragent", "userAgent", "agent", "ua"),
}
"""What is read from a line, and the names of keys under which it is looked for."""

_KEY = re.compile(r"[\w@.: -]{1,100}")

# nginx leaves bytes that are no UTF-8 as they are, and no JSON may hold them: they go percent-encoded, which is
# what they are in a canonical path. The engine does it for the lines that need it, and for no other.
_OCTET = "substring(line, number, 1)"
_VALID = f"""if(isValidUTF8(line), line, arrayStringConcat(arrayMap(
    number -> if({_OCTET} < '\\x80', {_OCTET}, concat('%', hex({_OCTET}))), range(1, length(line) + 1))))"""

_PARSE = """
SELECT
    {moment} AS ts,
    {method} AS method,
    {target} AS target,
    ifNull({status}, 0) AS status,
    user_agent,
    host,
    {addresses} AS address,
    multiIf({time} IS NULL, 'no JSON with the time', ts IS NULL, 'no time that can be read',
        {status} IS NULL, 'no status code', '') AS reason,
    if(reason = '', '', line) AS rejected_line
FROM (
    SELECT line, JSONExtract({valid}, 'Tuple({keys})') AS entry,
        toLowCardinality(ifNull({host}, '')) AS host,
        toLowCardinality(if({user_agent} = '-', '', {user_agent})) AS user_agent,
        splitByChar(' ', ifNull({request}, '')) AS words
    FROM {chunk}
)
WHERE {not_people}
"""

# The words of a request line: method, target, which may hold spaces itself, protocol.
_OF_REQUEST = {
    "method": "words[1]",
    "target": "arrayStringConcat(arraySlice(words, 2, length(words) - 1 - startsWith(words[-1], 'HTTP/')), ' ')",
}


def _fitted(lines: Sequence[bytes], given: Mapping[str, str]) -> Format:
    keys = _keys(lines, given)
    sql = {role: f"entry.`{keys[role]}`" if role in keys else "NULL::Nullable(String)" for role in USUAL_KEYS}
    parts = {role: f"ifNull({sql[role]}, '')" if role in keys else _OF_REQUEST[role] for role in _OF_REQUEST}
    if "query" in keys:
        query = f"ifNull({sql['query']}, '')"
        parts["target"] = f"concat({parts['target']}, if({query} IN ('', '-'), '', concat('?', {query})))"
    told = ("true_client_ip", "cf_connecting_ip", "forwarded_for", "address")
    parts["addresses"] = chain(*(f"ifNull({sql[role]}, '')" for role in told))
    types = (f"`{key}` Nullable({'UInt16' if role == 'status' else 'String'})" for role, key in keys.items())
    words = {"valid": _VALID, "keys": ", ".join(types), "chunk": CHUNK, "not_people": NOT_PEOPLE}
    return msgspec.structs.replace(
        NGINX_JSON,
        recognises=lambda line: _has(line, keys),
        parse=_PARSE.format(**{**sql, **parts, **words}, moment=moment(sql["time"])),
        hosts="host" in keys,
        note=", ".join(f"{role}={key}" for role, key in keys.items()),
    )


def _keys(lines: Sequence[bytes], given: Mapping[str, str]) -> dict[str, str]:
    """The key of each role. Raises UserError where one is missing that is needed."""
    entries = [entry for entry in map(json_object, lines) if entry]
    present = {
        key: value
        for entry in entries
        for key, value in entry.items()
        if isinstance(value, str | int | float)
    }
    keys = _found(present, given)
    if "method" in keys and "target" in keys:
        keys.pop("request", None)
    elif "request" in keys:
        keys = {role: key for role, key in keys.items() if role not in ("method", "target", "query")}
    if "?" in str(present.get(keys.get("target", ""), "")):
        # A target that has its query already, as $request_uri does.
        keys.pop("query", None)
    needed = {"time", "status", "user_agent"} | ({"request"} if "request" in keys else {"method", "target"})
    if missing := sorted(needed - keys.keys()):
        raise UserError(
            f"no key is known for {', '.join(missing)}; say which with --key {missing[0]}=NAME"
            f" (keys there: {', '.join(sorted(present)) or 'none'})"
        )
    return keys


def _found(present: Mapping[str, object], given: Mapping[str, str]) -> dict[str, str]:
    """The key of each role that is there: the one that was named, else the first of the usual ones."""
    if odd := [name for name in given.values() if name and not _KEY.fullmatch(name)]:
        raise UserError(f"{odd[0]!r} is no name of a key")
    keys = {}
    for role, usual in USUAL_KEYS.items():
        names = (given[role],) if role in given else usual
        if name := next((name for name in names if name in present), None):
            keys[role] = name
        elif given.get(role):
            raise UserError(f"no line has the key {given[role]} that --key {role}= names")
    return keys


def _has(line: bytes, keys: Mapping[str, str]) -> bool:
    entry = json_object(line) or {}
    return all(key in entry for role, key in keys.items() if role in ("time", "status", "request", "target"))


NGINX_JSON = Format("nginx-json", "nginx JSON", lambda _line: False, "", hosts=True, fitted=_fitted)
