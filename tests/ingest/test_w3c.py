"""W3C's extended log format: whatever fields its header names, in any order, and others further down."""

from collections.abc import Iterator
from typing import Final

import pytest

from crawlight.errors import UserError
from crawlight.events.store import MEMORY, EventsStore
from tests.ingest.whole import read

AGENT: Final = "Mozilla/5.0+(compatible;+Googlebot/2.1;++http://www.google.com/bot.html)"
IIS: Final = (
    "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer)"
    " sc-status sc-substatus sc-win32-status time-taken"
)
HOSTS: Final = "#Fields: date time cs-host c-ip cs(User-Agent) sc-status cs-method cs-uri-query cs-uri-stem"


@pytest.fixture(scope="module")
def store() -> Iterator[EventsStore]:
    store = EventsStore(MEMORY)
    yield store
    store.close()


def iis(path: str, query: str = "-") -> str:
    return f"2026-11-28 10:00:01 10.0.0.1 GET {path} {query} 443 - 66.249.66.1 {AGENT} - 200 0 0 15"


def hosts(path: str, host: str = "example.com") -> str:
    return f"2026-11-28 10:00:02 {host} 66.249.66.1 {AGENT} 301 GET - {path}"


def log(*lines: str) -> bytes:
    return "\r\n".join(lines).encode()


def test_fields_in_any_order_and_others_in_the_middle(store: EventsStore) -> None:
    head = (
        "#Software: Microsoft Internet Information Services 10.0",
        "#Version: 1.0",
        "#Date: 2026-11-28 10:00:00",
    )
    whole = read(
        store,
        log(
            *head,
            IIS,
            iis("/p1", "b=1&a=2"),
            "junk",
            *head,
            HOSTS,
            hosts("/p2"),
            hosts("/p3", "other.net"),
            IIS,
            iis("/p4"),
        ),
    )
    assert whole.counts() == {"crawls": 3, "other_hosts": 1, "rejected": 1, "no_request": 9}
    assert whole.paths() == ["/p1?a=2&b=1", "/p2", "/p4"]
    assert [record["status"] for record in whole.records] == [200, 301, 200]
    assert whole.staged.rejected[0].line == 6
    assert {record["agent"] for record in whole.records} == {"Googlebot"}


def test_fields_that_lack_something_reject_their_lines_alone(store: EventsStore) -> None:
    whole = read(
        store, log(IIS, iis("/p1"), "#Fields: date time cs-method cs-uri-stem", "2026-11-28 10:00:01 GET /p2")
    )
    assert whole.counts() == {"crawls": 1, "no_request": 2, "rejected": 1}
    assert "lacks the user agent" in whole.staged.rejected[0].reason
    with pytest.raises(UserError, match="lacks the user agent"):
        read(store, log("#Fields: date time cs-method cs-uri-stem", "2026-11-28 10:00:01 GET /p2"))


def test_a_header_that_is_said(store: EventsStore) -> None:
    whole = read(store, log(iis("/p1"), iis("/p2")), said=IIS)
    assert whole.counts() == {"crawls": 2}


def test_akamai_quotes_values_and_begins_paths_with_the_host(store: EventsStore) -> None:
    fields = (
        "date time cs-ip cs-method cs-uri sc-status sc-bytes time-taken cs(Referer) cs(User-Agent) cs(Cookie)"
    )
    line = "2026-11-28\t10:00:01\t66.249.66.1\tGET\t/{}/p1?a=1\t200\t5\t1\t"
    line += '"-"\t"Mozilla/5.0 (compatible; Googlebot/2.1)"\t"-"'
    whole = read(
        store,
        log("#Version: 1.0", "#Fields: " + fields, line.format("example.com"), line.format("other.net")),
    )
    assert whole.counts() == {"crawls": 1, "other_hosts": 1, "no_request": 2}
    assert whole.paths() == ["/p1?a=1"]
