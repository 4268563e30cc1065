"""The combined and the common log format of Apache and nginx.

Combined is common with the quoted referrer and user agent behind it
(https://httpd.apache.org/docs/2.4/logs.html). One query parses both; it was checked line by line against a
strict regular expression on real logs, and costs a fraction of one.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from crawlight.ingest.importers.format import CHUNK, FORWARDED, NO_HOST, Format, chain
from crawlight.ingest.layouts import nginx
from crawlight.ingest.layouts.pattern import UNCLEAR, UNLIKE, Pattern, unescaped
from crawlight.ingest.layouts.quick import Way
from crawlight.ingest.layouts.request import PROTOCOL_SQL, Request

QUOTED: Final = rb'"(?:[^"\\]|\\.)*"'
_DATE = rb"\[\d{2}/[A-Z][a-z]{2}/\d{4}(?::\d{2}){3} [+-]\d{4}\]"
LINE: Final = rb"\S+ [^\[]*" + _DATE + rb" +" + QUOTED + rb" \d{3} (?:\d+|-)"
"""A line of the common format but its first word."""

REST: Final = rb"(?:\s[^\"]*(?:\"(?:[^\"\\]|\\.)*\"(?:\s[^\"]*)?)*)?"

ADDRESS: Final = rb"(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-fA-F.]*:[0-9a-fA-F:.]+)"
"""An IP address, roughly. In the second place it tells a virtual host before it: else the name by identd is there."""

_FIRST = rb"(?:[^\s,\[\]]+, *)*[^\s,\[\]]+ (?!" + ADDRESS + rb" )"
_COMMON = re.compile(_FIRST + LINE + rb"\s*")
# Behind the user agent there may be more, but what follows a quote at once shows that it is inside of a field.
_COMBINED = re.compile(_FIRST + LINE + rb" " + QUOTED + rb" " + QUOTED + REST, re.DOTALL)

_MOST_PARTS: Final = "%most_parts%"
_STRANGE: Final = "%strange%"
_FIELDS: Final = '[$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"'
_QUOTES: Final = _FIELDS.count('"')

# A date is what stands last in brackets before the request: a user may be called anything. Zones end at +14:00.
# A quote inside a field is written as \" and a backslash as \\, so pairs of backslashes go first: as a slash,
# because that is what a backslash means in a URL. A field is then the text between two quotes: 1 before the
# request, 2 request, 3 status and size, 4 referrer, 6 user agent. A target may hold spaces.
PARTS: Final = r"""splitByChar('"', replaceAll(replaceAll(line, '\\\\', '/'), '\\"', '\''))"""
AGENT: Final = """toLowCardinality(if(length(parts) < 6 OR length(parts) > %most_parts%, NULL,
        if(parts[6] = '-', '', parts[6])))"""
METHOD: Final = "substringIndex(parts[2], ' ', 1)"
_LAST: Final = "substringIndex(parts[2], ' ', -1)"
TARGET: Final = f"""substring(parts[2], length(method) + 2, length(parts[2]) - length(method) - if(
        {PROTOCOL_SQL.format(_LAST)}, length({_LAST}) + 2, 1)
    )"""
COLUMNS: Final = rf"""
    substringIndex(parts[1], '[', -1) AS date,
    if(match(date, '^.{{20}} [+-](?:0[0-9]|1[0-4])[0-5][0-9]\\]'),
        parseDateTimeOrNull(substring(date, 1, 26), '%d/%b/%Y:%H:%i:%s %z', 'UTC'), NULL) AS ts,
    {METHOD} AS method,
    {TARGET} AS target,
    toUInt16OrZero(extract(parts[3], '^ ([0-9]{{3}})(?: |$)')) AS status,
    user_agent,
    extract(parts[3], '^ [0-9]{{3}} ([^ ]+)') AS size,
    multiIf(%strange%, '{UNLIKE}', length(parts) > %most_parts%, '{UNCLEAR}', ts IS NULL, 'no date in [brackets]',
            length(parts) < 3, 'no request in quotes', status = 0, 'no status code', '') AS reason,
    if(reason = '', '', line) AS rejected_line"""

FORWARDED_LIST: Final = f"""arrayFirst((field, place) -> place > 6 AND place % 2 = 0 AND match(field, '{FORWARDED}'),
        parts, arrayEnumerate(parts))"""
"""The first quoted field behind the user agent that is a list of addresses, as nginx's ``main`` has one."""

FIRST_ADDRESSES: Final = "extract({}, '^(?:[^ ]*, *)*[^ ]*')"
"""The first word of a text, or several with commas between them."""

_PARSE = f"""
SELECT {COLUMNS},
    {chain(FORWARDED_LIST, FIRST_ADDRESSES.format("line"))} AS address
FROM (
    SELECT line, {PARTS} AS parts, {AGENT} AS user_agent
    FROM {CHUNK}
)
WHERE user_agent IS NULL OR user_agent NOT IN (SELECT user_agent FROM import_people)
    OR position(parts[2], ' http') > 0
"""  # noqa: S608 - our own words


def _fitted(lines: Sequence[bytes], _keys: Mapping[str, str]) -> Format:
    return fitted(COMBINED, _PARSE, lines, "$remote_addr $plain_ident $plain_user")


def fitted(form: Format, parse: str, lines: Sequence[bytes], client: str) -> Format:
    """The format as these lines have it: with as many quotes behind the user agent as most of them."""
    quotes = Counter(_quotes(line) for line in lines if form.recognises(line))
    most = max(quotes, key=lambda number: (quotes[number], -number), default=_QUOTES)
    more = dict.fromkeys((most - _QUOTES, 0, 2, 4))
    layouts = [nginx.layout(f"{client} {_FIELDS}{_more(number)}") for number in more]
    patterns = [*map(Pattern, layouts)]

    def read(line: bytes) -> Request | str:
        """Read with the usual number of fields first: the first way that leaves no doubt is taken."""
        told = UNLIKE
        for pattern in patterns:
            if isinstance(found := pattern.read(line), Request):
                return found
            told = UNCLEAR if UNCLEAR in (told, found) else found
        return told

    return msgspec.structs.replace(
        form,
        recognises=lambda line: form.recognises(line) or any(one.recognises(line) for one in patterns),
        parse=_filled(parse, most, form.hosts),
        read=read,
        layout=layouts[0],
    )


def _filled(parse: str, quotes: int, hosts: bool) -> str:
    """The query for lines with so many quotes at most. Lines with a host where the format has none are left over."""
    strange = f"{'NOT ' * hosts}match(parts[1], '^[^ ]*[^ ,] {ADDRESS.decode()} ')".replace("\\", "\\\\")
    return parse.replace(_MOST_PARTS, str(quotes + 1)).replace(_STRANGE, strange)


def _quotes(line: bytes) -> int:
    return unescaped(line).count(b'"')


def _more(quotes: int) -> str:
    """Unnamed fields behind the user agent, with so many quotes."""
    if quotes <= 0:
        return ""
    return '$more"$plain_more"$more' * (quotes // 2)


COMBINED = Format(
    "combined",
    "Apache/nginx combined",
    lambda line: bool(_COMBINED.fullmatch(line)),
    _filled(_PARSE, _QUOTES, hosts=False),
    measures=(("size", ""),),
    quoted=Way(request=1, user_agent=5, behind=None, width=0, sound=_COMBINED, sized=True),
    fitted=_fitted,
    note=NO_HOST,
)
COMMON = Format(
    "common",
    "Apache/nginx common",
    lambda line: bool(_COMMON.fullmatch(line)),
    COMBINED.parse,
    measures=COMBINED.measures,
    note=NO_HOST,
)
