"""Lines of JSON, whoever writes them: what stands where is learned from the first ones, and one query reads all.

``json_keys`` has the names under which servers, CDNs and shippers are known to write what, ``--key`` says others.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

import msgspec

from crawlight.errors import UserError
from crawlight.ingest.importers.format import CHUNK, NO_REQUEST, Format, json_object
from crawlight.ingest.importers.json_one import read, read_by
from crawlight.ingest.importers.json_plan import Plan, learn
from crawlight.ingest.importers.json_query import VALID, Extraction
from crawlight.ingest.importers.json_records import logged, value_at
from crawlight.ingest.layouts.request import PROTOCOL_SQL

# Each value is named once, because every mention of it is analysed anew for every chunk; what people's lines hold
# besides is not looked at.
_PARSE: Final = """
SELECT
    {moment} AS ts,
    {method} AS method,
    {target} AS target,
    toUInt16OrZero({status}) AS status,
    user_agent,
    {host}
    {address} AS address,{measures}
    multiIf(skipped, '{no_request}', nothing, if(isValidJSON(line), '{no_request}', 'no JSON'),
        ts IS NULL, 'no time that can be read', target = '', 'no path', '') AS reason,
    if(reason = '', '', line) AS rejected_line
FROM (
    SELECT line, user_agent, site, {skipped} AS skipped, {nothing} AS nothing, {texts}
    FROM (
        SELECT line, JSONExtract({valid}, '{type}') AS entry,
            toLowCardinality({site}) AS site,
            toLowCardinality({user_agent}) AS user_agent
        FROM {chunk}
    )
    WHERE user_agent IS NULL OR user_agent NOT IN (SELECT user_agent FROM import_people) {or_other_host}
)
"""

# The words of a request line: method, target, which may hold spaces itself, protocol.
_TARGET: Final = f"""arrayStringConcat(arraySlice(splitByChar(' ', {{request}}) AS words, 2,
        length(words) - 1 - {PROTOCOL_SQL.format("words[-1]")}), ' ')"""

# By kind, as `TIMES` has them, when a time is one of it, and its Unix seconds: only those that the first lines have are
# asked for, and lines with another are read one by one. 11 digits are seconds until the year 5138, milliseconds before
# 1973. Texts without a zone are taken for UTC.
_MOMENTS: Final = {
    "number": (
        "match(moment_text, '^[0-9]{1,19}([.][0-9]*)?$')",
        """intDiv(toInt64OrNull(substringIndex(moment_text, '.', 1)) AS moment_number,
            multiIf(moment_number < 100000000000, 1, moment_number < 100000000000000, 1000,
                moment_number < 100000000000000000, 1000000, 1000000000))""",
    ),
    "ncsa": (
        "match(moment_text, '^[[]?[0-9]{2}/[A-Z]')",
        """toInt64(parseDateTimeOrNull(concat(substring(trimLeft(moment_text, '[') AS moment_date, 1, 20), ' ',
            multiIf(match(moment_date, '[+-][0-9]{4}[]]?$'), substring(trimRight(moment_date, ']'), -5),
                match(moment_date, '[+-][0-9]{2}(:[0-9]{2})?[]]?$'),
                rightPad(replaceOne(extract(moment_date, '([+-][0-9:]+)[]]?$'), ':', ''), 5, '0'), '+0000')),
            '%d/%b/%Y:%H:%i:%s %z', 'UTC'))""",
    ),
    "iso": (
        "match(moment_text, '^[[]?[0-9]{4}[-/]?[0-9]{2}[-/]?[0-9]{2}[T ][0-9]')",
        """toUnixTimestamp64Second(parseDateTime64BestEffortOrNull(
            replaceOne(trim(BOTH '[]' FROM moment_text), ',', '.'), 0, 'UTC'))""",
    ),
    "words": (
        "match(moment_text, '^[A-Z][a-z]{2} [0-9]{1,2}, [0-9]{4}')",
        """toUnixTimestamp64Second(parseDateTime64BestEffortOrNull(replaceRegexpOne(moment_text,
            '^([A-Z][a-z]{2}) ([0-9]{1,2}), ([0-9]{4}),?( @)? ', '\\\\2 \\\\1 \\\\3 '), 0, 'UTC'))""",
    ),
    "rfc1123": (
        "match(moment_text, '^[A-Z][a-z]{2}, [0-9]')",
        "toUnixTimestamp64Second(parseDateTime64BestEffortOrNull(moment_text, 0, 'UTC'))",
    ),
}


def _fitted(lines: Sequence[bytes], given: Mapping[str, str], wanted: str | None = None) -> Format:
    records = [record for record in map(json_object, lines) if record]
    if not records:
        raise UserError("no line is JSON")
    plan = learn(records, given, wanted)
    title = plan.writer.title if plan.writer else "JSON"
    return msgspec.structs.replace(
        JSON,
        name=plan.writer.format if plan.writer else JSON.name,
        title=title,
        recognises=partial(_recognises, plan),
        read=partial(read_by, plan),
        parse=_query(plan),
        hosts=plan.hosts,
        measures=(*plan.measures.items(),),
        note=plan.note() if plan.hosts else f"{plan.note()}; no host in it: all lines count for the domain",
    )


def _recognises(plan: Plan, line: bytes) -> bool:
    """Whether a line is a request: it has a time, a target and no value by which it is none."""
    record = json_object(line)
    if record is None:
        return False

    def has(role: str) -> bool:
        return any(value_at(record, place) is not None for place in plan.places.get(role, ()))

    skipped = any(
        (value := value_at(record, place)) is not None and logged(value) not in values
        for place, values in plan.only
    )
    asked = any(map(has, ("method", "request", "user_agent")))
    return not skipped and asked and has("time") and (has("target") or has("request"))


def _query(plan: Plan) -> str:
    entry = Extraction(
        [place for places in plan.places.values() for place in places] + [one for one, _ in plan.only]
    )
    sql = {role: _first([entry.value(place) for place in places]) for role, places in plan.places.items()}
    values = {role: f"ifNull({value}, '')" for role, value in sql.items()}
    texts = {f"{role}_text": value for role, value in values.items()} | {"moment_text": _time(values)}
    text = {role: f"{role}_text" for role in values}
    target = _target(text)
    words = {
        "moment": _moment(plan.times),
        "method": _method(text),
        "target": target,
        "status": text.get("status", "''"),
        "address": _chain(text),
        "measures": "".join(f"\n    {text[role]} AS {role}," for role in plan.measures),
        "host": f"{_host(target)} AS host," if plan.hosts else "",
        "texts": ", ".join(f"{value} AS {name}" for name, value in texts.items()),
        "site": _site(plan, values),
        "user_agent": _user_agent(plan, sql),
        "skipped": _skipped(plan, entry),
        "nothing": _nothing(sql),
        "or_other_host": "OR site NOT IN (SELECT host FROM import_hosts)" if plan.hosts else "",
    }
    return _PARSE.format(**words, type=entry.type(), valid=VALID, chunk=CHUNK, no_request=NO_REQUEST)


def _moment(kinds: Sequence[str]) -> str:
    branches = ", ".join(f"{fits}, {seconds}" for fits, seconds in map(_MOMENTS.__getitem__, kinds))
    return (
        f"if((multiIf({branches}, NULL) AS moment_value) BETWEEN 1 AND 4294967295,"
        " toDateTime(moment_value, 'UTC'), NULL)"
    )


def _first(several: Sequence[str]) -> str:
    return several[0] if len(several) == 1 else f"coalesce({', '.join(several)})"


def _time(text: Mapping[str, str]) -> str:
    return f"concat({text['date']}, ' ', {text['time']})" if "date" in text else text["time"]


def _method(text: Mapping[str, str]) -> str:
    if "method" in text:
        return f"upper({text['method']})"
    return f"substringIndex({text['request']}, ' ', 1)" if "request" in text else "'GET'"


def _target(text: Mapping[str, str]) -> str:
    """The target, with the query that stands apart from it."""
    target = text["target"] if "target" in text else _TARGET.format(request=text["request"])
    if "query" not in text:
        return target
    query = f"trimLeft({text['query']}, '?')"
    return f"concat({target} AS asked, if({query} IN ('', '-') OR position(asked, '?') > 0, '', concat('?', {query})))"


def _site(plan: Plan, text: Mapping[str, str]) -> str:
    """The host as people's lines are told apart by."""
    host = text.get("host", "''")
    return f"if({_is_absolute(text['target'])}, domain({text['target']}), {host})" if plan.absolute else host


def _host(target: str) -> str:
    """The host of the target where it names one: that is what was asked for."""
    return f"if({_is_absolute('target')}, toLowCardinality(domain(target)), site)" if target else "site"


def _is_absolute(target: str) -> str:
    return f"startsWith({target}, 'http') AND position({target}, '://') IN (5, 6)"


def _chain(text: Mapping[str, str]) -> str:
    """What the record says of the visitor's address, the farthest first."""
    sources = [text[role] for role in ("visitor", "forwarded", "address") if role in text]
    return f"arrayStringConcat([{', '.join(sources)}], ',')" if len(sources) > 1 else (sources or ["''"])[0]


def _user_agent(plan: Plan, sql: Mapping[str, str]) -> str:
    """A record of a request that has none was sent without: many leave out what is empty."""
    if "user_agent" not in sql:
        return "NULL::Nullable(String)"
    agent = sql["user_agent"]
    if plan.encoded:
        agent = f"decodeURLComponent({agent})" if plan.encoded == "url" else f"replaceAll({agent}, '+', ' ')"
    asked = sql.get("method") or sql.get("request") or sql["target"]
    return f"multiIf(({agent} AS sent) = '-', '', sent IS NULL AND {asked} IS NOT NULL, '', sent)"


def _skipped(plan: Plan, entry: Extraction) -> str:
    conditions = [
        f"ifNull({entry.value(place)}, '{values[0]}') NOT IN ({', '.join(map(repr, values))})"
        for place, values in plan.only
    ]
    return " OR ".join(conditions) or "0"


def _nothing(sql: Mapping[str, str]) -> str:
    """Whether a record holds no request at all."""
    asked = [sql[role] for role in ("method", "request") if role in sql] or [sql["target"]]
    return " AND ".join(
        f"{value} IS NULL" for value in [*asked, *([sql["user_agent"]] if "user_agent" in sql else [])]
    )


JSON: Final = Format("json", "JSON lines", lambda _line: False, "", hosts=True, fitted=_fitted, read=read)
JSON_FORMATS: Final = (
    JSON,
    *(
        msgspec.structs.replace(JSON, name=name, title=title, read=None, fitted=partial(_fitted, wanted=name))
        for name, title in (("caddy", "Caddy JSON"), ("cloudflare", "Cloudflare Logpush"))
    ),
    # Its name from the time when it was the only one whose keys were looked for.
    msgspec.structs.replace(JSON, name="nginx-json", title="nginx JSON", read=None),
)
