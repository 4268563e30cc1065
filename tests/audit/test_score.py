from hypothesis import given, settings
from hypothesis import strategies as st

from crawlight.audit import CHECKS, WEIGHTS, PageInputs, audit
from crawlight.audit.score import BLOCKED
from tests.audit.pages import URL, audited, changed, html

NOINDEX = changed("<title>", '<meta name="robots" content="noindex"><title>')


def test_the_score_is_what_the_issues_leave() -> None:
    result = audited(changed(' lang="en"', ""))
    assert result.score == 100 - sum(issue.weight for issue in result.issues)
    assert result.score == 100 - WEIGHTS["html-lang"]


def test_a_page_that_cannot_be_indexed_is_poor_and_the_reason_comes_first() -> None:
    for document, inputs in (
        (NOINDEX, {}),
        (html(), {"status": 503}),
        (html(), {"robots_txt": "User-agent: *\nDisallow: /"}),
        (changed(f'canonical" href="{URL}"', 'canonical" href="https://example.com/"'), {}),
        ("<p>nothing", {"headers": {"X-Robots-Tag": "none"}}),
    ):
        result = audited(document, **inputs)
        blocking = {check.id for check in CHECKS if check.blocks}
        assert result.score <= BLOCKED < 50
        assert not result.indexable
        assert result.issues[0].check in blocking
        assert result.issues[0].severity == "error"


def test_an_empty_page_has_a_score_too() -> None:
    for document in ("", b"", "\x00", b"\xff\xfe", "<", "<!--", "<html>", "plain text"):
        result = audited(
            document, raw_html=document, url="", headers={"Content-Type": "text/html; charset=nonsense"}
        )
        assert 0 <= result.score < 90


def test_issues_come_by_severity_then_weight() -> None:
    ranks = {"error": 0, "warning": 1, "notice": 2}
    issues = audited("<p>nothing").issues
    keys = [(ranks[issue.severity], -issue.weight) for issue in issues]
    assert keys == sorted(keys)


def test_the_same_inputs_give_the_same_audit() -> None:
    inputs = PageInputs(
        url=URL, status=200, html=NOINDEX, raw_html="<p>x", headers={"A": "b"}, robots_txt="x"
    )
    assert audit(inputs) == audit(inputs)


def test_weights_are_of_checks_of_the_page_itself() -> None:
    assert set(WEIGHTS) == {check.id for check in CHECKS if check.find}
    assert len({check.id for check in CHECKS}) == len(CHECKS)
    assert all(WEIGHTS[check.id] > 100 - 50 for check in CHECKS if check.blocks)


PIECES = """
<html lang=en> <head> <title> </title> <meta <link <a <img <h1> <h6> </ <script type="application/ld+json"> </script>
<svg> <template> <noscript> <table> <td> <form> <base href= <!-- --> <![CDATA[ <main> <nav> name=robots content=
href= rel=canonical rel=alternate hreflang= src= alt= " ' > &#0; &amp {"@type": "Product"} [ { javascript: http:// //
# ?a=1 404 noindex
"""
TAGS = st.sampled_from([*PIECES.split(), "\x00", "\udfff", "\u202e"])


@settings(deadline=None)
@given(st.lists(TAGS | st.text(max_size=10), max_size=60).map(" ".join))
def test_no_html_makes_an_audit_fail(document: str) -> None:
    result = audited(document, raw_html=document[: len(document) // 2], robots_txt=document)
    assert 0 <= result.score <= 100
    assert all(len(element) <= 200 for issue in result.issues for element in issue.elements)
    assert all(len(issue.found) <= 400 for issue in result.issues)


@settings(deadline=None)
@given(st.binary(max_size=300), st.text(max_size=40), st.text(max_size=40), st.integers(0, 1000))
def test_no_bytes_make_an_audit_fail(document: bytes, url: str, header: str, status: int) -> None:
    headers = {"content-type": header, "x-robots-tag": header}
    result = audited(document, raw_html=document, url=url, status=status, headers=headers, robots_txt=header)
    assert 0 <= result.score <= 100
