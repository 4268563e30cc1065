"""Caddy's access log: JSON lines (https://caddyserver.com/docs/caddyfile/directives/log).

Caddy writes its own messages and the errors of handlers, whose requests are logged a second time, into the same
stream: a request is what says "handled request". The time may be any of the encoder's ``time_format``s but the
ones of a local clock. Before 2.5 the address was ``remote_addr``, with a port; ``client_ip`` looks behind proxies.
"""

from crawlight.ingest.importers.format import (
    CHUNK,
    NO_REQUEST,
    NOT_PEOPLE,
    Format,
    chain,
    json_object,
    moment,
)

_ENTRY = """Tuple(
    ts Nullable(String), msg Nullable(String), status Nullable(UInt16),
    request Tuple(
        client_ip String, remote_ip String, remote_addr String, method Nullable(String), host String, uri String,
        headers Tuple(`User-Agent` Array(String), `True-Client-Ip` Array(String), `Cf-Connecting-Ip` Array(String),
            `X-Forwarded-For` Array(String))))"""

_CLIENT = r"""multiIf(entry.request.client_ip != '', entry.request.client_ip,
        entry.request.remote_ip != '', entry.request.remote_ip, entry.request.remote_addr)"""
_HEADERS = ("True-Client-Ip", "Cf-Connecting-Ip", "X-Forwarded-For")
_ADDRESS = chain(*(f"arrayStringConcat(entry.request.headers.`{name}`, ',')" for name in _HEADERS), _CLIENT)

# No headers at all: the operator left them out of the log, and nobody can be recognised.
_PARSE = f"""
SELECT
    {moment("entry.ts")} AS ts,
    ifNull(entry.request.method, '') AS method,
    entry.request.uri AS target,
    ifNull(entry.status, 0) AS status,
    user_agent,
    host,
    {_ADDRESS} AS address,
    multiIf(entry.msg != 'handled request', '{NO_REQUEST}', entry.request.method IS NULL, 'no JSON of a request',
        ts IS NULL, 'no time', entry.status IS NULL, 'no status code', '') AS reason,
    if(reason = '', '', line) AS rejected_line
FROM (
    SELECT line, JSONExtract(line, '{_ENTRY}') AS entry,
        toLowCardinality(entry.request.host) AS host,
        toLowCardinality(multiIf(notEmpty(entry.request.headers.`User-Agent`), entry.request.headers.`User-Agent`[1],
            position(line, '"headers":') > 0, '', NULL)) AS user_agent
    FROM {CHUNK}
)
WHERE {NOT_PEOPLE}
"""  # noqa: S608 - our own words


def _recognises(line: bytes) -> bool:
    entry = json_object(line)
    request = entry.get("request") if entry else None
    return isinstance(request, dict) and "uri" in request and "method" in request


CADDY = Format("caddy", "Caddy JSON", _recognises, _PARSE, hosts=True)
