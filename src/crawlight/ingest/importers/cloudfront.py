"""Standard access logs of Amazon CloudFront: tab-separated, in W3C's extended format.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logs-reference.html. The header
``#Fields`` says which fields there are, in which order. Values are URL-encoded, the percent sign too; older logs
have user agents encoded twice.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from crawlight.errors import UserError
from crawlight.ingest.importers.format import CHUNK, NO_REQUEST, NOT_PEOPLE, Format, chain, moment

_FIELDS = """
date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent)
cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id x-host-header cs-protocol cs-bytes time-taken
x-forwarded-for ssl-protocol ssl-cipher x-edge-response-result-type cs-protocol-version fle-status
fle-encrypted-fields c-port time-to-first-byte x-edge-detailed-result-type sc-content-type sc-content-len
sc-range-start sc-range-end
"""
_DEFAULT: Final = tuple(_FIELDS.split())
_NEEDED: Final = ("date", "time", "cs-method", "cs-uri-stem", "sc-status", "cs(User-Agent)")
_HEADER: Final = b"#Fields:"
_FEWEST_TABS: Final = 5
_USUAL: Final = re.compile(rb"[\d-]{10}\t[\d:]{8}\t[A-Z]{3}[\w-]*\t(?:\d+|-)\t[\da-fA-F.:]+\t.*")
"""How a line of the usual fields begins. Other servers write a date and tabs, too: Akamai, for one."""
_MEASURES: Final = (("size", ""), ("duration", "s"))

# What CloudFront encoded and a canonical path has as it was sent; the percent sign comes last, because behind it
# stands what the client had encoded. All else means the same either way. A dash stands for an empty value.
_DECODED = {
    "%7C": "|",
    "%5B": "[",
    "%5D": "]",
    "%5C": "\\\\",
    "%7B": "{",
    "%7D": "}",
    "%5E": "^",
    "%60": "`",
    "%25": "%",
}

_PARSE = """
SELECT
    %(time)s AS ts,
    fields[%(cs-method)d] AS method,
    concat(%(stem)s, if(query IN ('', '-'), '', concat('?', %(query)s))) AS target,
    toUInt16OrZero(fields[%(sc-status)d]) AS status,
    user_agent,
    host,
    fields[%(sc-bytes)d] AS size,
    fields[%(time-taken)d] AS duration,
    %(address)s AS address,
    multiIf(startsWith(line, '#'), '%(no_request)s',
        length(fields) != %(count)d, 'not the %(count)d fields that #Fields names',
        ts IS NULL, 'no date and time', '') AS reason,
    if(reason = '', '', line) AS rejected_line
FROM (
    SELECT line, splitByChar('\\t', trimRight(line, '\\r')) AS fields, fields[%(cs-uri-query)d] AS query,
        decodeURLComponent(fields[%(cs(User-Agent))d]) AS once,
        toLowCardinality(if(length(fields) != %(count)d, NULL, if(once = '-', '',
            if(position(once, '%%20') > 0, decodeURLComponent(once), once)))) AS user_agent,
        toLowCardinality(fields[%(host)d]) AS host
    FROM %(chunk)s
)
WHERE %(not_people)s
"""


def _fitted(lines: Sequence[bytes], _keys: Mapping[str, str]) -> Format:
    names = _names(lines)
    if missing := [name for name in _NEEDED if name not in names]:
        raise UserError(f"its #Fields lacks {', '.join(missing)}")
    # A field that is not there is at place 0 or behind the last: the engine answers an empty text for the latter.
    place = {name: names.index(name) + 1 if name in names else len(names) + 1 for name in (*_DEFAULT, *names)}
    host = "x-host-header" if "x-host-header" in names else "cs(Host)"
    words = {
        "time": moment(f"concat(fields[{place['date']}], ' ', fields[{place['time']}])"),
        "host": place[host],
        "stem": _decoded(f"fields[{place['cs-uri-stem']}]"),
        "query": _decoded("query"),
        "address": chain(
            f"decodeURLComponent(fields[{place['x-forwarded-for']}])", f"fields[{place['c-ip']}]"
        ),
        "count": len(names),
        "no_request": NO_REQUEST,
        "chunk": CHUNK,
        "not_people": NOT_PEOPLE,
    }
    named = any(line.startswith(_HEADER) for line in lines)
    return msgspec.structs.replace(
        CLOUDFRONT,
        recognises=_recognises if named else lambda line: bool(_USUAL.fullmatch(line)),
        parse=_PARSE % {**place, **words},
        note=f"{len(names)} fields, host in {host}",
    )


def _decoded(text: str) -> str:
    for encoded, plain in _DECODED.items():
        text = f"replaceAll({text}, '{encoded}', '{plain}')"
    return text


def _names(lines: Sequence[bytes]) -> list[str]:
    """The fields that the header names; without one, as many of the usual ones as a line has."""
    for line in lines:
        if line.startswith(_HEADER):
            return line.removeprefix(_HEADER).decode("utf-8", "replace").split()
    return list(_DEFAULT)[: max((line.count(b"\t") + 1 for line in lines), default=0)]


def _recognises(line: bytes) -> bool:
    if line.startswith(_HEADER):
        return b"x-edge-" in line
    fields = line.split(b"\t")
    return len(fields) > _FEWEST_TABS and len(fields[0]) == len("2026-01-01") and fields[0].count(b"-") == 2


CLOUDFRONT = Format(
    "cloudfront", "Amazon CloudFront", _recognises, "", hosts=True, measures=_MEASURES, fitted=_fitted
)
