"""The combined and the common log format of Apache and nginx.

Combined is common with the quoted referrer and user agent behind it
(https://httpd.apache.org/docs/2.4/logs.html). One query parses both; it was checked line by line against a
strict regular expression on real logs, and costs a fraction of one.
"""

import re

from crawlight.ingest.importers.format import Format

_QUOTED = rb'"(?:[^"\\]|\\.)*"'
_DATE = rb"\[\d{2}/[A-Z][a-z]{2}/\d{4}(?::\d{2}){3} [+-]\d{4}\]"
_LINE = rb"\S+ \S+ [^\[]*" + _DATE + rb" " + _QUOTED + rb" \d{3} (?:\d+|-)"
_COMMON = re.compile(_LINE + rb"\s*")
_COMBINED = re.compile(_LINE + rb" " + _QUOTED + rb" " + _QUOTED + rb".*", re.DOTALL)

# A quote inside a field is written as \" and a backslash as \\, so pairs of backslashes go first: as a slash,
# because that is what a backslash means in a URL. A field is then the text between two quotes: 1 before the
# request, 2 request, 3 status and size, 4 referrer, 6 user agent. A target may hold spaces.
_PARSE = r"""
SELECT
    parseDateTimeOrNull(substring(line, position(line, '[') + 1, 26), '%d/%b/%Y:%H:%i:%s %z', 'UTC') AS ts,
    substringIndex(parts[2], ' ', 1) AS method,
    substring(parts[2], length(method) + 2, length(parts[2]) - length(method) - if(
        startsWith(substringIndex(parts[2], ' ', -1), 'HTTP/'), length(substringIndex(parts[2], ' ', -1)) + 2, 1)
    ) AS target,
    toUInt16OrZero(substring(parts[3], 2, 3)) AS status,
    user_agent,
    substring(line, 1, position(line, ' ') - 1) AS address,
    multiIf(ts IS NULL, 'no date in [brackets]', length(parts) < 3, 'no request in quotes',
            status = 0, 'no status code', '') AS reason,
    if(reason = '', '', line) AS rejected_line
FROM (
    SELECT line, splitByChar('"', replaceAll(replaceAll(line, '\\\\', '/'), '\\"', '\'')) AS parts,
        toLowCardinality(if(length(parts) < 6, NULL, if(parts[6] = '-', '', parts[6]))) AS user_agent
    FROM file({chunk:String}, 'LineAsString', 'line String')
)
WHERE user_agent IS NULL OR user_agent NOT IN (SELECT user_agent FROM import_people)
"""

COMBINED = Format("combined", "Apache/nginx combined", lambda line: bool(_COMBINED.fullmatch(line)), _PARSE)
COMMON = Format("common", "Apache/nginx common", lambda line: bool(_COMMON.fullmatch(line)), _PARSE)
