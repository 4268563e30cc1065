"""Cloudflare Logpush, dataset ``http_requests``: JSON lines of the fields that the job names.

https://developers.cloudflare.com/logs/logpush/logpush-job/datasets/zone/http_requests/. Times are RFC 3339, Unix
seconds or nanoseconds, as the job's ``timestamp_format`` says. What a Worker fetches is logged as a request of its
own (https://developers.cloudflare.com/logs/logpush/logpush-job/subrequests/): the visitor's is the one to count.
"""

from crawlight.ingest.importers.format import CHUNK, NO_REQUEST, NOT_PEOPLE, Format, json_object, moment

_ENTRY = """Tuple(
    EdgeStartTimestamp Nullable(String), ClientIP String, ClientRequestHost String,
    ClientRequestMethod Nullable(String), ClientRequestURI String, ClientRequestPath String,
    ClientRequestUserAgent Nullable(String), EdgeResponseStatus Nullable(UInt16),
    ClientRequestSource String, WorkerSubrequest UInt8)"""

_VISITORS = "('', 'unknown', 'eyeball', 'orangeToOrange')"

_PARSE = f"""
SELECT
    {moment("entry.EdgeStartTimestamp")} AS ts,
    ifNull(entry.ClientRequestMethod, '') AS method,
    if(entry.ClientRequestURI = '', entry.ClientRequestPath, entry.ClientRequestURI) AS target,
    ifNull(entry.EdgeResponseStatus, 0) AS status,
    user_agent,
    host,
    entry.ClientIP AS address,
    multiIf(entry.WorkerSubrequest OR entry.ClientRequestSource NOT IN {_VISITORS}, '{NO_REQUEST}',
        entry.ClientRequestMethod IS NULL, 'no JSON with ClientRequestMethod',
        ts IS NULL, 'no time in EdgeStartTimestamp', '') AS reason,
    if(reason = '', '', line) AS rejected_line
FROM (
    SELECT line, JSONExtract(line, '{_ENTRY}') AS entry,
        toLowCardinality(entry.ClientRequestHost) AS host,
        toLowCardinality(entry.ClientRequestUserAgent) AS user_agent
    FROM {CHUNK}
)
WHERE {NOT_PEOPLE}
"""  # noqa: S608 - our own words

_NEEDED = {"EdgeStartTimestamp", "ClientRequestMethod"}


def _recognises(line: bytes) -> bool:
    entry = json_object(line) or {}
    return entry.keys() >= _NEEDED and not entry.keys().isdisjoint({"ClientRequestURI", "ClientRequestPath"})


CLOUDFLARE = Format("cloudflare", "Cloudflare Logpush", _recognises, _PARSE, hosts=True)
