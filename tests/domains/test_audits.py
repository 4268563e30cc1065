import random

import pytest
from sqlalchemy import func, select, update

from crawlight.audit import VERSION, PageInputs, audit
from crawlight.database.engine import Database
from crawlight.database.tables import Domain, Page, PageAudit
from crawlight.domains import audits, pages, wanted
from crawlight.domains.registry import add_domain
from crawlight.rendering.warming import want_outdated

pytestmark = pytest.mark.anyio


async def store(database: Database, domain: Domain, path: str, html: str = "", status: int = 200) -> None:
    inputs = PageInputs(url=f"https://example.com{path}", status=status, html=html)
    await audits.record(database, domain.id, path, audit(inputs))


async def checks(database: Database, domain: Domain, path: str) -> set[str]:
    stored = await audits.of_page(database, domain.id, path)
    assert stored is not None
    return {issue.check for issue in stored.issues}


async def assert_counts(database: Database, domain: Domain) -> None:
    """The counts of the export equal what is stored of each page."""
    async with database.read() as session:
        known = select(Page).where(Page.domain_id == domain.id, Page.first_seen_at.is_not(None))
        rows = list(await session.scalars(known.where(Page.gone_at.is_(None))))
    for row in rows:
        stored = await audits.of_page(database, domain.id, row.path)
        assert stored is not None
        assert row.seo_issues_count == len(stored.issues)
    counts = (await pages.seo_counts(database, [domain.id]))[domain.id]
    assert counts.total_issues == sum(row.seo_issues_count for row in rows)
    assert counts.good + counts.needs_work + counts.poor == len(rows)


async def test_an_audit_is_read_as_it_was_made(database: Database, domain: Domain) -> None:
    inputs = PageInputs(
        url="https://example.com/a", status=200, html='<title>A</title><meta name="robots" content="noindex">'
    )
    made = audit(inputs)
    await audits.record(database, domain.id, "/a", made)
    stored = await audits.of_page(database, domain.id, "/a")
    assert stored is not None
    assert (stored.path, stored.score, stored.issues) == ("/a", made.score, made.issues)
    assert (stored.version, stored.indexable) == (VERSION, False)
    assert await pages.scores_for(database, {domain.id: ["/a"]}) == {
        (domain.id, "/a"): (made.score, len(made.issues))
    }
    await assert_counts(database, domain)


@pytest.mark.parametrize("status", [200, 404])
async def test_a_page_that_became_a_redirect_keeps_nothing(
    database: Database, domain: Domain, status: int
) -> None:
    same = "<title>One title</title>"
    await store(database, domain, "/a", same, status)
    await store(database, domain, "/b", same)
    await audits.drop(database, domain.id, "/a")
    assert await audits.of_page(database, domain.id, "/a") is None
    assert await pages.scores_for(database, {domain.id: ["/a"]}) == {(domain.id, "/a"): (None, 0)}
    assert "duplicate-title" not in await checks(database, domain, "/b")
    counts = (await pages.seo_counts(database, [domain.id]))[domain.id]
    assert (counts.unknown, counts.good + counts.needs_work + counts.poor) == (1, 1)


async def test_a_page_never_audited_has_no_audit(database: Database, domain: Domain) -> None:
    await pages.learn(database, domain.id, ["/a"])
    assert await audits.of_page(database, domain.id, "/a") is None
    assert await audits.of_page(database, domain.id, "/never") is None


async def test_a_second_audit_replaces_the_first(database: Database, domain: Domain) -> None:
    await store(database, domain, "/a")
    assert "title-missing" in await checks(database, domain, "/a")
    await store(database, domain, "/a", "<title>A</title>")
    assert "title-missing" not in await checks(database, domain, "/a")
    await assert_counts(database, domain)


async def test_a_page_that_answers_404_is_gone(database: Database, domain: Domain) -> None:
    await store(database, domain, "/a", "<title>A</title>")
    await store(database, domain, "/a", "<title>Not found</title>", 404)
    counts = (await pages.seo_counts(database, [domain.id]))[domain.id]
    assert (counts.good, counts.needs_work, counts.poor, counts.total_issues) == (0, 0, 0, 0)
    assert await audits.worst(database, domain.id) == []
    await store(database, domain, "/a", "<title>A</title>")
    await assert_counts(database, domain)


async def test_pages_with_the_same_title_find_each_other(database: Database, domain: Domain) -> None:
    for path in ("/a", "/b", "/c"):
        await store(database, domain, path, f"<title>{'Same' if path != '/c' else 'Other'}</title>")
    assert "duplicate-title" in await checks(database, domain, "/a")
    assert "duplicate-title" in await checks(database, domain, "/b")
    assert "duplicate-title" not in await checks(database, domain, "/c")
    score = (await pages.scores_for(database, {domain.id: ["/a"]}))[domain.id, "/a"][0]
    await store(database, domain, "/b", "<title>Another</title>")
    assert "duplicate-title" not in await checks(database, domain, "/a")
    assert (await pages.scores_for(database, {domain.id: ["/a"]}))[domain.id, "/a"][0] == score
    await assert_counts(database, domain)


async def test_language_versions_have_to_be_there(database: Database, domain: Domain) -> None:
    page = "<title>A</title>" + "".join(
        f'<link rel="alternate" hreflang="{code}" href="https://example.com/{code}">'
        for code in ("en", "de", "fr")
    )
    await store(database, domain, "/de", '<title>B</title><meta name="robots" content="noindex">')
    await store(database, domain, "/fr", "<title>C</title>")
    await store(database, domain, "/en", page)
    stored = await audits.of_page(database, domain.id, "/en")
    assert stored is not None
    (issue,) = (issue for issue in stored.issues if issue.check == "hreflang-broken")
    assert issue.elements == ("/de",)
    await store(database, domain, "/de", "<title>B</title>")
    await store(database, domain, "/en", page)
    assert "hreflang-broken" not in await checks(database, domain, "/en")


async def test_descriptions_are_compared_without_case(database: Database, domain: Domain) -> None:
    for path, text in (("/a", "What we sell"), ("/b", "WHAT  we sell")):
        await store(
            database, domain, path, f'<title>{path}</title><meta name="description" content="{text}">'
        )
    assert "duplicate-description" in await checks(database, domain, "/a")
    assert "duplicate-title" not in await checks(database, domain, "/a")


async def test_pages_without_a_title_are_no_duplicates(database: Database, domain: Domain) -> None:
    await store(database, domain, "/a")
    await store(database, domain, "/b")
    assert "duplicate-title" not in await checks(database, domain, "/a")


async def test_what_is_gone_or_not_indexed_is_no_duplicate(database: Database, domain: Domain) -> None:
    await store(database, domain, "/a", "<title>Same</title>")
    await store(database, domain, "/gone", "<title>Same</title>", 404)
    await store(database, domain, "/hidden", '<title>Same</title><meta name="robots" content="noindex">')
    assert "duplicate-title" not in await checks(database, domain, "/a")


async def test_domains_do_not_share_titles(database: Database, domain: Domain) -> None:
    other = await add_domain(database, "other.example", "stranger@example.org")
    await store(database, domain, "/a", "<title>Same</title>")
    await store(database, other, "/b", "<title>Same</title>")
    assert "duplicate-title" not in await checks(database, other, "/b")


async def test_language_versions_must_link_back(database: Database, domain: Domain) -> None:
    def html(*paths: str) -> str:
        return "".join(f'<link rel="alternate" hreflang="de" href="{path}">' for path in paths)

    await store(database, domain, "/de", html("/en"))
    assert "hreflang-return" not in await checks(database, domain, "/de")  # Nothing is known of /en yet.
    await store(database, domain, "/en", html("/fr"))
    await store(database, domain, "/de", html("/en"))
    assert "hreflang-return" in await checks(database, domain, "/de")
    await store(database, domain, "/en", html("/de"))
    assert "hreflang-return" not in await checks(database, domain, "/de")
    assert "hreflang-return" not in await checks(database, domain, "/en")
    await assert_counts(database, domain)


async def test_links_to_pages_that_are_gone_are_found(database: Database, domain: Domain) -> None:
    await store(database, domain, "/old", status=410)
    await store(database, domain, "/there")
    links = '<a href="/old">o</a><a href="/there">t</a><a href="https://www.example.com/old#x">o</a><a href="/?">n</a>'
    await store(database, domain, "/a", links)
    stored = await audits.of_page(database, domain.id, "/a")
    assert stored is not None
    (issue,) = (issue for issue in stored.issues if issue.check == "broken-links")
    assert (issue.elements, issue.count, issue.weight) == (("/old",), 1, 0)


async def test_a_canonical_page_must_exist_and_be_indexable(database: Database, domain: Domain) -> None:
    def html(path: str) -> str:
        return f'<link rel="canonical" href="https://example.com{path}">'

    await store(database, domain, "/old", status=404)
    await store(database, domain, "/hidden", '<meta name="robots" content="noindex">')
    await store(database, domain, "/there", html("/there"))
    for path, broken in (("/old", True), ("/hidden", True), ("/there", False), ("/never", False)):
        await store(database, domain, "/a", html(path))
        assert ("canonical-broken" in await checks(database, domain, "/a")) is broken
    await assert_counts(database, domain)


async def test_the_worst_pages_come_first(database: Database, domain: Domain) -> None:
    await store(database, domain, "/poor", '<meta name="robots" content="noindex">')
    await store(database, domain, "/best", '<title>A</title><meta name="description" content="x">')
    await store(database, domain, "/middle")
    await pages.learn(database, domain.id, ["/unknown"])
    worst = await audits.worst(database, domain.id)
    assert [page.path for page in worst] == ["/poor", "/middle", "/best"]
    assert [page.path for page in await audits.worst(database, domain.id, 1)] == ["/poor"]


async def test_pages_audited_by_older_rules_are_rendered_and_audited_anew(
    database: Database, domain: Domain
) -> None:
    await store(database, domain, "/a")
    await store(database, domain, "/gone", status=404)
    assert await audits.outdated(database) == []
    async with database.write() as session:
        await session.execute(update(PageAudit).values(version=VERSION - 1))
    assert await audits.outdated(database) == [(domain.id, "/a")]
    assert await want_outdated(database) == 1
    (claim,) = await wanted.claim(database, 2)
    assert (claim.path, claim.reason) == ("/a", "warm")
    assert await want_outdated(database) == 0
    await wanted.done(database, claim)
    assert await audits.outdated(database) == [(domain.id, "/a")]
    await store(database, domain, "/a")
    assert await audits.outdated(database) == []


async def test_audits_go_with_their_domain(database: Database, domain: Domain) -> None:
    await store(database, domain, "/a")
    async with database.write() as session:
        await session.delete(await session.get_one(Domain, domain.id))
    async with database.read() as session:
        assert await session.scalar(select(func.count()).select_from(PageAudit)) == 0


async def test_counts_agree_after_any_audits(database: Database, domain: Domain) -> None:
    chance = random.Random(6)
    paths = [f"/{n}" for n in range(5)]
    for _ in range(60):
        title = chance.choice(["Same", "Other", ""])
        links = "".join(
            f'<link rel="alternate" hreflang="de" href="{path}"><a href="{path}">x</a>'
            for path in chance.sample(paths, 2)
        )
        status = chance.choice([200, 200, 200, 404])
        await store(database, domain, chance.choice(paths), f"<title>{title}</title>{links}", status)
    await assert_counts(database, domain)
