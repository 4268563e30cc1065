"""Of pages of real shapes, the main text is kept and the navigation is not: checked against marked-up truth."""

from pathlib import Path

import pytest

from crawlight.markdown.facts import HEADING
from crawlight.markdown.page import to_markdown
from tests.markdown.truth import PAGES, UNKIND, URL, Truth, kept, truth, words

MAIN = 0.98
NAVIGATION = 0.05


def named(path: Path) -> str:
    return path.stem


def test_there_are_pages_of_twenty_shapes_and_unkind_ones() -> None:
    assert len(PAGES) >= 20
    assert len(UNKIND) >= 8
    assert all(page.main.total() > 5 and page.nav for page in map(truth, [*PAGES, *UNKIND]))


@pytest.mark.parametrize("path", [*PAGES, *UNKIND], ids=named)
def test_the_main_text_is_kept_and_the_navigation_is_not(path: Path) -> None:
    page = truth(path)
    markdown = to_markdown(page.html, URL).text.partition(f"\n{HEADING}\n")[0]
    main, navigation = kept(page, markdown)
    assert main >= MAIN
    assert navigation <= NAVIGATION


def test_the_measure_finds_what_is_lost_and_what_is_too_much() -> None:
    page = Truth("", words("one two three four"), words("home about"), words("share"))
    assert kept(page, "one two three four share") == (1.0, 0.0)
    assert kept(page, "one two three home [four](https://example.com/about)") == (1.0, 0.5)
    assert kept(page, "---\ntitle: four\n---\none two") == (0.5, 0.0)


def body(html: str) -> str:
    return to_markdown(html, URL).text.partition("---\n\n")[2].strip()


def test_a_header_before_main_is_kept_where_it_has_the_title() -> None:
    page = "<header>{}</header><main><p>The text of the page.</p></main>"
    assert body(page.format("<h1>Title</h1><p>Lead</p>")) == "# Title\n\nLead\n\nThe text of the page."
    assert body(page.format('<h1 class="logo">Site</h1>')) == "The text of the page."
    assert body(page.format('<h1><a href="/">Site</a></h1>')) == "The text of the page."


def test_a_main_that_is_but_a_part_of_the_text_does_not_decide() -> None:
    page = (
        "<main><p>Loading</p></main><div><h1>Title</h1><p>All of the text, of which there is more.</p></div>"
    )
    assert "All of the text" in body(page)


def test_what_is_hidden_is_left_out_unless_a_button_shows_it() -> None:
    page = """<main><h1>Title</h1><p>Seen</p><p hidden>a</p><p aria-hidden="true">b</p>
    <p style="display: none">c</p><dialog>d</dialog><template>e</template><noscript>f</noscript>
    <button aria-expanded="false" aria-controls="x">More</button><div id="x" hidden><p>Unfolded</p></div></main>"""
    assert body(page) == "# Title\n\nSeen\n\n**More**\n\nUnfolded"


def test_a_page_without_text_has_front_matter_only() -> None:
    for html in ("", "<html></html>", "<nav><a href='/'>Home</a></nav>", "<main></main>"):
        assert to_markdown(html, URL).text == f'---\ncanonical: "{URL}"\n---\n'
