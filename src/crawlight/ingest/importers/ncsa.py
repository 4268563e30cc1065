"""The combined and the common log format of Apache and nginx.

Combined is common with the quoted referrer and user agent behind it
(https://httpd.apache.org/docs/2.4/logs.html). One query parses both; it was checked line by line against a
strict regular expression on real logs, and costs a fraction of one.
"""

import re
from typing import Final

from crawlight.ingest.importers.format import CHUNK, FORWARDED, Format, chain

_QUOTED = rb'"(?:[^"\\]|\\.)*"'
_DATE = rb"\[\d{2}/[A-Z][a-z]{2}/\d{4}(?::\d{2}){3} [+-]\d{4}\]"
LINE: Final = rb"\S+ [^\[]*" + _DATE + rb" " + _QUOTED + rb" \d{3} (?:\d+|-)"
"""A line of the common format but its first word."""

ADDRESS: Final = rb"(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-fA-F.]*:[0-9a-fA-F:.]+)"
"""An IP address, roughly. In the second place it tells a virtual host before it: else the name by identd is there."""

_FIRST = rb"\S+ (?!" + ADDRESS + rb" )"
_COMMON = re.compile(_FIRST + LINE + rb"\s*")
_COMBINED = re.compile(_FIRST + LINE + rb" " + _QUOTED + rb" " + _QUOTED + rb".*", re.DOTALL)

# A date is what stands last in brackets before the request: a user may be called anything. Zones end at +14:00.
# A quote inside a field is written as \" and a backslash as \\, so pairs of backslashes go first: as a slash,
# because that is what a backslash means in a URL. A field is then the text between two quotes: 1 before the
# request, 2 request, 3 status and size, 4 referrer, 6 user agent. A target may hold spaces.
PARTS: Final = r"""splitByChar('"', replaceAll(replaceAll(line, '\\\\', '/'), '\\"', '\''))"""
AGENT: Final = "toLowCardinality(if(length(parts) < 6, NULL, if(parts[6] = '-', '', parts[6])))"
METHOD: Final = "substringIndex(parts[2], ' ', 1)"
TARGET: Final = """substring(parts[2], length(method) + 2, length(parts[2]) - length(method) - if(
        startsWith(substringIndex(parts[2], ' ', -1), 'HTTP/'), length(substringIndex(parts[2], ' ', -1)) + 2, 1)
    )"""
COLUMNS: Final = rf"""
    substringIndex(parts[1], '[', -1) AS date,
    if(match(date, '^.{{20}} [+-](?:0[0-9]|1[0-4])[0-5][0-9]\\]'),
        parseDateTimeOrNull(substring(date, 1, 26), '%d/%b/%Y:%H:%i:%s %z', 'UTC'), NULL) AS ts,
    {METHOD} AS method,
    {TARGET} AS target,
    toUInt16OrZero(extract(parts[3], '^ ([0-9]{{3}})(?: |$)')) AS status,
    user_agent,
    multiIf(ts IS NULL, 'no date in [brackets]', length(parts) < 3, 'no request in quotes',
            status = 0, 'no status code', '') AS reason,
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
"""  # noqa: S608 - our own words

COMBINED = Format(
    "combined", "Apache/nginx combined", lambda line: bool(_COMBINED.fullmatch(line)), _PARSE, quoted=True
)
COMMON = Format("common", "Apache/nginx common", lambda line: bool(_COMMON.fullmatch(line)), _PARSE)
