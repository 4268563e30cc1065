"""Access logs of AWS Application Load Balancers.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html: fields are
separated by spaces, request and user agent are quoted; new fields come at the end. The request holds the whole
URL, and with it the host. The time is when the answer was given.
"""

import re

from crawlight.ingest.importers.format import CHUNK, NOT_PEOPLE, Format, moment
from crawlight.ingest.importers.ncsa import METHOD, PARTS, TARGET

_QUOTED = rb'"(?:[^"\\]|\\.)*"'
_LINE = re.compile(
    rb"(?:https?|h2|wss?|grpcs?) \d{4}-\d\d-\d\dT[\d:.]+Z \S+ \S+ \S+(?: -?[\d.]+){3} (?:\d{3}|-) (?:\d{3}|-) \d+ \d+ "
    + _QUOTED
    + rb" "
    + _QUOTED
    + rb" .*",
    re.DOTALL,
)

_MEASURES = (("size", ""), ("duration", "s"))

# The time is that of three parts, each -1 where it did not come to it.
# 1 before the request, 2 request, 3 a space, 4 user agent. Of the first, field 2 is the time, 4 client and port, and
# 9 the status, a dash where the client had gone.
_PARSE = f"""
SELECT
    {moment("fields[2]")} AS ts,
    {METHOD} AS method,
    {TARGET} AS target,
    toUInt16OrZero(fields[9]) AS status,
    user_agent,
    host,
    fields[12] AS size,
    multiIf(arrayExists(one -> one IS NULL, taken), '?', arrayExists(one -> one < 0, taken), '',
        toString(round(arraySum(one -> ifNull(one, 0), taken), 6))) AS duration,
    fields[4] AS address,
    multiIf(length(parts) < 5, 'no request and user agent in quotes', ts IS NULL, 'no time in the second field',
        '') AS reason,
    if(reason = '', '', line) AS rejected_line
FROM (
    SELECT line, {PARTS} AS parts, splitByChar(' ', parts[1]) AS fields,
        arrayMap(text -> toFloat64OrNull(text), arraySlice(fields, 6, 3)) AS taken,
        toLowCardinality(if(length(parts) < 5, NULL, if(parts[4] = '-', '', parts[4]))) AS user_agent,
        toLowCardinality(splitByChar('/', parts[2])[3]) AS host
    FROM {CHUNK}
)
WHERE {NOT_PEOPLE}
"""  # noqa: S608 - our own words

ALB = Format(
    "alb", "AWS ALB", lambda line: bool(_LINE.fullmatch(line)), _PARSE, hosts=True, measures=_MEASURES
)
