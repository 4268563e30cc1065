"""What to change at the servers whose lines lack what an import needs."""

import re
from collections.abc import Sequence
from typing import Final

_METHOD: Final = rb"(?:GET|HEAD|POST|PUT|DELETE|OPTIONS|PATCH)"
_BEHIND: Final = "import the log of the web server in front of it, or have it log the user agent"

_ADVICE: Final[Sequence[tuple[re.Pattern[bytes], str]]] = tuple(
    (re.compile(pattern), advice)
    for pattern, advice in (
        (
            rb".* (?:-?\+?\d+/){3,4}-?\+?\d+ -?\d+ \+?\d+ \S+ \S+ \S{4} (?:\d+/){4}\+?\d+ \d+/\d+ .*",
            ": have HAProxy log it with `http-request capture req.hdr(User-Agent) len 256`",
        ),
        (
            rb".*\bat=(?:info|error) (?:code=\S+ desc=\S.* )?method=[A-Z]+ path=.* dyno=.*",
            ", which Heroku's router does not log: import what the app logs of its requests",
        ),
        (
            rb"(?:\S+ - )?" + _METHOD + rb" \S+ (?:HTTP/\S+ )?\d{3} (?:[\d.]+ ms - \S+|\S+ - [\d.]+ ms)",
            ": have morgan log them with `morgan('combined')`",
        ),
        (
            rb"(?:.* )?INFO:? +.*\d - \"" + _METHOD + rb" \S+ HTTP/[\d.]+\" \d{3}.*",
            f", which Uvicorn does not log: {_BEHIND} in a middleware",
        ),
        (
            rb"(?:.* )?\[\d{1,2}/[A-Z][a-z]{2}/\d{4} \d\d:\d\d:\d\d\] \"" + _METHOD + rb" .*",
            ", which the development servers of Flask and Django do not log: run the app with"
            " `gunicorn --access-logfile -`, whose format is combined",
        ),
        (
            rb"\[GIN\].*",
            ": have Gin log them with the `gin.LoggerWithFormatter` of its documentation",
        ),
        (
            rb"\[pid: \d+\|app: .*",
            ': have uWSGI log it with `log-format = %(addr) - %(user) [%(ltime)] "%(method) %(uri) %(proto)"'
            ' %(status) %(size) "%(referer)" "%(uagent)"`',
        ),
        (
            rb"\d{9,10}\.\d{3} +\d+ \S+ [A-Z_]+/\d{3} \d+ .*",
            ": have Squid log it with `access_log daemon:/var/log/squid/access.log combined`",
        ),
        (
            rb"(?:Started|Completed) .*|.*\bmethod=[A-Z]+ path=\S+ format=.*",
            ": have Rails log it with Lograge's `custom_payload`, as user_agent",
        ),
        (
            rb"(?:tls|tcp) [\d.]+ \S+ net/.*",
            ": network load balancers know no requests, so import the servers' logs",
        ),
        (
            rb"\S+, .*, \d{1,2}/\d{1,2}/\d{2,4}, .*W3SVC.*",
            ", which IIS's own format does not have: choose W3C, with the field cs(User-Agent)",
        ),
        (
            rb"(?:<--|-->|xxx|-x-) " + _METHOD + rb" \S.*",
            ": have Koa log them with koa-morgan's `morgan('combined')`",
        ),
        (
            _METHOD + rb" \S+(?: \S+)?:|>> (?:Matched|Outcome|Response|No matching).*",
            f": Rocket logs neither times nor user agents, so {_BEHIND} and the time in a fairing",
        ),
        (
            rb"\[?(?:\d{4}[-/]\d\d[-/]\d\d )?\d\d:\d\d:\d\d\]? (?:\| )?\d{3} .* "
            + _METHOD
            + rb" +(?:\| )?/.*",
            ': have Fiber log them with its logger\'s Format `${ip} - - [${time}] "${method} ${url} HTTP/1.1" ${status}'
            ' ${bytesSent} "${referer}" "${ua}"\\n` and TimeFormat `02/Jan/2006:15:04:05 -0700`',
        ),
        (
            rb"\[\w{3} \w{3} +\d+ [\d:]{8} \d{4}\] (?:\S+:\d+ (?:\[\d{3}\]: .*|Accepted|Closing)|PHP .*)",
            ", which PHP's built-in server does not log: import the log of the web server that visitors reach",
        ),
        (
            rb"\S+ - +(?:\S+ +)?\[?\d\d/\w{3}/\d{4}:[\d:]{8} [+-]\d{4}\]? \""
            + _METHOD
            + rb" /\S*\.php\S*\" \d{3}.*",
            ", which PHP-FPM does not log, nor the visitor's path: import the log of the web server in front of it",
        ),
        (
            rb"\S+ \S+ \S+ \[[^\]]+\] ?\"" + _METHOD + rb" [^\"]*\" \d{3} \S+ [\w=-]{7,}",
            ': have API Gateway log it: end its format with `"$context.identity.userAgent"`',
        ),
        (
            rb"(?:-|\S+) \S+ \S+ \[[^\]]+\] \"" + _METHOD + rb" [^\"]*\" \d{3} \S+( [\d.]+)?",
            ": have the server log it in the combined format",
        ),
    )
)
"""Whole lines, and what is said of them; the first that fits most of the lines counts."""


def advice_for(lines: Sequence[bytes]) -> str:
    """How the server of some lines logs what they lack; empty where it is not known."""
    for pattern, told in _ADVICE:
        if sum(bool(pattern.fullmatch(line.strip())) for line in lines) * 2 > len(lines):
            return told
    return ""
