"""Where servers, CDNs and shippers write what in JSON, as data: names of keys, and how to know who wrote a log.

A name is compared without case, ``_``, ``-`` and blanks; a dot leads into an object, or stands in the key itself. Of
headers, the usual places are tried for all that headers hold.
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

_HEADERS: Final = (
    *("request.headers", "http.request.headers", "http.request.header", "req.headers", "httprequest.headers"),
    *("requestheaders", "requestheader", "headers", "http.headers", "request.header", "header", "request"),
)

_OF_HEADERS: Final = "headers:"


def _headers(name: str) -> tuple[str, ...]:
    return (
        *(f"{place}.{name}" for place in _HEADERS),
        f"request{name}",
        f"requestheader{name}",
        f"http{name}",
    )


def _places(names: str) -> tuple[str, ...]:
    """Names with spaces between; ``headers:NAME`` stands for all places where a header of that name may be.

    Behind them come the same for records that were made flat: ``httpRequest_requestUrl``.
    """
    found = (
        _headers(one.removeprefix(_OF_HEADERS)) if one.startswith(_OF_HEADERS) else (one,)
        for one in names.split()
    )
    whole = [name for places in found for name in places]
    return (*whole, *(name.replace(".", "") for name in whole if "." in name))


NAMES: Final[Mapping[str, Sequence[str]]] = {
    "time": _places(
        """
        timeiso8601 timelocal msec starttimeutc startutc startlocal edgestarttimestamp proxy.timestamp starttime
        timestart requeststarttime requesttimeepoch requesttime @timestamp timestamp time ts datetime date eventtime
        event.start logtime timeunixnano unixtime epoch _time acceptdate edgeendtimestamp reqtimemsec reqtimesec
        startedat start eventtimestamp timemicros timegenerated timeutc timestampms eventtimestampms dt date
        """
    ),
    "date": _places("date day"),
    "visitor": _places("trueclientip cfconnectingip headers:trueclientip headers:cfconnectingip"),
    "forwarded": _places("xforwardedfor forwardedfor xff headers:xforwardedfor"),
    "address": _places(
        """
        proxy.clientip httprequest.remoteip request.clientip request.remoteip request.remoteaddr properties.clientip
        properties.cip clientip remoteaddr realip remoteip clienthost client.ip client.address source.ip
        source.address network.client.ip req.remoteaddress downstreamremoteaddress downstreamdirectremoteaddress
        clientaddress clientaddr cip sourceip srcip identity.sourceip remoteaddress remotehost ipaddress
        clientipaddress request.ip req.ip requestip calleripaddress
        httprequest.clientip message.cliip cliip client remote ip
        """
    ),
    "host": _places(
        """
        proxy.host properties.originalhost properties.host properties.hostname properties.cshost request.host
        httprequest.host url.domain requesthost clientrequesthost xhostheader cs(host) cshost hostheader originalhost
        clientrequesthttphost
        headers:host :authority authority requestauthority vhost virtualhost host domainname servername domain
        requestaddr http.host reqhost message.reqhost site req.host request.hostname req.hostname
        http.hostname http.request.host httprequest.hostname http.servername requesthostname requestedhost httphostname
        url.host net.host.name hostname
        """
    ),
    "method": _places(
        """
        proxy.method httprequest.requestmethod properties.httpmethod properties.csmethod request.method
        http.request.method http.method req.method httprequest.httpmethod httprequest.method requestmethod
        clientrequestmethod csmethod httpmethod method verb reqmethod message.reqmethod clientrequesthttpmethodname
        """
    ),
    "target": _places(
        """
        proxy.path httprequest.requesturl properties.requesturi properties.csuristem request.uri request.url
        request.path httprequest.uri httprequest.url httprequest.path url.original url.full http.request.target
        url.path req.url req.path http.url http.target requesturi clientrequesturi csuristem requestpath
        clientrequestpath requesturl csuri uri url path fullurl urlpath uripath request documenturi reqpath
        message.reqpath xenvoyoriginpath requesteduri requestedurl resource
        """
    ),
    "query": _places(
        """
        properties.requestquery properties.csuriquery request.query request.querystring url.query
        httprequest.querystring httprequest.args args querystring query csuriquery requestquery rawquerystring
        clientrequestquery querystr message.reqquery
        """
    ),
    "request": _places("request requestline httprequest request.line requestfirstline http.request.line"),
    "status": _places(
        """
        proxy.statuscode httprequest.status properties.httpstatus properties.httpstatuscode properties.scstatus
        response.status response.statuscode http.response.statuscode http.response.status http.statuscode
        res.statuscode res.status downstreamstatus edgeresponsestatus responsestatus responsecode statuscode status
        scstatus httpstatuscode httpstatus httprequest.statuscode elbstatuscode originstatus response code
        responsecodesent message.status
        """
    ),
    "user_agent": _places(
        """
        proxy.useragent httprequest.useragent properties.useragent useragent.original headers:useragent
        properties.useragentheader
        http.useragent identity.useragent req.useragent
        clientrequestuseragent cs(useragent) csuseragent useragent agent ua
        clientua http.request.useragent message.ua browser
        """
    ),
    "size": _places(
        """
        bodybytessent bytessent edgeresponsebytes downstreamcontentsize httprequest.responsesize
        properties.responsebytes properties.sentbytes properties.scbytes http.response.body.bytes http.response.bytes
        scbytes sentbytes
        responsebodysize responsesize responsesizebytes responsebytes txbytes
        bytesout res.bytes message.bytes totalbytes bytes size
        """
    ),
    "duration": _places(
        """
        requesttime edgetimetofirstbytems httprequest.latency properties.timetaken timetaken event.duration
        latencies.request timeelapsed responsetime durationms latencyms requesttimems elapsedms turnaroundtimemsec
        duration
        """
    ),
}
"""What is read from a record, and where it is looked for: the first place that holds it in most records counts."""

KEYS: Final = tuple(NAMES)
"""What ``--key`` can name a key for."""


UNITS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("requesttime", "latency", "timetaken"), "s"),
    "timeelapsed": "us",
    "duration": "ns",
}
"""The unit of a time by its name's last part, where that is not milliseconds; of ``duration`` the writer's is taken.

Sources: nginx's $request_time, httpRequest.latency of Google Cloud, timeTaken of Azure, time-taken of CloudFront,
time.elapsed.usec of Fastly, event.duration of the Elastic Common Schema.
"""


class Writer(NamedTuple):
    """Who writes such records."""

    format: str
    title: str
    marks: Sequence[str]
    """Names that stand in its records, all of them."""
    source: str
    duration: str = ""
    """The unit of a key of that name, where the writer is known to have one."""
    only: Mapping[str, Sequence[str]] = {}
    """Values of names without which a record is no request of a visitor; a name that is missing says nothing."""
    keep: str = ""
    """How to have it write the user agent, where it does not by itself."""


_NGINX: Final = "https://nginx.org/en/docs/http/ngx_http_log_module.html#log_format"

WRITERS: Final = (
    # Its other messages, and errors of handlers, whose requests are logged a second time, go into the same stream.
    Writer(
        *("caddy", "Caddy JSON", ("request.uri", "request.method", "msg")),
        "https://caddyserver.com/docs/caddyfile/directives/log",
        "s",
        {"msg": ("handled request",)},
    ),
    # What a Worker fetches is logged as a request of its own
    # (https://developers.cloudflare.com/logs/logpush/logpush-job/subrequests/): the visitor's is the one to count.
    Writer(
        *("cloudflare", "Cloudflare Logpush", ("clientrequestmethod",)),
        "https://developers.cloudflare.com/logs/logpush/logpush-job/datasets/zone/http_requests/",
        "",
        {
            "workersubrequest": ("false", "0", ""),
            "clientrequestsource": ("", "unknown", "eyeball", "orangeToOrange"),
        },
    ),
    Writer(
        *("json", "Traefik JSON", ("downstreamstatus", "requestpath")),
        "https://doc.traefik.io/traefik/observability/access-logs/",
        "ns",
        keep="have Traefik keep it with `accesslog.fields.headers.names.User-Agent=keep`",
    ),
    Writer(
        *("json", "Google Cloud load balancer", ("httprequest.requesturl",)),
        "https://cloud.google.com/load-balancing/docs/https/https-logging-monitoring",
    ),
    Writer(
        *("json", "Azure Front Door", ("properties.requesturi", "properties.trackingreference")),
        "https://learn.microsoft.com/azure/frontdoor/monitor-front-door",
    ),
    Writer(
        *("json", "Azure Application Gateway", ("properties.requesturi", "properties.httpmethod")),
        "https://learn.microsoft.com/azure/application-gateway/application-gateway-diagnostics",
    ),
    Writer(
        *("json", "Azure App Service", ("properties.csuristem", "properties.timetaken")),
        "https://learn.microsoft.com/azure/azure-monitor/reference/tables/appservicehttplogs",
        "ms",
    ),
    Writer(
        *("json", "Vercel log drain", ("proxy.useragent", "proxy.path")),
        "https://vercel.com/docs/drains/reference/logs",
    ),
    Writer(
        *("json", "Netlify log drain", ("siteid", "useragent", "url")),
        "https://docs.netlify.com/manage/monitoring/log-drains/",
        "",
        {"logtype": ("traffic", "")},
    ),
    # A shield asks the origin for an edge: the edge's record is the visitor's.
    Writer(
        *("json", "Fastly JSON", ("fastlyisedge",)),
        "https://www.fastly.com/documentation/guides/integrations/logging-endpoints/",
        "",
        {"fastlyisedge": ("true", "1", "")},
    ),
    Writer(
        *("json", "Bunny JSON", ("pullzoneid", "useragent")),
        "https://docs.bunny.net/docs/cdn-log-forwarding",
    ),
    Writer(
        *("json", "Envoy JSON", ("responseflags",)),
        "https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage",
        "ms",
    ),
    Writer(
        *("json", "Elastic Common Schema", ("@timestamp", "useragent.original")),
        "https://www.elastic.co/guide/en/ecs/current/ecs-http.html",
        "ns",
    ),
    Writer(
        *("json", "Akamai DataStream", ("cliip", "reqhost")),
        "https://techdocs.akamai.com/datastream2/docs/log-format",
    ),
    Writer(
        *("json", "CloudFront JSON", ("csuristem", "xedgelocation")),
        "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logs-reference.html",
    ),
    Writer(
        *("json", "Fastify JSON", ("reqid", "req.remoteaddress")),
        "https://fastify.dev/docs/latest/Reference/Logging/",
        keep="have a serializer for `req` return it as `userAgent`, beside method, url, host and remoteAddress",
    ),
    *(
        Writer(
            *("json", "API Gateway JSON", ("requestid", "requesttime", mark)),
            "https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html",
            keep='add `"path":"$context.path","userAgent":"$context.identity.userAgent","host":"$context.domainName"`'
            " to its log format",
        )
        for mark in ("resourcepath", "routekey")
    ),
    *(
        Writer("nginx-json", "nginx JSON", (mark,), _NGINX)
        for mark in ("timeiso8601", "timelocal", "requesturi")
    ),
)
"""In the order in which they are tried; what none of them wrote is just JSON."""
