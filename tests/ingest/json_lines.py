"""Records of JSON as servers, CDNs and shippers write them, made after their documentation from one description."""

from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import quote, urlsplit

from tests.ingest.lines import Hit

Record = Mapping[str, object]


def _split(hit: Hit) -> tuple[str, str]:
    path, _, query = hit.target.partition("?")
    return path, query


def traefik(hit: Hit) -> Record:
    return {
        "ClientAddr": f"{hit.address}:5000",
        "ClientHost": hit.address,
        "DownstreamStatus": hit.status,
        "Duration": 1_000_000,
        "OriginStatus": hit.status,
        "RequestAddr": hit.host,
        "RequestHost": hit.host,
        "RequestMethod": hit.method,
        "RequestPath": hit.target,
        "RequestProtocol": "HTTP/2.0",
        "StartLocal": f"{hit.ts:%Y-%m-%dT%H:%M:%S}.123456789Z",
        "StartUTC": f"{hit.ts:%Y-%m-%dT%H:%M:%S}.123456789Z",
        **({} if hit.agent is None else {"request_User-Agent": hit.agent}),
        "entryPointName": "websecure",
        "level": "info",
        "msg": "",
        "time": f"{hit.ts:%Y-%m-%dT%H:%M:%SZ}",
    }


def google_cloud(hit: Hit) -> Record:
    return {
        "httpRequest": {
            "requestMethod": hit.method,
            "requestUrl": f"https://{hit.host}{hit.target}",
            "requestSize": "300",
            "status": hit.status,
            "responseSize": "900",
            **({} if hit.agent is None else {"userAgent": hit.agent}),
            "remoteIp": hit.address,
            "serverIp": "10.0.0.3",
            "latency": "0.021s",
        },
        "insertId": "1gv3l1rf1cg",
        "jsonPayload": {"statusDetails": "response_sent_by_backend", "@type": "type.googleapis.com/x"},
        "logName": "projects/p/logs/requests",
        "receiveTimestamp": "2026-12-01T00:00:00.1Z",
        "resource": {"type": "http_load_balancer", "labels": {"url_map_name": "web", "zone": "global"}},
        "severity": "INFO",
        "timestamp": f"{hit.ts:%Y-%m-%dT%H:%M:%S}.537134Z",
    }


def azure_gateway(hit: Hit) -> Record:
    path, query = _split(hit)
    return {
        "timeStamp": f"{hit.ts:%Y-%m-%dT%H:%M:%S}+00:00",
        "resourceId": "/SUBSCRIPTIONS/1/RESOURCEGROUPS/R/PROVIDERS/MICROSOFT.NETWORK/APPLICATIONGATEWAYS/G",
        "operationName": "ApplicationGatewayAccess",
        "category": "ApplicationGatewayAccessLog",
        "properties": {
            "instanceId": "appgw_1",
            "clientIP": hit.address,
            "clientPort": 45057,
            "httpMethod": hit.method,
            "requestUri": path,
            "requestQuery": query,
            "userAgent": hit.agent or "",
            "httpStatus": hit.status,
            "httpVersion": "HTTP/1.1",
            "host": "10.0.0.7",
            "originalHost": hit.host,
        },
    }


def azure_front_door(hit: Hit) -> Record:
    return {
        "time": f"{hit.ts:%Y-%m-%dT%H:%M:%S}.8383427Z",
        "resourceId": "/SUBSCRIPTIONS/1/PROFILES/P",
        "category": "FrontDoorAccessLog",
        "operationName": "Microsoft.Cdn/Profiles/AccessLog/Write",
        "properties": {
            "trackingReference": "08Q3g",
            "httpMethod": hit.method,
            "httpVersion": "2.0.0.0",
            "requestUri": f"https://{hit.host}:443{hit.target}",
            "hostName": "azurefd.net",
            "userAgent": hit.agent or "",
            "clientIp": hit.address,
            "socketIp": hit.address,
            "httpStatusCode": str(hit.status),
        },
    }


def vercel(hit: Hit) -> Record:
    milliseconds = int(hit.ts.timestamp()) * 1000 + 7
    return {
        "id": "1573817187330377061717300000",
        "deploymentId": "dpl_1",
        "source": "static",
        "host": "site-git-main.vercel.app",
        "timestamp": milliseconds,
        "projectId": "p",
        "level": "info",
        "message": "",
        "path": _split(hit)[0],
        "proxy": {
            "timestamp": milliseconds,
            "method": hit.method,
            "host": hit.host,
            "path": hit.target,
            "userAgent": [] if hit.agent is None else [hit.agent],
            "clientIp": hit.address,
            "statusCode": hit.status,
            "scheme": "https",
        },
    }


def netlify(hit: Hit) -> Record:
    return {
        "log_type": "traffic",
        "account_id": "a",
        "site_id": "s",
        "client_ip": hit.address,
        "duration": 12,
        "method": hit.method,
        "status_code": hit.status,
        "timestamp": f"{hit.ts:%Y-%m-%dT%H:%M:%S}.000Z",
        "url": f"https://{hit.host}{hit.target}",
        "user_agent": hit.agent or "",
        "referrer": "",
    }


def fastly(hit: Hit) -> Record:
    return {
        "timestamp": f"{hit.ts:%Y-%m-%dT%H:%M:%S}+0000",
        "client_ip": hit.address,
        "geo_country": "germany",
        "host": hit.host,
        "url": hit.target,
        "request_method": hit.method,
        "request_protocol": "HTTP/2",
        "request_user_agent": hit.agent or "",
        "response_status": hit.status,
        "fastly_server": "cache-fra1",
        "fastly_is_edge": True,
    }


def fastly_w3c(hit: Hit) -> Record:
    return {
        "time_start": f"{hit.ts:%Y-%m-%dT%H:%M:%SZ}",
        "req_h_host": hit.host,
        "http_host": hit.host,
        "client_ip": hit.address,
        "request": f"{hit.method} {hit.target} HTTP/1.1",
        "status": str(hit.status),
        "user-agent": hit.agent or "",
    }


def bunny(hit: Hit) -> Record:
    return {
        "CacheStatus": "HIT",
        "StatusCode": hit.status,
        "Timestamp": int(hit.ts.timestamp() * 1000),
        "PullZoneId": 390,
        "RemoteIp": hit.address,
        "Url": f"https://{hit.host}{hit.target}",
        "UserAgent": hit.agent or "-",
    }


def envoy(hit: Hit) -> Record:
    return {
        "start_time": f"{hit.ts:%Y-%m-%dT%H:%M:%S}.123Z",
        "method": hit.method,
        "path": hit.target,
        "protocol": "HTTP/1.1",
        "response_code": hit.status,
        "response_flags": "-",
        "x_forwarded_for": hit.address,
        "user_agent": hit.agent,
        "authority": hit.host,
        "downstream_remote_address": "10.1.2.3:4711",
        "upstream_host": "10.0.0.9:80",
    }


def ecs(hit: Hit) -> Record:
    path, query = _split(hit)
    return {
        "@timestamp": f"{hit.ts:%Y-%m-%dT%H:%M:%S}.000Z",
        "agent": {"name": "web-1.internal", "type": "filebeat", "version": "8.1.0"},
        "host": {"name": "web-1.internal"},
        "log": {"file": {"path": "/var/log/nginx/access.log"}},
        "http": {"request": {"method": hit.method}, "response": {"status_code": hit.status}},
        "source": {"address": hit.address, "ip": hit.address},
        "url": {"domain": hit.host, "path": path, **({"query": query} if query else {})},
        "user_agent": {"original": hit.agent or "", "name": "x"},
    }


def ecs_dotted(hit: Hit) -> Record:
    path, query = _split(hit)
    return {
        "@timestamp": f"{hit.ts:%Y-%m-%dT%H:%M:%SZ}",
        "host.name": "web-1.internal",
        "http.request.method": hit.method,
        "http.response.status_code": hit.status,
        "client.ip": hit.address,
        "url.domain": hit.host,
        "url.path": path,
        "url.query": query,
        "user_agent.original": hit.agent or "",
    }


def elasticsearch(hit: Hit) -> Record:
    return {"_index": "logs-1", "_id": "x", "_score": 1.0, "_source": ecs(hit)}


def opentelemetry(hit: Hit) -> Record:
    return {
        "timestamp": f"{hit.ts:%Y-%m-%dT%H:%M:%S.000000000Z}",
        "body": "request",
        "attributes": {
            "http.request.method": hit.method,
            "url.full": f"https://{hit.host}{hit.target}",
            "http.response.status_code": hit.status,
            "client.address": hit.address,
            "user_agent.original": hit.agent or "",
        },
    }


def haproxy(hit: Hit) -> Record:
    return {
        "time": f"{hit.ts:%d/%b/%Y:%H:%M:%S}.655",
        "client_ip": hit.address,
        "client_port": 33320,
        "host": hit.host,
        "request": {"method": hit.method, "uri": hit.target, "header": {"user_agent": hit.agent or ""}},
        "status": hit.status,
        "backend": "web",
    }


def pino(hit: Hit) -> Record:
    headers = {"host": hit.host, **({} if hit.agent is None else {"user-agent": hit.agent})}
    return {
        "level": 30,
        "time": int(hit.ts.timestamp() * 1000),
        "pid": 12,
        "hostname": "web-1.internal",
        "req": {
            "id": 1,
            "method": hit.method,
            "url": hit.target,
            "headers": headers,
            "remoteAddress": hit.address,
        },
        "res": {"statusCode": hit.status, "headers": {"host": "nothing.example"}},
        "msg": "request completed",
    }


def kong(hit: Hit) -> Record:
    headers = {"host": hit.host, **({} if hit.agent is None else {"user-agent": hit.agent})}
    return {
        "request": {"method": hit.method, "uri": hit.target, "size": "300", "headers": headers},
        "response": {"status": hit.status, "size": "826"},
        "latencies": {"request": 12, "proxy": 11},
        "client_ip": hit.address,
        "started_at": int(hit.ts.timestamp() * 1000),
    }


def akamai_2(hit: Hit) -> Record:
    record = akamai(hit)
    return {"reqTimeSec": record.pop("reqTimeMSec"), **record}


def header_pairs(hit: Hit) -> Record:
    headers = [
        ["Host", hit.host],
        ["Accept", "*/*"],
        *([] if hit.agent is None else [["User-Agent", hit.agent]]),
    ]
    request = {"method": hit.method, "url": hit.target, "headers": headers, "clientIp": hit.address}
    return {"ts": hit.ts.timestamp(), "request": request, "response": {"status": hit.status}}


def header_objects(hit: Hit) -> Record:
    """AWS WAF."""
    path, query = _split(hit)
    headers = [{"name": "Host", "value": hit.host}, {"name": "User-Agent", "value": hit.agent or ""}]
    request = {
        "clientIp": hit.address,
        "headers": headers,
        "uri": path,
        "args": query,
        "httpMethod": hit.method,
    }
    return {
        "timestamp": int(hit.ts.timestamp() * 1000),
        "httpSourceId": "app/web/1",
        "action": "ALLOW",
        "httpRequest": request,
        "responseCodeSent": hit.status,
    }


def api_gateway(hit: Hit) -> Record:
    return {
        "requestId": "c6af9ac6",
        "ip": hit.address,
        "requestTime": f"{hit.ts:%d/%b/%Y:%H:%M:%S} +0000",
        "httpMethod": hit.method,
        "path": hit.target,
        "status": str(hit.status),
        "domainName": hit.host,
        "userAgent": hit.agent or "-",
        "responseLength": "0",
    }


def akamai(hit: Hit) -> Record:
    path, query = _split(hit)
    return {
        "version": 1,
        "cp": "123456",
        "reqTimeMSec": f"{hit.ts.timestamp():.3f}",
        "cliIP": hit.address,
        "statusCode": str(hit.status),
        "reqHost": hit.host,
        "reqMethod": hit.method,
        "reqPath": path,
        "queryStr": query,
        "UA": quote(hit.agent or "-"),
    }


def cloudfront_json(hit: Hit) -> Record:
    path, query = _split(hit)
    return {
        "date": f"{hit.ts:%Y-%m-%d}",
        "time": f"{hit.ts:%H:%M:%S}",
        "x-edge-location": "LAX1",
        "c-ip": hit.address,
        "cs-method": hit.method,
        "cs(Host)": "d111111abcdef8.cloudfront.net",
        "x-host-header": hit.host,
        "cs-uri-stem": path,
        "cs-uri-query": query or "-",
        "sc-status": str(hit.status),
        "cs(User-Agent)": quote(hit.agent or "-"),
    }


def cloudflare_few(hit: Hit) -> Record:
    """Without the start, and with few other fields."""
    return {
        "EdgeEndTimestamp": int(hit.ts.timestamp() * 1_000_000_000),
        "ClientRequestHost": hit.host,
        "ClientRequestMethod": hit.method,
        "ClientRequestPath": hit.target,
        "ClientRequestUserAgent": hit.agent or "",
        "EdgeResponseStatus": hit.status,
    }


def caddy_old(hit: Hit) -> Record:
    headers = {} if hit.agent is None else {"User-Agent": [hit.agent]}
    request = {
        "remote_addr": f"{hit.address}:4711" if ":" not in hit.address else f"[{hit.address}]:4711",
        "proto": "HTTP/2.0",
        "method": hit.method,
        "host": hit.host,
        "uri": hit.target,
        "headers": headers,
    }
    return {
        "level": "info",
        "ts": f"{hit.ts:%Y/%m/%d %H:%M:%S}.123",
        "logger": "http.log.access.log0",
        "msg": "handled request",
        "request": request,
        "status": hit.status,
    }


def in_a_payload(hit: Hit) -> Record:
    """Cloud Logging with what nginx wrote on a machine."""
    return {
        "insertId": "x",
        "logName": "projects/p/logs/nginx",
        "timestamp": "2026-12-01T00:00:00Z",
        "jsonPayload": {
            "time_iso8601": hit.ts.isoformat(),
            "http_host": hit.host,
            "request_method": hit.method,
            "request_uri": hit.target,
            "status": str(hit.status),
            "http_user_agent": hit.agent or "",
            "http_x_forwarded_for": hit.address,
            "remote_addr": "10.0.0.2",
        },
    }


def logstash(hit: Hit) -> Record:
    """Apache's fields as grok names them; the host is the machine's, the site's is the virtual one."""
    return {
        "@timestamp": f"{hit.ts:%Y-%m-%dT%H:%M:%S}.000Z",
        "@version": "1",
        "host": "web-1",
        "vhost": hit.host,
        "clientip": hit.address,
        "verb": hit.method,
        "request": hit.target,
        "response": str(hit.status),
        "agent": f'"{hit.agent}"' if hit.agent else '"-"',
    }


def lower_case(hit: Hit) -> Record:
    parts = urlsplit(f"https://{hit.host}")
    return {
        "datetime": f"{hit.ts:%a, %d %b %Y %H:%M:%S} GMT",
        "method": hit.method.lower(),
        "host": parts.netloc,
        "path": hit.target,
        "code": hit.status,
        "ua": hit.agent or "",
    }


RECORDS: Final[Mapping[str, Callable[[Hit], Record]]] = {
    writer.__name__: writer
    for writer in (
        *(
            traefik,
            google_cloud,
            azure_gateway,
            azure_front_door,
            vercel,
            netlify,
            fastly,
            fastly_w3c,
            bunny,
            envoy,
        ),
        *(
            ecs,
            ecs_dotted,
            elasticsearch,
            opentelemetry,
            haproxy,
            pino,
            kong,
            header_pairs,
            header_objects,
            api_gateway,
        ),
        *(akamai, akamai_2, cloudfront_json, cloudflare_few, caddy_old, in_a_payload, logstash, lower_case),
    )
}
"""What makes a record of each kind."""

NO_METHOD: Final = frozenset({"bunny"})
