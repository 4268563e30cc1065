"""Lines of all kinds are known by themselves, whoever wrote them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from crawlight.errors import UserError
from crawlight.events.store import MEMORY, EventsStore
from tests.ingest.test_identity import FRESH, LISTED, STRANGE
from tests.ingest.unkind import CASES
from tests.ingest.whole import read

GPTBOT: Final = (
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.3; +https://openai.com/gptbot)"
)
CHROME: Final = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
)
WILD: Final = Path(__file__).with_name("data") / "wild"


@pytest.fixture(scope="module")
def store() -> Iterator[EventsStore]:
    store = EventsStore(MEMORY)
    yield store
    store.close()


@pytest.mark.parametrize("name", CASES)
def test_what_a_line_holds_is_found_out(store: EventsStore, name: str) -> None:
    case = CASES[name]
    hosts = ("example.com", "other.net") if case.host else ("example.com",)
    filled = [
        case.line.format(h=host, a=address, u=agent)
        for host in hosts
        for address, agent in ((LISTED, GPTBOT), (STRANGE, GPTBOT), (LISTED, CHROME))
    ]
    whole = read(store, "\n".join(filled).encode(), identity=FRESH)
    assert whole.counts() == {"crawls": 2, "people": 1} | ({"other_hosts": 3} if case.host else {}), (
        whole.chosen.why
    )
    assert whole.paths() == ["/p1?x=1"] * 2
    assert {(record["status"], record["ts"]) for record in whole.records} == {(case.status, case.ts)}
    assert sorted(whole.identities()) == ["spoofed", "verified"]


@pytest.mark.parametrize(
    ("name", "counts"),
    {
        "behind_proxy": {"crawls": 2, "people": 1},
        "caddy_console": {"crawls": 2, "people": 1},
        "docker-json": {"crawls": 3},
        "esc": {"crawls": 1, "rejected": 1},
        "host_last_other": {"other_hosts": 3},
        "iis": {"crawls": 3, "no_request": 4},
        "ingress-old-1116": {"crawls": 3},
        "iso_in_combined": {"crawls": 2, "people": 1},
        "lighttpd_other": {"crawls": 1, "other_hosts": 2},
        "litespeed_real": {"crawls": 2},
        "nginx-port": {"crawls": 3},
        "npm-proxy": {"crawls": 3},
        "rt_before_request": {"crawls": 2, "people": 1},
        "syslog_prefix": {"crawls": 2, "people": 1},
        "ua_raw_quote": {"crawls": 2},
        "xff_first_multi": {"crawls": 2, "people": 1},
    }.items(),
)
def test_logs_after_public_reports(store: EventsStore, name: str, counts: dict[str, int]) -> None:
    assert read(store, (WILD / f"{name}.log").read_bytes()).counts() == counts


def line(agent: str = GPTBOT, path: str = "/p1") -> str:
    return CASES["combined"].line.format(a=LISTED, u=agent).replace("/p1?x=1", path)


@pytest.mark.parametrize("time", ["03/04/2026 08:00:01", "28/Nov/2026:08:00:01 CST"])
def test_times_that_can_be_several_are_not_guessed(store: EventsStore, time: str) -> None:
    odd = CASES["combined"].line.format(a=LISTED, u=GPTBOT).replace("28/Nov/2026:08:00:01 +0000", time)
    with pytest.raises(UserError, match="but not the time"):
        read(store, "\n".join([odd, odd]).encode())


@pytest.mark.parametrize("common", [1, 250])
def test_several_formats_in_one_file_are_told(store: EventsStore, common: int) -> None:
    """Also where the others come behind the first lines; hosts decide where a line has one."""
    hosts = [f"{host} {line()}" for host in ("example.com", "other.net")]
    whole = read(store, "\n".join([*[line()] * common, line(CHROME), *hosts]).encode())
    assert whole.counts() == {"crawls": common + 1, "people": 1, "other_hosts": 1}
    assert whole.staged.formats.total() == min(common + 1, 2)


@pytest.mark.parametrize(
    ("odd", "bucket"),
    [
        (line('Mozilla/5.0 "quoted" (compatible; GPTBot/1.3)'), "crawls"),
        (line('"GPTBot/1.3"'), "crawls"),
        (line('Mozilla "GPTBot/1.3 (x)'), "crawls"),
        (line(path='/p1?q="a b"'), "crawls"),
        (line().replace('"-" "Moz', '"https://x.example/?q="a b"" "Moz'), "crawls"),
        (line('Mozilla/5.0" "GPTBot/1.3'), "rejected"),
        (line().removesuffix('"'), "crawls"),
        (line().replace("- - [", '- "" [', 1), "crawls"),
        (line().replace("- - [", "- Jane van Doe [", 1), "crawls"),
        (line() + ' "10.1.1.1"', "crawls"),
    ],
)
def test_quotes_inside_of_fields_make_nobody_a_person(store: EventsStore, odd: str, bucket: str) -> None:
    whole = read(store, "\n".join([line(path="/")] * 3 + [odd, line(path="/")]).encode())
    assert whole.counts() == {"crawls": 4} | ({bucket: 1} if bucket != "crawls" else {"crawls": 5})


@pytest.mark.parametrize("common", [3, 250])
def test_json_in_a_log_of_text(store: EventsStore, common: int) -> None:
    record = '{"time":"2026-11-28T08:00:01Z","ip":"%s","host":"%s","request":"GET /p1 HTTP/1.1","ua":"%s"}'
    caddy = (
        '{"ts":1795852801.5,"msg":"%s","status":200,"request":{"client_ip":"%s","method":"GET","host":"example.com",'
        '"uri":"/p1","headers":{"User-Agent":["%s"]}}}'
    )
    odd = [
        record % (LISTED, "example.com", GPTBOT),
        record % (LISTED, "other.net", GPTBOT),
        record % (LISTED, "example.com", CHROME),
        caddy % ("handled request", STRANGE, GPTBOT),
        caddy % ("NOP", STRANGE, GPTBOT),
        '{"level":"error","time":"2026-11-28T08:00:01Z","msg":"no request"}',
        "{broken",
    ]
    whole = read(store, "\n".join([*[line()] * common, *odd]).encode(), identity=FRESH)
    assert whole.counts() == {"crawls": common + 2, "people": 1, "other_hosts": 1, "rejected": 3}
    assert sorted(whole.identities()) == ["spoofed", *["verified"] * (common + 1)]
    assert {(record["path"], record["ts"]) for record in whole.records[-2:]} == {("/p1", 1795852801)}
    assert whole.staged.formats["JSON lines"] == 4


def test_paths_that_begin_with_the_host(store: EventsStore) -> None:
    """As Akamai logs them."""
    lines = [line(path=f"/{host}/p1") for host in ("example.com", "other.net", "www.example.com")]
    whole = read(store, "\n".join(lines).encode())
    assert whole.counts() == {"crawls": 2, "other_hosts": 1}
    assert whole.paths() == ["/p1", "/p1"]
