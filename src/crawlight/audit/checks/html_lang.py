"""The language of a page stands in its html element."""

from crawlight.audit.check import Check, Found, found
from crawlight.audit.guidance import Guidance
from crawlight.audit.languages import is_language_tag
from crawlight.audit.page import Page


def find(page: Page) -> Found | None:
    """No lang attribute, or one that names no language."""
    roots = page.document.of("html")
    lang = roots[0].get("lang") if roots else ""
    if is_language_tag(lang):
        return None
    text = (
        f"lang is “{lang[:40]}”, which names no language."
        if lang
        else "The html element has no lang attribute."
    )
    return found(text)


CHECK = Check(
    id="html-lang",
    title="The page does not name its language",
    severity="warning",
    fix='Write the language into the html element, such as lang="en" or lang="pt-BR".',
    guidance=Guidance("https://www.w3.org/International/questions/qa-html-language-declarations"),
    find=find,
)
