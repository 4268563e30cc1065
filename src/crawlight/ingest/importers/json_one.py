"""One line of JSON read by itself: in a log of text, where what stands where is learned from each line alone."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final
from urllib.parse import unquote

import msgspec

from crawlight.errors import UserError
from crawlight.ingest.importers.format import json_object
from crawlight.ingest.importers.json_plan import Plan, learn
from crawlight.ingest.importers.json_records import logged, value_at
from crawlight.ingest.layouts.moments import unix_seconds
from crawlight.ingest.layouts.request import Request, method_and_target
from crawlight.ingest.measures import reader_of

_ADDRESSES: Final = ("visitor", "forwarded", "address")


def read(line: bytes) -> Request | str:
    """What a record says, or why it says nothing."""
    record = json_object(line) if line.lstrip().startswith(b"{") else None
    if record is None:
        return "no JSON"
    plan = _plan(record)
    return plan if isinstance(plan, str) else _read(plan, record)


def read_by(plan: Plan, line: bytes) -> Request | str:
    """What a record says by a plan that is known, or why it says nothing."""
    record = json_object(line)
    return "no JSON" if record is None else _read(plan, record)


def _read(plan: Plan, record: Mapping[str, object]) -> Request | str:
    texts = {role: text for role in plan.places if (text := _text(record, plan, role)) is not None}
    found = ((value_at(record, place), values) for place, values in plan.only)
    if any(value is not None and logged(value) not in values for value, values in found):
        return "not a visitor's request"
    return _request(plan, texts)


def _plan(record: Mapping[str, object]) -> Plan | str:
    return _learned(msgspec.json.encode(record))


@lru_cache(64)
def _learned(record: bytes) -> Plan | str:
    try:
        return learn([msgspec.json.decode(record)], {})
    except UserError as error:
        return str(error)


def _text(record: Mapping[str, object], plan: Plan, role: str) -> str | None:
    found = (value_at(record, place) for place in plan.places[role])
    value = next((one for one in found if isinstance(one, str | int | float)), None)
    return f"{value:.6f}" if isinstance(value, float) else None if value is None else str(value)


def _request(plan: Plan, texts: Mapping[str, str]) -> Request | str:
    time = f"{texts.get('date', '')} {texts.get('time', '')}".strip()
    moment = unix_seconds(time.strip("[]"), "any")
    if moment is None:
        return "no time that can be read"
    method, target = texts.get("method", "GET").upper(), texts.get("target", "")
    if "request" in texts:
        method, target = (one.decode() for one in method_and_target(texts["request"].encode()))
    if not target:
        return "no path"
    query = texts.get("query", "").removeprefix("?")
    if query not in ("", "-") and "?" not in target:
        target += f"?{query}"
    status = texts.get("status", "").partition(".")[0]
    return Request(
        ts=moment,
        user_agent=_agent(plan, texts.get("user_agent", "")).encode("utf-8", "surrogatepass"),
        method=method.encode(),
        target=target.encode("utf-8", "surrogatepass"),
        status=int(status) if status.isdigit() else 0,
        size=_measured(plan, "size", texts),
        milliseconds=_measured(plan, "duration", texts),
        client=",".join(texts[role] for role in _ADDRESSES if role in texts).replace(" ", "").encode(),
        host=texts["host"].encode() if "host" in texts else None,
    )


def _agent(plan: Plan, text: str) -> str:
    if plan.encoded:
        text = unquote(text) if plan.encoded == "url" else text.replace("+", " ")
    return "" if text == "-" else text


def _measured(plan: Plan, role: str, texts: Mapping[str, str]) -> int:
    units = plan.measures
    return reader_of(role, units)(texts.get(role, "").encode()) if role in units else 0
