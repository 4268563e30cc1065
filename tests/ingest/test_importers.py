"""Every importer on lines made after its vendor's documentation, and on what nobody ever documented."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from crawlight.bots.matcher import classify
from crawlight.errors import UserError
from crawlight.ingest.importers.choosing import choose_format
from crawlight.ingest.importers.formats import FORMATS as FORMATS_BY_NAME
from crawlight.ingest.importers.json_keys import KEYS
from crawlight.ingest.importers.json_keys import WRITERS as JSON_WRITERS
from crawlight.ingest.importing import Importer
from crawlight.kit.urls import canonical_path, kind_of
from tests.ingest.conftest import Place, target_of
from tests.ingest.lines import HEADER, WRITERS, Hit, combined, log
from tests.ingest.naive import Seen
from tests.ingest.test_importing import CHROME, GPTBOT, written

pytestmark = pytest.mark.anyio

GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
FORMATS = pytest.mark.parametrize("writer", WRITERS)
# Of formats that differ in the time alone one is enough where chance decides.
FUZZED = pytest.mark.parametrize("writer", [name for name in WRITERS if " in " not in name])
# Shrinking takes minutes, and a log of a few lines is read as it is.
QUICK = settings(
    max_examples=6,
    deadline=None,
    phases=[Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def expected(hits: list[Hit]) -> list[Seen]:
    """What the requests come to, said without any log."""
    return sorted(filter(None, map(_record, hits)))


def _record(hit: Hit) -> Seen | None:
    agent, path = classify(hit.agent or ""), canonical_path(hit.target)
    ours = hit.host.lower().removeprefix("www.") == "example.com"
    if (
        agent is None
        or path is None
        or not ours
        or hit.method not in ("GET", "HEAD")
        or kind_of(path) == "asset"
    ):
        return None
    kind = "library" if agent.category == "library" else kind_of(path)
    return Seen(hit.ts, kind, agent.name, agent.key or "", hit.status, path)


@FORMATS
async def test_a_log_comes_to_what_was_requested(place: Place, tmp_path: Path, writer: str) -> None:
    hits = [
        Hit(),
        Hit(target="/a?b=1&a=2&utm_source=x", agent=GPTBOT, host="www.example.com"),
        Hit(target="/%C3%A9t%C3%A9/a%20b%2Fc?q=%26%25", agent=GOOGLEBOT, status=404),
        Hit(target="/a|b[c]/~d?x={y}|z"),
        Hit(target="/robots.txt", agent=GOOGLEBOT),
        Hit(target="/app.js"),
        Hit(agent=CHROME),
        Hit(agent=None, target="/none"),
        Hit(agent="curl/8.0", method="HEAD"),
        Hit(method="POST"),
        Hit(host="other.example"),
        Hit(host="other.example", agent=CHROME),
        Hit(ts=datetime(2020, 2, 29, 23, 59, 59, tzinfo=UTC), address="2001:db8::1"),
    ]
    imported = await place.import_file(written(tmp_path / "access.log", log(writer, *hits)))
    buckets = imported.staged.buckets
    assert place.rows() == expected(hits)
    assert (buckets["people"], buckets["other_hosts"], buckets["other_methods"], buckets["assets"]) == (
        1,
        2,
        1,
        1,
    )
    assert buckets.total() == imported.staged.lines
    assert imported.staged.hosts.total() == 2
    assert imported.staged.domains == {1: buckets["crawls"]}


@FORMATS
async def test_people_of_later_chunks_and_strange_hosts_are_counted_alike(
    place: Place, tmp_path: Path, writer: str
) -> None:
    place.chunk_bytes = 2_000
    hits = [Hit(agent=CHROME), Hit(), Hit(agent=CHROME, host="other.example"), Hit(host="other.example")] * 20
    imported = await place.import_file(written(tmp_path / "access.log", log(writer, *hits)))
    buckets = imported.staged.buckets
    assert (buckets["crawls"], buckets["people"], buckets["other_hosts"]) == (20, 20, 40)


@FORMATS
def test_the_format_is_found_out_and_why_is_told(writer: str) -> None:
    name = writer.split()[0]
    sample = log(writer, Hit(), Hit(agent=CHROME))
    chosen = choose_format("auto", "access.log", sample)
    assert chosen.format.name == name
    assert "lines" in chosen.why
    assert choose_format(name, "access.log", sample).why.startswith(f"set by --format {name}")
    others = {"combined", "caddy", "cloudfront", "alb"} - {name, "combined" if name == "vhost" else ""}
    for other in others:
        with pytest.raises(UserError, match="--format auto finds out what it is"):
            choose_format(other, "access.log", sample)


def test_the_docs_have_every_format_and_key() -> None:
    docs = (Path(__file__).parents[2] / "docs/importing.md").read_text(encoding="utf-8")
    for name in FORMATS_BY_NAME:
        assert f"`{name}`" in docs
    for role in KEYS:
        assert f"| `{role}` |" in docs
    for one in JSON_WRITERS:
        assert one.title in " ".join(docs.split())


def test_combined_is_no_virtual_host() -> None:
    with_user = combined(Hit()).replace(b" - - ", b" - john doe ")
    for sample in (combined(Hit()), combined(Hit(address="crawler.example")), with_user):
        assert choose_format("auto", "access.log", sample).format.name == "combined"


TARGETS = st.text(
    st.characters(codec="utf-8", exclude_characters='"\\#', exclude_categories=["C", "Z"]), max_size=20
)
HITS = st.builds(
    Hit,
    ts=st.datetimes(datetime(2001, 1, 1), datetime(2099, 1, 1)).map(
        lambda moment: moment.replace(microsecond=0, tzinfo=UTC)
    ),
    target=TARGETS.map(lambda text: "/" + text),
    agent=st.sampled_from(
        [GPTBOT, GOOGLEBOT, CHROME, "curl/8", None, "NewBot/1.0 (+http://new.example/bot)"]
    ),
    host=st.sampled_from(
        ["example.com", "www.example.com", "other.example", "EXAMPLE.com", "sub.example.com"]
    ),
    method=st.sampled_from(["GET", "HEAD", "POST"]),
    status=st.integers(100, 599),
    address=st.ip_addresses().map(str),
)


@FUZZED
@QUICK
@given(hits=st.lists(HITS, min_size=1, max_size=40))
async def test_any_requests_come_to_what_they_are(
    place: Place, tmp_path: Path, writer: str, hits: list[Hit]
) -> None:
    place.services.store.command("TRUNCATE TABLE records")
    unique = Hit(target=f"/{datetime.now(UTC).timestamp()}", agent=CHROME)
    imported = await place.import_file(written(tmp_path / "access.log", log(writer, unique, *hits)))
    assert imported.staged.buckets["rejected"] == 0
    assert place.rows() == expected(hits)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)


@FUZZED
@QUICK
@given(data=st.data())
async def test_broken_lines_are_rejected_and_the_others_count(
    place: Place, tmp_path: Path, writer: str, data: st.DataObject
) -> None:
    """Lines cut, with bytes changed, with values of other types: as many lines as there were are told of."""
    number = data.draw(st.integers(1, 10))
    broken = [_broken(WRITERS[writer](Hit(agent=CHROME)), data) + b"\n" for _ in range(number)]
    body = log(writer, Hit(), Hit(target="/b")) + b"".join(broken)
    dry = Importer(place.services.database, None, place.services.store, place.identity)
    [counted] = await dry.import_file(str(written(tmp_path / "access.log", body)), target_of())
    buckets = counted.staged.buckets
    assert buckets.total() == counted.staged.lines == body.count(b"\n")
    assert buckets["crawls"] >= 2


def _broken(line: bytes, data: st.DataObject) -> bytes:
    line = line.rstrip(b"\n")
    cut, piece = data.draw(st.integers(0, len(line))), data.draw(st.binary(max_size=10)).replace(b"\n", b"")
    if line.startswith(b"{") and data.draw(st.booleans()):
        entry = json.loads(line)
        entry[data.draw(st.sampled_from(sorted(entry)))] = data.draw(JSON)
        return json.dumps(entry).encode()
    return data.draw(st.sampled_from([line[:cut], line[:cut] + piece + line[cut + 1 :], piece]))


async def test_messages_of_caddy_and_its_errors_are_no_requests(place: Place, tmp_path: Path) -> None:
    request = json.loads(WRITERS["caddy"](Hit()))
    lines = [
        request,
        {"level": "info", "ts": 1646861401.5, "logger": "tls", "msg": "finished cleaning storage units"},
        # The same request, told by its handler before it is told as handled.
        request
        | {
            "level": "error",
            "logger": "http.log.error",
            "msg": "dial tcp: connection refused",
            "status": 502,
        },
    ]
    imported = await place.import_file(
        written(tmp_path / "access.log", *(json.dumps(line).encode() + b"\n" for line in lines))
    )
    assert imported.staged.buckets == {"crawls": 1, "no_request": 2}


async def test_a_caddy_log_without_headers_recognises_nobody(place: Place, tmp_path: Path) -> None:
    entry = json.loads(WRITERS["caddy"](Hit()))
    del entry["request"]["headers"]
    imported = await place.import_file(written(tmp_path / "access.log", json.dumps(entry).encode() + b"\n"))
    assert imported.staged.buckets == {"no_user_agent": 1}


@pytest.mark.parametrize("change", [{"WorkerSubrequest": True}, {"ClientRequestSource": "edgeWorkerFetch"}])
async def test_what_a_worker_of_cloudflare_fetches_is_no_request(
    place: Place, tmp_path: Path, change: dict[str, object]
) -> None:
    entry = json.loads(WRITERS["cloudflare"](Hit()))
    lines = [json.dumps(one).encode() + b"\n" for one in (entry, entry | change)]
    imported = await place.import_file(written(tmp_path / "access.log", *lines))
    assert imported.staged.buckets == {"crawls": 1, "no_request": 1}


async def test_cloudfront_is_read_by_its_header(place: Place, tmp_path: Path) -> None:
    names = "date time cs-method cs-uri-stem sc-status cs(User-Agent) x-host-header x-edge-location"
    line = "2026-06-01\t12:00:00\tGET\t/a%2520b\t200\tGPTBot/1.3%2520(%2Bx)\texample.com\tLAX1"
    body = f"#Version: 1.0\n#Fields: {names}\n{line}\n".encode()
    imported = await place.import_file(written(tmp_path / "access.log", body))
    assert [row.path for row in place.rows()] == ["/a%20b"]
    assert "8 fields, host in x-host-header" in imported.why
    with pytest.raises(UserError, match=r"its #Fields lacks sc-status, cs\(User-Agent\)"):
        choose_format("auto", "x.log", b"#Fields: date time cs-method cs-uri-stem x-edge-location\n")


async def test_cloudfront_without_a_header_has_the_usual_fields(place: Place, tmp_path: Path) -> None:
    body = log("cloudfront", Hit(), Hit(target="/b")).removeprefix(HEADER)
    await place.import_file(written(tmp_path / "access.log", body))
    assert [row.path for row in place.rows()] == ["/", "/b"]


async def test_a_cloudfront_file_of_headers_alone_is_empty(place: Place, tmp_path: Path) -> None:
    imported = await place.import_file(written(tmp_path / "access.log", HEADER))
    assert imported.format == "empty"
    await place.import_file(written(tmp_path / "other.log", log("cloudfront", Hit())))
    assert (await place.import_file(written(tmp_path / "access.log", HEADER))).format == "empty"


@pytest.mark.parametrize("status", ["-", "000"])
async def test_a_status_that_the_server_did_not_know_is_none(
    place: Place, tmp_path: Path, status: str
) -> None:
    writer, body = ("alb", b" - 200 34") if status == "-" else ("cloudfront", b"\t000\t")
    line = WRITERS[writer](Hit()).replace(b" 200 200 34", body).replace(b"\t200\t", body)
    await place.import_file(written(tmp_path / "access.log", (HEADER if status == "000" else b"") + line))
    assert [row.status for row in place.rows()] == [0]


async def test_keys_of_json_can_be_named(place: Place, tmp_path: Path) -> None:
    entry = {
        "when": 1780315200,
        "who": GPTBOT,
        "what": "/a",
        "how": "GET",
        "args": "b=1",
        "code": 200,
        "host": "web-01.internal",
    }
    path = written(tmp_path / "access.log", json.dumps(entry).encode() + b"\n")
    with pytest.raises(UserError, match=r"no key is known for target, time, user_agent.*keys there: args, "):
        await place.import_file(path)
    keys = {"time": "when", "user_agent": "who", "target": "what", "method": "how", "host": ""}
    imported = await place.import_file(path, keys=keys)
    assert [row.path for row in place.rows()] == ["/a?b=1"]
    assert "time=when" in imported.why
    with pytest.raises(UserError, match="no line has the key nothing that --key user_agent= names"):
        await place.import_file(path, keys={"user_agent": "nothing"})


async def test_a_key_is_no_way_into_the_query(place: Place, tmp_path: Path) -> None:
    name = "time` String), 'x') --"
    path = written(
        tmp_path / "access.log", json.dumps({name: 1, "status": 200, "ua": "x", "request": "GET /"}).encode()
    )
    with pytest.raises(UserError, match="is no name of a key"):
        await place.import_file(path, keys={"time": name})


async def test_addresses_of_every_format_are_judged(place: Place, tmp_path: Path) -> None:
    from tests.ingest.test_identity import FRESH, LISTED, NOW, STRANGE

    place.identity = FRESH
    for writer in WRITERS:
        place.services.store.command("TRUNCATE TABLE records")
        hits = [Hit(ts=NOW, agent=GPTBOT, address=address) for address in (LISTED, STRANGE)]
        hits.append(
            Hit(ts=NOW - timedelta(seconds=1), agent=GPTBOT, address=LISTED, target=f"/{len(writer)}")
        )
        await place.import_file(written(tmp_path / f"{writer}.log", log(writer, *hits)))
        found = place.services.store.columns("SELECT toString(identity) FROM records ORDER BY identity")
        assert sorted(found[0]) == ["spoofed", "verified", "verified"], writer
