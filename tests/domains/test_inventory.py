import pytest

from crawlight.accounts.people import create_account
from crawlight.database.engine import Database
from crawlight.domains.inventory import SORTS, Bucket, Sort, Wanted, find_pages, page_of
from crawlight.domains.pages import learn, mark_gone, record_audit
from crawlight.domains.registry import add_domain
from crawlight.domains.wanted import want
from crawlight.ids import DomainId
from crawlight.settings import DEFAULT_PLANS

pytestmark = pytest.mark.anyio

PATHS = ("/", "/a_b", "/aXb", "/100%25", "/new", "/gone", "/Chairs?sort=price")


@pytest.fixture
async def domain_id(database: Database) -> DomainId:
    await create_account(database, DEFAULT_PLANS, "me@example.org")
    domain = await add_domain(database, "example.com", "me@example.org")
    await learn(database, domain.id, PATHS)
    for path, score, issues in (("/", 95, 1), ("/a_b", 50, 3), ("/aXb", 49, 2), ("/100%25", 89, 9)):
        await record_audit(database, domain.id, path, score, issues)
    await mark_gone(database, domain.id, "/gone")
    await want(database, domain.id, ["/never-seen"], "purge")
    return domain.id


async def paths(
    database: Database, domain_id: DomainId, bucket: Bucket = "", sort: Sort = "score", search: str = ""
) -> list[str]:
    wanted = Wanted(bucket=bucket, sort=sort, search=search)
    found, total = await find_pages(database, domain_id, wanted, limit=100)
    assert total == len(found)
    return [page.path for page in found]


async def test_buckets_are_those_of_the_score(database: Database, domain_id: DomainId) -> None:
    assert set(await paths(database, domain_id)) == set(PATHS) - {"/gone"}
    assert await paths(database, domain_id, bucket="good") == ["/"]
    assert await paths(database, domain_id, bucket="needs-work") == ["/a_b", "/100%25"]
    assert await paths(database, domain_id, bucket="poor") == ["/aXb"]
    assert await paths(database, domain_id, bucket="unknown") == ["/Chairs?sort=price", "/new"]
    assert await paths(database, domain_id, bucket="gone") == ["/gone"]


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("a_b", {"/a_b"}),
        ("%", {"/100%25"}),
        ("chairs", {"/Chairs?sort=price"}),
        ("SORT=", {"/Chairs?sort=price"}),
    ],
)
async def test_a_search_is_a_part_of_the_path_and_no_pattern(
    database: Database, domain_id: DomainId, search: str, found: set[str]
) -> None:
    assert set(await paths(database, domain_id, search=search)) == found


async def test_pages_without_a_score_come_last(database: Database, domain_id: DomainId) -> None:
    assert (await paths(database, domain_id, sort="score"))[:4] == ["/aXb", "/a_b", "/100%25", "/"]
    assert (await paths(database, domain_id, sort="-score"))[:4] == ["/", "/100%25", "/a_b", "/aXb"]
    assert (await paths(database, domain_id, sort="issues"))[:4] == ["/100%25", "/a_b", "/aXb", "/"]


@pytest.mark.parametrize("sort", SORTS)
async def test_pieces_make_the_whole(database: Database, domain_id: DomainId, sort: Sort) -> None:
    whole = await paths(database, domain_id, sort=sort)
    pieces = []
    for offset in range(0, len(whole), 2):
        piece, total = await find_pages(database, domain_id, Wanted(sort=sort), limit=2, offset=offset)
        assert total == len(whole)
        pieces += [page.path for page in piece]
    assert pieces == whole


async def test_one_page(database: Database, domain_id: DomainId) -> None:
    known, gone, wanted = [
        await page_of(database, domain_id, path) for path in ("/a_b", "/gone", "/never-seen")
    ]
    assert known is not None
    assert gone is not None
    assert wanted is not None
    assert known.score == 50
    assert gone.gone_at is not None
    assert (wanted.first_seen_at, wanted.wanted_at is not None) == (None, True)
    assert await page_of(database, domain_id, "/nothing") is None
    assert await page_of(database, DomainId(domain_id + 1), "/a_b") is None
