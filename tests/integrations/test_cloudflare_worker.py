"""Our worker in workerd, before a real server and a real site."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.edge.rendered import GOOGLE, GOOGLEBOT, PERSON
from tests.integrations import node
from tests.integrations.conftest import Running

WORKER = Path(__file__).parents[2] / "integrations" / "cloudflare-worker" / "src" / "worker.js"


@pytest.fixture(scope="module")
def visit(running: Running) -> Iterator[node.Worker]:
    settings = {"CRAWLIGHT_URL": running.url, "CRAWLIGHT_KEY": running.edge.keys["owner"]}
    with node.worker(WORKER, settings, running.edge.origin.url) as started:
        yield started


def test_a_crawler_gets_the_snapshot_and_a_person_the_site(visit: node.Worker, running: Running) -> None:
    page = visit.get("/", GOOGLEBOT, cf_connecting_ip=GOOGLE)
    assert page["status"] == 200
    assert page["headers"]["x-crawlight-outcome"] in ("miss", "hit")
    assert "<h1>Home</h1>" in page["body"]
    assert page["headers"]["cache-control"].startswith("private, max-age=")
    assert page["headers"]["vary"] == "User-Agent, Accept, Accept-Encoding"
    assert running.edge.records("/")[-1].identity == "verified"
    person = visit.get("/", PERSON)
    assert person["status"] == 200
    assert "x-crawlight-outcome" not in person["headers"]


def test_status_and_redirects_are_handed_on(visit: node.Worker) -> None:
    soft = visit.get("/soft", GOOGLEBOT, cf_connecting_ip=GOOGLE)
    assert soft["status"] == 404
    moved = visit.get("/moved", GOOGLEBOT, cf_connecting_ip=GOOGLE)
    assert moved["status"] == 301
    assert moved["headers"]["location"] == "https://example.com/"


def test_robots_data_is_recorded_and_answered_by_the_site(visit: node.Worker, running: Running) -> None:
    for path in ("/robots.txt", "/sitemap.xml", "/llms.txt"):
        running.edge.origin.page(path, "the site's")
        assert "the site's" in visit.get(path, GOOGLEBOT, cf_connecting_ip=GOOGLE)["body"]
        assert "the site's" in visit.get(path, PERSON)["body"]
        assert [record.kind for record in running.edge.records(path)] == ["robots"]


def test_head_and_post(visit: node.Worker) -> None:
    head = visit.get("/", GOOGLEBOT, method="HEAD", cf_connecting_ip=GOOGLE)
    assert (head["status"], head["body"]) == (200, "")
    assert visit.get("/", GOOGLEBOT, method="POST", cf_connecting_ip=GOOGLE)["status"] == 200


def test_a_visit_from_an_assistant_is_counted(visit: node.Worker, running: Running) -> None:
    visit.get("/", PERSON, referer="https://chatgpt.com/")

    def told() -> list[str]:
        return [record.agent for record in running.edge.seen if record.kind == "referral"]

    wait = threading.Event()
    for _ in range(600):
        if told():
            break
        wait.wait(0.05)
    assert told()


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"CRAWLIGHT_URL": "http://127.0.0.1:9", "CRAWLIGHT_KEY": "hado_sk_" + "0" * 48},
        {"CRAWLIGHT_URL": "URL", "CRAWLIGHT_KEY": "hado_sk_" + "0" * 48},
        {"CRAWLIGHT_URL": "no address", "CRAWLIGHT_KEY": "x"},
    ],
    ids=["unset", "nobody there", "wrong key", "nonsense"],
)
def test_it_fails_open(running: Running, settings: dict[str, str]) -> None:
    chosen = {name: running.url if text == "URL" else text for name, text in settings.items()}
    with node.worker(WORKER, chosen, running.edge.origin.url) as visit:
        for agent in (GOOGLEBOT, PERSON):
            page = visit.get("/", agent, referer="https://chatgpt.com/")
            assert page["status"] == 200
            assert "<h1>Home</h1>" in page["body"]
