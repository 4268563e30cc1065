"""Lines of every log format, written after what its vendor documents, from one description of a request."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final, NamedTuple
from urllib.parse import quote

HEADER: Final = (
    b"#Version: 1.0\n#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status"
    b" cs(Referer) cs(User-Agent) cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id x-host-header"
    b" cs-protocol cs-bytes time-taken x-forwarded-for ssl-protocol ssl-cipher x-edge-response-result-type"
    b" cs-protocol-version fle-status fle-encrypted-fields c-port time-to-first-byte x-edge-detailed-result-type"
    b" sc-content-type sc-content-len sc-range-start sc-range-end\n"
)
"""What CloudFront writes at the start of each file."""


class Hit(NamedTuple):
    """A request. An agent of None was sent without one."""

    ts: datetime = datetime(2026, 6, 1, 12, tzinfo=UTC)
    target: str = "/"
    agent: str | None = "GPTBot/1.3"
    host: str = "example.com"
    method: str = "GET"
    status: int = 200
    address: str = "192.0.2.1"


def combined(hit: Hit) -> bytes:
    request = f"{hit.method} {hit.target} HTTP/1.1"
    return (
        f'{hit.address} - - [{hit.ts:%d/%b/%Y:%H:%M:%S} +0000] "{request}" {hit.status} 5 "-" "{hit.agent or "-"}"\n'
    ).encode()


def vhost(hit: Hit) -> bytes:
    return f"{hit.host}:443 ".encode() + combined(hit)


def _json(entry: Mapping[str, object]) -> bytes:
    return json.dumps(entry).encode() + b"\n"


def caddy(hit: Hit) -> bytes:
    headers = {"Accept": ["*/*"], **({"User-Agent": [hit.agent]} if hit.agent is not None else {})}
    request = {
        "remote_ip": "10.0.0.1",
        "remote_port": "41342",
        "client_ip": hit.address,
        "proto": "HTTP/2.0",
        "method": hit.method,
        "host": hit.host,
        "uri": hit.target,
        "headers": headers,
    }
    entry = {
        "level": "info",
        "ts": hit.ts.timestamp() + 0.52,
        "logger": "http.log.access",
        "msg": "handled request",
    }
    return _json(
        {**entry, "request": request, "duration": 0.01, "size": 10, "status": hit.status, "resp_headers": {}}
    )


def nginx_json(hit: Hit) -> bytes:
    return _json(
        {
            "time_iso8601": hit.ts.isoformat(),
            "remote_addr": hit.address,
            "host": hit.host,
            "request_method": hit.method,
            "request_uri": hit.target,
            "status": str(hit.status),
            "http_user_agent": hit.agent or "",
        }
    )


def nginx_request(hit: Hit) -> bytes:
    request = f"{hit.method} {hit.target} HTTP/1.1"
    entry = {"time_local": f"{hit.ts:%d/%b/%Y:%H:%M:%S} +0000", "ip": hit.address, "server_name": hit.host}
    return _json({**entry, "request": request, "status": hit.status, "agent": hit.agent or "-"})


def _cloudflare(hit: Hit, start: object) -> bytes:
    return _json(
        {
            "ClientIP": hit.address,
            "ClientRequestHost": hit.host,
            "ClientRequestMethod": hit.method,
            "ClientRequestURI": hit.target,
            "ClientRequestUserAgent": hit.agent or "",
            "EdgeResponseStatus": hit.status,
            "EdgeStartTimestamp": start,
            "ClientRequestSource": "eyeball",
            "WorkerSubrequest": False,
            "RayID": "3a6050bcbe121a87",
        }
    )


def cloudflare(hit: Hit) -> bytes:
    return _cloudflare(hit, f"{hit.ts:%Y-%m-%dT%H:%M:%SZ}")


def cloudflare_unix(hit: Hit) -> bytes:
    return _cloudflare(hit, int(hit.ts.timestamp()))


def cloudflare_unixnano(hit: Hit) -> bytes:
    return _cloudflare(hit, int(hit.ts.timestamp()) * 1_000_000_000 + 123_456_789)


def cloudfront(hit: Hit) -> bytes:
    stem, _, query = hit.target.partition("?")
    fields = [f"{hit.ts:%Y-%m-%d}", f"{hit.ts:%H:%M:%S}", "LAX1", "392", hit.address, hit.method]
    fields += [
        "d111111abcdef8.cloudfront.net",
        _encoded(stem),
        str(hit.status),
        "-",
        _encoded(hit.agent or "-"),
    ]
    fields += [
        _encoded(query) or "-",
        "-",
        "Hit",
        "SOX4xwn4XV6Q4rgb7XiVGOHms==",
        hit.host,
        "https",
        "23",
        "0.001",
    ]
    return "\t".join(fields + ["-"] * (33 - len(fields))).encode() + b"\n"


def _encoded(text: str) -> str:
    return quote(text, safe="/!$&'()*+,;=:@?-._")


def alb(hit: Hit) -> bytes:
    return (
        f"h2 {hit.ts:%Y-%m-%dT%H:%M:%S}.186641Z app/my-loadbalancer/50dc6c495c0c9188 {hit.address}:2817"
        f" 10.0.0.1:80 0.000 0.001 0.000 {hit.status} {hit.status} 34 366"
        f' "{hit.method} https://{hit.host}:443{hit.target} HTTP/2.0" "{hit.agent or "-"}"'
        " ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/t/73e2"
        ' "Root=1-58337281-1d84f3d73c47ec4e58577259" "www.example.com" "-" 1 2026-06-01T12:00:00.364000Z'
        ' "waf,forward" "-" "-" "10.0.0.1:80" "200" "-" "-" TID_123456\n'
    ).encode()


WRITERS: Final[Mapping[str, Callable[[Hit], bytes]]] = {
    "vhost": vhost,
    "caddy": caddy,
    "nginx-json": nginx_json,
    "nginx-json of requests": nginx_request,
    "cloudflare": cloudflare,
    "cloudflare in seconds": cloudflare_unix,
    "cloudflare in nanoseconds": cloudflare_unixnano,
    "cloudfront": cloudfront,
    "alb": alb,
}
"""What writes a line of each format that names hosts; the first word is that of ``--format``."""


def log(writer: str, *hits: Hit) -> bytes:
    """A log of these requests, with the header that its format has."""
    lines = b"".join(map(WRITERS[writer], hits))
    return HEADER + lines if writer == "cloudfront" else lines
