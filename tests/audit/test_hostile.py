"""Documents made to take long or much: they end with a clear issue."""

import subprocess
import sys

import pytest

from crawlight.audit.limits import readable
from tests.audit.pages import audited, html

MEASURED = """
import resource
from crawlight.audit import PageInputs, audit

before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
part = b'<p class="x">Some text of a page <a href="/x">and a link</a> <img src="/a"></p>'
document = part * (20_000_000 // len(part))
result = audit(PageInputs(url="https://example.com/", status=200, html=document, raw_html=document))
assert "document-size" in {issue.check for issue in result.issues}
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""

HOSTILE = {
    "deep": "<div>" * 400_000,
    "deep inline": "<b><i>" * 300_000,
    "deep tables": "<table><tr><td>" * 130_000,
    "deep and closed": "<section>" * 90_000 + "</section>" * 90_000,
    "a million attributes": f"<p {' '.join(f'a{n}' for n in range(1_000_000))}>",
    "quoted attributes": "<p " + "".join(f'a{n}=">"' for n in range(200_000)) + ">",
    "attributes after a comment": "<!-- <p ' -->" + f"<p {' '.join(f'a{n}' for n in range(200_000))}>",
    "attributes after a script": "<script>'\"<p </script>" + f"<p {'b ' * 300_000}>",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_overdoes_it_is_left_off_with_an_issue(name: str) -> None:
    issues = {issue.check for issue in audited(html(body=HOSTILE[name])).issues}
    assert "document-structure" in issues


@pytest.mark.parametrize(
    "document",
    [
        "<p>x" * 500_000,
        "<" * 2_000_000,
        "<!--" * 500_000,
        "<script>" * 250_000,
        "</a " * 500_000,
        "\x00" * 1_000_000,
        "\udfff" * 100_000,
        "&" * 1_000_000,
        '<script type="application/ld+json">[' + '{"@type":"Product"},' * 90_000 + "1]</script>",
        '<script type="application/ld+json">' + "[" * 900_000,
        '<meta name="description" content="' + "x" * 1_900_000 + '">',
    ],
    ids=lambda document: document[:20].encode("ascii", "replace").decode(),
)
def test_what_is_only_much_is_audited(document: str) -> None:
    result = audited(document)
    assert 0 <= result.score <= 100
    assert sum(len(issue.found) + sum(map(len, issue.elements)) for issue in result.issues) < 20_000


def test_what_is_read_is_the_document_up_to_where_it_overdoes_it() -> None:
    text = "<p>before</p>" + "<div>" * 400_000
    part, reason = readable(text)
    assert part == "<p>before</p>" + "<div>" * 1_000
    assert reason.startswith("Elements are nested more than 1,000 deep")
    assert readable("<div>" * 900) == ("<div>" * 900, "")


def test_memory_is_bounded_on_a_page_of_20_megabytes() -> None:
    """Beside the document itself, which the measured process holds and cuts."""
    done = subprocess.run([sys.executable, "-c", MEASURED], capture_output=True, text=True, check=True)
    kilobytes = int(done.stdout) // (1024 if sys.platform == "darwin" else 1)
    assert kilobytes < 400_000


def test_a_page_of_icons_is_not_deep() -> None:
    icons = '<svg viewBox="0 0 24 24"><path d="M0 0h24"/><circle r="2" /></svg>' * 11_000
    assert readable(f"<html><body>{icons}</body></html>")[1] == ""
